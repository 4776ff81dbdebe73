import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import { EMPTY_GUID } from '../../model/guid.ts';
import { badRequest, ServiceError } from '../../service/errors.ts';
import { BLOCK_BYTES, checkFile, clearFile, storeFile } from '../../service/files/file-store.ts';
import { requireImage } from '../../service/files/images.ts';
import { isList, numberText, textMember } from '../../service/json.ts';
import type { JsonObject } from '../../service/json.ts';
import type { UploadSession } from '../../service/upload-sessions.ts';
import { requireAccess } from '../../service/update-row.ts';
import type { Row } from '../../store/table-store.ts';
import { isReference, plainText, textOf } from '../../store/values.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { contentOf, isFileColumn, requireFileWrite } from '../file-resource.ts';
import { result, type Operation } from './operation.ts';
import { actionBody, requireTarget, requireText } from './targets.ts';

/** Block messages for file and image columns. Blocks and downloads are shared with notes and attachments. */
export const fileOperations = {
  InitializeFileBlocksUpload: { method: 'POST', run: initializeUpload },
  UploadBlock: { method: 'POST', run: uploadBlock },
  CommitFileBlocksUpload: { method: 'POST', run: commitUpload },
  InitializeFileBlocksDownload: { method: 'POST', run: initializeDownload },
  DownloadBlock: { method: 'POST', run: downloadBlock },
  DeleteFile: { method: 'POST', run: deleteFile },
} satisfies Record<string, Operation>;

function initializeUpload(call: Call): ApiResponse {
  const body = actionBody(call, 'InitializeFileBlocksUpload');
  const { table, row, column } = fileTarget(call, body, 'InitializeFileBlocksUpload');
  requireFileWrite(call, table, row, column);
  const token = call.context.environment.uploads.beginUpload({
    purpose: 'file',
    table: table.logicalName,
    rowId: row.id,
    column: column.logicalName,
    fileName: requireText(body, 'FileName', 'InitializeFileBlocksUpload'),
    blocks: new Map(),
  });
  return result(call, 'InitializeFileBlocksUpload', { FileContinuationToken: token });
}

function fileTarget(
  call: Call,
  body: JsonObject,
  action: string,
): { table: TableDefinition; row: Row; column: ColumnDefinition } {
  const { table, row } = requireTarget(call, body['Target'], action);
  const name = requireText(body, 'FileAttributeName', action);
  const column = table.columns.get(name);
  if (column === undefined || !isFileColumn(column)) {
    throw badRequest(`The attribute '${name}' of '${table.logicalName}' is not a file or image attribute.`);
  }
  return { table, row, column };
}

function uploadBlock(call: Call): ApiResponse {
  const body = actionBody(call, 'UploadBlock');
  const session = requireUpload(call, body, 'UploadBlock');
  const id = requireText(body, 'BlockId', 'UploadBlock');
  const bytes = Buffer.from(requireText(body, 'BlockData', 'UploadBlock'), 'base64');
  if (bytes.length > BLOCK_BYTES) throw badRequest('A block must not be larger than 4 MB.', '0x80044a02');
  const [other] = session.blocks.keys();
  if (Buffer.from(id, 'base64').length > 64 || (other !== undefined && other.length !== id.length)) {
    throw badRequest('Block ids must be base64, of equal length and at most 64 bytes.', '0x80040203');
  }
  session.blocks.set(id, bytes);
  return noContent();
}

export function requireUpload(call: Call, body: JsonObject, action: string): UploadSession {
  const session = call.context.environment.uploads.upload(requireText(body, 'FileContinuationToken', action));
  if (session === undefined) throw badRequest('The file continuation token is not valid.', '0x80040203');
  return session;
}

/** The blocks in the order of the commit's list. Ends the session. */
export function committedBytes(call: Call, body: JsonObject, session: UploadSession, action: string): Buffer {
  const list = body['BlockList'];
  if (!isList(list)) throw badRequest(`Parameter 'BlockList' of '${action}' is missing.`, '0x80048d19');
  const blocks = list.map((id) => {
    const block = typeof id === 'string' ? session.blocks.get(id) : undefined;
    if (block === undefined)
      throw badRequest(`The block '${typeof id === 'string' ? id : ''}' was not uploaded.`, '0x80040203');
    return block;
  });
  call.context.environment.uploads.endUpload(requireText(body, 'FileContinuationToken', action));
  return Buffer.concat(blocks);
}

function commitUpload(call: Call): ApiResponse {
  const body = actionBody(call, 'CommitFileBlocksUpload');
  const session = requireUpload(call, body, 'CommitFileBlocksUpload');
  const { environment } = call.context;
  const table = environment.schema.table(session.table);
  const column = table?.columns.get(session.column);
  if (table === undefined || column === undefined) throw badRequest('The column is gone.', '0x80041103');
  const bytes = committedBytes(call, body, session, 'CommitFileBlocksUpload');
  const content = {
    name: textMember(body, 'FileName') ?? session.fileName,
    mimeType: textMember(body, 'MimeType') ?? 'application/octet-stream',
    bytes,
  };
  checkFile(environment, column, content);
  if (column.type === 'ImageType') requireImage(bytes);
  const FileId = environment.database.transaction(() =>
    storeFile(environment, table, session.rowId, column.logicalName, content),
  );
  return result(call, 'CommitFileBlocksUpload', { FileId, FileSizeInBytes: bytes.length });
}

function initializeDownload(call: Call): ApiResponse {
  const body = actionBody(call, 'InitializeFileBlocksDownload');
  const { table, row, column } = fileTarget(call, body, 'InitializeFileBlocksDownload');
  requireAccess(call.context, table, row, 'Read');
  const content = contentOf(call, table, row, column, true);
  if (content === undefined) throw noFile(table, row, column);
  return beginDownload(call, 'InitializeFileBlocksDownload', content.name, content.bytes);
}

export function beginDownload(call: Call, action: string, name: string, bytes: Uint8Array): ApiResponse {
  const token = call.context.environment.uploads.beginDownload({ bytes });
  return result(call, action, {
    FileContinuationToken: token,
    FileSizeInBytes: bytes.length,
    FileName: name,
    IsChunkingSupported: call.context.environment.switches.fileChunking,
  });
}

function noFile(table: TableDefinition, row: Row, column: ColumnDefinition): ServiceError {
  const image = column.type === 'ImageType';
  const id = textOf(row.values[`${column.logicalName}id`]) ?? EMPTY_GUID;
  return new ServiceError(
    404,
    '0x80040217',
    image
      ? `No FileAttachment records found for imagedescriptorId: ${id} for image attribute: ${column.logicalName} of ${table.logicalName} record with id ${row.id}.`
      : `No file attachment found for attribute: ${column.logicalName} EntityId: ${row.id}.`,
  );
}

function downloadBlock(call: Call): ApiResponse {
  const body = actionBody(call, 'DownloadBlock');
  const token = requireText(body, 'FileContinuationToken', 'DownloadBlock');
  const session = call.context.environment.uploads.download(token);
  if (session === undefined) throw badRequest('The file continuation token is not valid.', '0x80040203');
  const offset = Number(numberText(body['Offset']) ?? 0);
  const length = Number(numberText(body['BlockLength']) ?? 0);
  const { fileChunking } = call.context.environment.switches;
  if (!fileChunking && (offset > 0 || length < session.bytes.length))
    throw badRequest('This file can only be downloaded whole.', '0x80040203');
  const most = fileChunking ? Math.min(length, BLOCK_BYTES) : length;
  const block = session.bytes.subarray(offset, offset + most);
  return result(call, 'DownloadBlock', { Data: Buffer.from(block).toString('base64') });
}

function deleteFile(call: Call): ApiResponse {
  const { environment } = call.context;
  const id = requireText(actionBody(call, 'DeleteFile'), 'FileId', 'DeleteFile').toLowerCase();
  const attachment = environment.database.get('fileattachment', id);
  const owner = attachment?.values['objectid'];
  const table = isReference(owner) ? environment.schema.table(owner.table) : undefined;
  const row = isReference(owner) ? environment.database.get(owner.table, owner.id) : undefined;
  const column = table?.columns.get(plainText(attachment?.values['regardingfieldname']));
  if (table === undefined || row === undefined || column === undefined) {
    throw new ServiceError(404, '0x80040217', `FileAttachment With Id = ${id} Does Not Exist`);
  }
  requireFileWrite(call, table, row, column);
  environment.database.transaction(() => clearFile(environment, table, row.id, column.logicalName));
  return noContent();
}

import { createRow } from '../../service/create-row.ts';
import { badRequest, ServiceError, unsupportedMessage } from '../../service/errors.ts';
import { isObject, textMember, type JsonObject } from '../../service/json.ts';
import { bodyColumn } from '../../service/notes.ts';
import { requireAccess, updateRow } from '../../service/update-row.ts';
import { plainText } from '../../store/values.ts';
import type { ApiResponse, Call } from '../api.ts';
import { beginDownload, committedBytes, requireUpload } from './file-operations.ts';
import { result, type Operation } from './operation.ts';
import { actionBody, readTarget, requireTarget } from './targets.ts';

/** Block messages for the bodies of notes and mail attachments. */
export const noteOperations = {
  InitializeAnnotationBlocksUpload: {
    method: 'POST',
    run: (call) => initialize(call, 'annotation', 'InitializeAnnotationBlocksUpload'),
  },
  CommitAnnotationBlocksUpload: {
    method: 'POST',
    run: (call) => commit(call, 'CommitAnnotationBlocksUpload', 'AnnotationId'),
  },
  InitializeAnnotationBlocksDownload: {
    method: 'POST',
    run: (call) => download(call, 'InitializeAnnotationBlocksDownload'),
  },
  InitializeAttachmentBlocksUpload: {
    method: 'POST',
    run: (call) => initialize(call, 'attachment', 'InitializeAttachmentBlocksUpload'),
  },
  CommitAttachmentBlocksUpload: {
    method: 'POST',
    run: (call) => commit(call, 'CommitAttachmentBlocksUpload', 'ActivityMimeAttachmentId'),
  },
  InitializeAttachmentBlocksDownload: {
    method: 'POST',
    run: (call) => download(call, 'InitializeAttachmentBlocksDownload'),
  },
} satisfies Record<string, Operation>;

function initialize(call: Call, purpose: 'annotation' | 'attachment', action: string): ApiResponse {
  const { table, id, body } = readTarget(call, actionBody(call, action)['Target'], action);
  const token = call.context.environment.uploads.beginUpload({
    purpose,
    table: table.logicalName,
    rowId: id ?? '',
    column: bodyColumn(table.logicalName) ?? '',
    fileName: textMember(body, 'filename') ?? '',
    blocks: new Map(),
  });
  return result(call, action, { FileContinuationToken: token });
}

/** Writes the row with the joined blocks as its body: a new row, or for notes an existing one. */
function commit(call: Call, action: string, idName: string): ApiResponse {
  const body = actionBody(call, action);
  const session = requireUpload(call, body, action);
  const { table, id } = readTarget(call, body['Target'], action);
  const column = bodyColumn(table.logicalName);
  if (column === undefined || table.logicalName !== session.table)
    throw unsupportedMessage(table.logicalName);
  const bytes = committedBytes(call, body, session, action);
  const target = body['Target'];
  const values: JsonObject = { ...(isObject(target) ? target : {}), [column]: bytes.toString('base64') };
  const existing =
    id === undefined ? undefined : call.context.environment.database.get(table.logicalName, id);
  if (existing !== undefined && session.purpose === 'attachment') {
    throw badRequest('An existing attachment cannot be changed.', '0x80040800');
  }
  const context = { ...call.context, bodyInBlocks: true as const };
  const row =
    existing === undefined ? createRow(context, table, values) : updateRow(context, table, existing, values);
  return result(call, action, { [idName]: row.id, FileSizeInBytes: bytes.length });
}

function download(call: Call, action: string): ApiResponse {
  const { table, row } = requireTarget(call, actionBody(call, action)['Target'], action);
  requireAccess(call.context, table, row, 'Read');
  const text = row.values[bodyColumn(table.logicalName) ?? ''];
  if (typeof text !== 'string') {
    throw new ServiceError(
      404,
      '0x80040217',
      `No attachment content found for ${table.logicalName} ${row.id}.`,
    );
  }
  return beginDownload(call, action, plainText(row.values['filename']), Buffer.from(text, 'base64'));
}

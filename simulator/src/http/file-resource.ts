import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Segment } from '../odata/url.ts';
import { columnDenied, mayTouch } from '../security/columns.ts';
import { badRequest, methodNotAllowed, segmentNotFound, ServiceError } from '../service/errors.ts';
import { BLOCK_BYTES, checkFile, clearFile, storeFile } from '../service/files/file-store.ts';
import { requireImage } from '../service/files/images.ts';
import { mimeTypeOfImage } from '../service/files/image-kinds.ts';
import { setName } from '../service/payload.ts';
import { requireAccess } from '../service/update-row.ts';
import type { Row } from '../store/table-store.ts';
import { isReference } from '../store/values.ts';
import { json, noContent, type ApiResponse, type Call } from './api.ts';

export function isFileColumn(column: ColumnDefinition): boolean {
  return column.type === 'FileType' || column.type === 'ImageType';
}

/** `accounts(id)/new_file`, `…/$value`, `…?sessiontoken=`: contents of file and image columns. */
export function fileResource(
  call: Call,
  table: TableDefinition,
  row: Row,
  column: ColumnDefinition,
  deeper: readonly Segment[],
): ApiResponse {
  const raw = deeper[0]?.name === '$value';
  if (deeper.length > (raw ? 1 : 0)) throw segmentNotFound(deeper[0]?.name ?? '');
  switch (call.method) {
    case 'GET':
      requireAccess(call.context, table, row, 'Read');
      return download(call, table, row, column, raw);
    case 'PATCH':
    case 'PUT':
      requireFileWrite(call, table, row, column);
      return upload(call, table, row, column);
    case 'DELETE':
      requireFileWrite(call, table, row, column);
      call.context.environment.database.transaction(() =>
        clearFile(call.context.environment, table, row.id, column.logicalName),
      );
      return noContent();
    default:
      throw methodNotAllowed(call.method);
  }
}

export function requireFileWrite(
  call: Call,
  table: TableDefinition,
  row: Row,
  column: ColumnDefinition,
): void {
  const { environment, caller } = call.context;
  requireAccess(call.context, table, row, 'Write');
  if (!mayTouch(environment, caller, table, column, 'update'))
    throw columnDenied(caller, table, column, 'update');
}

/** What can be downloaded: of an image the thumbnail, or with `?size=full` the original where one is kept. */
export function contentOf(
  call: Call,
  table: TableDefinition,
  row: Row,
  column: ColumnDefinition,
  full: boolean,
): { name: string; mimeType: string; bytes: Uint8Array } | undefined {
  const { environment, caller } = call.context;
  if (!mayTouch(environment, caller, table, column, 'read')) return undefined;
  const image = column.type === 'ImageType';
  if (image && !full) {
    const thumbnail = row.values[column.logicalName];
    if (typeof thumbnail !== 'string') return undefined;
    const bytes = Buffer.from(thumbnail, 'base64');
    return { name: column.logicalName, mimeType: mimeTypeOfImage(bytes) ?? 'image/png', bytes };
  }
  if (image && column.canStoreFullImage !== true) return undefined;
  const id = row.values[image ? `${column.logicalName}id` : column.logicalName];
  return typeof id === 'string' ? environment.database.file(id) : undefined;
}

function download(
  call: Call,
  table: TableDefinition,
  row: Row,
  column: ColumnDefinition,
  raw: boolean,
): ApiResponse {
  const image = column.type === 'ImageType';
  const full = call.url.query.get('size') === 'full';
  const content = contentOf(call, table, row, column, full);
  if (content === undefined) {
    if (image || call.context.environment.switches.emptyFile === 204) return noContent();
    throw new ServiceError(
      404,
      '0x80040217',
      `No file attachment found for attribute: ${column.logicalName} EntityId: ${row.id}.`,
    );
  }
  const { from, to, partial } = requestedRange(call, content.bytes.length);
  const bytes = content.bytes.subarray(from, to + 1);
  const headers = {
    ...(image && !full ? {} : { 'x-ms-file-size': String(content.bytes.length) }),
    'x-ms-file-name': asciiName(content.name),
    mimetype: content.mimeType,
    ...(partial ? { 'x-ms-chunk-size': String(BLOCK_BYTES) } : {}),
  };
  const status = partial ? 206 : 200;
  if (raw)
    return { status, headers: { 'Content-Type': 'application/octet-stream', ...headers }, body: bytes };
  const url = `${call.context.serviceRoot}$metadata#${setName(table)}(${row.id})/${column.logicalName}`;
  const body = JSON.stringify({ '@odata.context': url, value: Buffer.from(bytes).toString('base64') });
  const disposition = `attachment; filename="${asciiName(content.name)}"`;
  return json(status, body, { ...headers, 'Content-Disposition': disposition });
}

function requestedRange(call: Call, size: number): { from: number; to: number; partial: boolean } {
  if (!call.context.environment.switches.fileChunking) return { from: 0, to: size - 1, partial: false };
  const match = /^bytes=(\d+)-(\d*)$/.exec(call.headers.get('range')?.trim() ?? '');
  if (match === null) return { from: 0, to: size - 1, partial: false };
  const from = Number(match[1]);
  const asked = match[2] === '' ? size - 1 : Number(match[2]);
  return { from, to: Math.min(asked, size - 1, from + BLOCK_BYTES - 1), partial: true };
}

/** Header values are ASCII; other characters do not survive. */
function asciiName(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?');
}

/** One request with the whole file, the opening of a chunked upload, or one of its chunks. */
function upload(call: Call, table: TableDefinition, row: Row, column: ColumnDefinition): ApiResponse {
  const { headers, url } = call;
  const token = url.query.get('sessiontoken');
  if (token !== undefined) return uploadChunk(call, table, row, column, token);
  const name = fileName(call, column);
  if (headers.get('x-ms-transfer-mode')?.toLowerCase() === 'chunked')
    return openUpload(call, table, row, column, name);
  finishUpload(call, table, row, column, name, call.body);
  return noContent();
}

/** The header wins over the query parameter, which alone can carry other than ASCII. */
function fileName(call: Call, column: ColumnDefinition): string {
  const name = call.headers.get('x-ms-file-name') ?? call.url.query.get('x-ms-file-name');
  if (name !== undefined && name !== '') return name;
  if (column.type === 'ImageType') return `${column.logicalName}.png`;
  throw badRequest('The file name is missing: send it as x-ms-file-name.');
}

function openUpload(
  call: Call,
  table: TableDefinition,
  row: Row,
  column: ColumnDefinition,
  name: string,
): ApiResponse {
  const { context, url } = call;
  if (!context.environment.switches.fileChunking)
    throw badRequest('This environment takes files whole; uploads in chunks are not supported.');
  const token = context.environment.uploads.beginUpload({
    purpose: 'file',
    table: table.logicalName,
    rowId: row.id,
    column: column.logicalName,
    fileName: name,
    blocks: new Map(),
  });
  return {
    status: 200,
    headers: {
      Location: `${context.serviceRoot}${url.rawPath}?sessiontoken=${encodeURIComponent(token)}`,
      'x-ms-chunk-size': String(BLOCK_BYTES),
      'Accept-Ranges': 'bytes',
    },
    body: undefined,
  };
}

function uploadChunk(
  call: Call,
  table: TableDefinition,
  row: Row,
  column: ColumnDefinition,
  token: string,
): ApiResponse {
  const session = call.context.environment.uploads.upload(token);
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(call.headers.get('content-range')?.trim() ?? '');
  if (session === undefined) throw badRequest('The session token is not valid.');
  if (range === null) throw badRequest('The Content-Range header is missing or not valid.');
  const [from, to, total] = range.slice(1).map(Number) as [number, number, number]; // three groups
  const received = [...session.blocks.values()].reduce((sum, block) => sum + block.length, 0);
  if (from !== received || to - from + 1 !== call.body.length || call.body.length > BLOCK_BYTES) {
    throw badRequest(`The chunk ${range[0]} does not continue the upload at ${received}.`);
  }
  session.blocks.set(String(from), call.body);
  if (to + 1 < total) return { status: 206, headers: {}, body: undefined };
  call.context.environment.uploads.endUpload(token);
  finishUpload(call, table, row, column, session.fileName, Buffer.concat([...session.blocks.values()]));
  return noContent();
}

function finishUpload(
  call: Call,
  table: TableDefinition,
  row: Row,
  column: ColumnDefinition,
  name: string,
  bytes: Uint8Array,
): void {
  const { environment } = call.context;
  const content = { name, mimeType: mimeTypeOfImage(bytes) ?? 'application/octet-stream', bytes };
  checkFile(environment, column, content);
  if (column.type === 'ImageType') requireImage(bytes);
  environment.database.transaction(() => storeFile(environment, table, row.id, column.logicalName, content));
}

/** `…/documentbody/$value`: the text as it is kept, base64 included. */
export function textValue(value: Exclude<StoredValue, null>): ApiResponse {
  const text = isReference(value) ? value.id : String(value);
  return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: text };
}

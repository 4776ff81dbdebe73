import type { FileContent, FileFacts } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { number, text } from '../metadata/fields.ts';
import type { TableDetails } from '../metadata/types.ts';
import { knownColumn, malformed } from '../json/decode.ts';
import { isObject } from '../json/lossless.ts';
import { errorOf } from '../read-error.ts';
import { inFilter } from '../read/rows.ts';
import type { TransportResponse } from '../transport/port.ts';
import { rowPath } from '../row-address.ts';
import { encode, type Json, type WebApi } from '../web-api.ts';
import { streamOf } from './bytes.ts';

/** The service's block size. */
export const blockBytes = 4_194_304;

/**
 * Content of a file column in ranges of one block. A range is whole or asked for again, so a download goes on where a
 * connection broke. Size and name must stay: a file that is replaced meanwhile is a `conflict`.
 */
export async function readFile(
  api: WebApi,
  table: TableDetails,
  id: string,
  column: string,
): Promise<FileContent | null> {
  knownColumn(table, column);
  const url = `${rowPath(table, id)}/${column}/$value`;
  const range = (from: number) =>
    fetchContent(api, table, id, url, { range: `bytes=${from}-${from + blockBytes - 1}` });
  const first = await range(0);
  if (first === null) return null;
  const start = await first.bytes();
  const bytes = sizeOf(first) ?? start.length;
  async function* stream(): AsyncIterable<Uint8Array> {
    if (start.length > 0) yield start;
    for (let at = start.length; at < bytes;) {
      const next = await range(at);
      if (next === null || sizeOf(next) !== bytes || nameOf(next) !== nameOf(first!))
        throw replaced(table, id, column);
      const block = await next.bytes();
      if (block.length === 0) throw malformed(table, `${column} of ${id} ended at byte ${at} of ${bytes}`);
      yield block;
      at += block.length;
    }
  }
  const name = await fullName(api, table, id, column, nameOf(first));
  return { name, mimeType: first.headers['mimetype'] ?? null, bytes, stream: stream() };
}

/** A header holds ASCII only, and other letters come as `?`: then the name is in a column beside the file's. */
async function fullName(
  api: WebApi,
  table: TableDetails,
  id: string,
  column: string,
  header: string | null,
): Promise<string | null> {
  if (header !== null && !header.includes('?')) return header;
  const row = await api.find(`${rowPath(table, id)}?$select=${column}_name`);
  return (row === null ? null : text(row, `${column}_name`)) ?? header;
}

/**
 * Full size: what is read with a row is a thumbnail, and to restore that in place of the picture would destroy it. Only
 * where the service keeps no picture (the column or that upload has none: 204) is the thumbnail all there is.
 */
export async function readImage(
  api: WebApi,
  table: TableDetails,
  id: string,
  column: string,
): Promise<FileContent | null> {
  knownColumn(table, column);
  const url = `${rowPath(table, id)}/${column}/$value`;
  const full = await imageOf(await fetchContent(api, table, id, `${url}?size=full`, {}));
  if (full !== null) return full;
  const small = await imageOf(await fetchContent(api, table, id, url, {}));
  return small === null ? null : { ...small, thumbnail: true };
}

async function imageOf(response: TransportResponse | null): Promise<FileContent | null> {
  if (response === null) return null;
  const bytes = await response.bytes();
  if (bytes.length === 0) return null;
  const mimeType = response.headers['mimetype'] ?? null;
  return { name: nameOf(response), mimeType, bytes: bytes.length, stream: streamOf(bytes) };
}

/** Blocks for these; the message names and the key in its target. */
const blockDownloads: Readonly<Record<string, string>> = {
  annotation: 'InitializeAnnotationBlocksDownload',
  activitymimeattachment: 'InitializeAttachmentBlocksDownload',
};

/** Base64 text in one answer where it is known to be small, in blocks otherwise. */
export async function readBody(
  api: WebApi,
  table: TableDetails,
  id: string,
  column: string,
  bytes: number | undefined,
): Promise<FileContent | null> {
  knownColumn(table, column);
  const message = blockDownloads[table.name];
  const small = bytes !== undefined && bytes <= blockBytes;
  if (message !== undefined && !small) return readBlocks(api, table, id, message);
  const response = await fetchContent(api, table, id, `${rowPath(table, id)}/${column}/$value`, {});
  const encoded = response === null ? '' : await response.text();
  if (encoded === '') return null;
  const content = Buffer.from(encoded, 'base64');
  return { name: null, mimeType: null, bytes: content.length, stream: streamOf(content) };
}

async function readBlocks(
  api: WebApi,
  table: TableDetails,
  id: string,
  message: string,
): Promise<FileContent | null> {
  const target = { [table.primaryId ?? '']: id, '@odata.type': `Microsoft.Dynamics.CRM.${table.name}` };
  const started = await post(api, table, id, message, { Target: target });
  const token = started === null ? null : text(started, 'FileContinuationToken');
  if (started === null || token === null) return null;
  const bytes = number(started, 'FileSizeInBytes') ?? 0;
  if (bytes === 0) return null;
  async function* stream(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes;) {
      const request = { Offset: at, BlockLength: blockBytes, FileContinuationToken: token };
      const answer = await post(api, table, id, 'DownloadBlock', request);
      const block = Buffer.from((answer === null ? null : text(answer, 'Data')) ?? '', 'base64');
      if (block.length === 0) throw malformed(table, `the body of ${id} ended at byte ${at} of ${bytes}`);
      yield block;
      at += block.length;
    }
  }
  return { name: text(started, 'FileName'), mimeType: null, bytes, stream: stream() };
}

/** These messages only read, so they may be sent again. Null: no such row, or nothing in it. */
async function post(
  api: WebApi,
  table: TableDetails,
  id: string,
  url: string,
  body: unknown,
): Promise<Json | null> {
  const about = { table: table.name, row: id };
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const request = { method: 'POST' as const, url, headers, body: JSON.stringify(body), repeatable: true };
  const response = await api.exchange(request, about);
  // The engine's own parser: these answers are megabytes of base64 and hold no number that it could harm.
  if (response.status < 300) return objectOf(table, await response.text());
  const error = await errorOf(response, about);
  if (error.kind === 'not-found') return null;
  throw error;
}

function objectOf(table: TableDetails, body: string): Json {
  const parsed: unknown = JSON.parse(body);
  if (isObject(parsed)) return parsed;
  throw malformed(table, 'a block is not an object');
}

async function fetchContent(
  api: WebApi,
  table: TableDetails,
  id: string,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<TransportResponse | null> {
  const about = { table: table.name, row: id };
  const response = await api.exchange({ method: 'GET', url, headers }, about);
  if (response.status === 204) return null;
  if (response.status < 300) return response;
  const error = await errorOf(response, about);
  if (error.kind === 'not-found') return null;
  throw error;
}

function sizeOf(response: TransportResponse): number | null {
  const size = response.headers['x-ms-file-size'];
  return size === undefined ? null : Number(size);
}

function nameOf(response: TransportResponse): string | null {
  return response.headers['x-ms-file-name'] ?? null;
}

function replaced(table: TableDetails, id: string, column: string): DataverseError {
  return new DataverseError(
    `${column} of ${table.name} ${id} was replaced while it was read.`,
    { kind: 'conflict', status: 0, serviceCode: '', requestId: null, table: table.name, row: id },
    { hint: 'Read the row again: the new content has another file id.' },
  );
}

const idsAtOnce = 100;

/** Many at once from the table that describes files, instead of a request for each. */
export async function fileFacts(
  api: WebApi,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FileFacts>> {
  const facts = new Map<string, FileFacts>();
  const select = 'fileattachmentid,filename,filesizeinbytes,mimetype';
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const filter = encode(inFilter('fileattachmentid', ids.slice(at, at + idsAtOnce)));
    for (const row of await api.list(`fileattachments?$select=${select}&$filter=${filter}`)) {
      facts.set((text(row, 'fileattachmentid') ?? '').toLowerCase(), {
        name: text(row, 'filename') ?? '',
        mimeType: text(row, 'mimetype'),
        bytes: number(row, 'filesizeinbytes') ?? 0,
      });
    }
  }
  return facts;
}

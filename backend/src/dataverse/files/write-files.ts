import type { NewContent, UpdateOptions, WriteOptions } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { knownColumn, malformed } from '../json/decode.ts';
import { text } from '../metadata/fields.ts';
import type { TableDetails } from '../metadata/types.ts';
import { errorOf } from '../read-error.ts';
import { rowPath } from '../row-address.ts';
import type { TransportResponse } from '../transport/port.ts';
import { encode, type WebApi } from '../web-api.ts';
import { withTag, writeHeaders } from '../write/options.ts';
import { doneUnless, patch } from '../write/write-rows.ts';
import { blockUploadOf, uploadBlocks } from './block-upload.ts';
import { blockBytes, inBlocks, wholeOf } from './bytes.ts';

/** Times that an upload is begun whose outcome nobody knows. */
const sessions = 3;

/** One request for what fits into a block, a session of blocks otherwise. Repeating either replaces the content. */
export async function writeFile(
  api: WebApi,
  table: TableDetails,
  id: string,
  column: string,
  content: NewContent | null,
  options: WriteOptions,
): Promise<void> {
  knownColumn(table, column);
  const target = { table, id, url: `${rowPath(table, id)}/${column}`, options };
  if (content === null) return emptyFile(api, target);
  if (content.bytes < blockBytes) return writeAtOnce(api, target, content);
  return inSessions(() => writeBlocks(api, target, content));
}

/**
 * An upload replaces the content as a whole, so it may be begun again when nobody knows what became of it. An earlier
 * one that may have been done leaves the outcome unknown, whatever a later one is refused for.
 */
async function inSessions(upload: () => Promise<void>): Promise<void> {
  let unknown: DataverseError | null = null;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await upload();
    } catch (error) {
      const mayBeDone = error instanceof DataverseError && error.kind === 'outcome-unknown';
      if (mayBeDone) unknown = error;
      if (!mayBeDone || attempt >= sessions) throw unknown ?? error;
    }
  }
}

interface Target {
  readonly table: TableDetails;
  readonly id: string;
  readonly url: string;
  readonly options: WriteOptions;
}

async function emptyFile(api: WebApi, { table, id, url, options }: Target): Promise<void> {
  const headers = writeHeaders(options);
  const about = { table: table.name, row: id };
  const request = { method: 'DELETE' as const, url: withTag(url, options), headers, repeatable: true };
  await doneUnless('not-found', api.send(request, about));
}

async function writeAtOnce(api: WebApi, target: Target, content: NewContent): Promise<void> {
  const { table, id, url, options } = target;
  const request = {
    method: 'PATCH' as const,
    url: withTag(named(url, content.name), options),
    headers: {
      ...writeHeaders(options),
      ...nameHeader(content.name),
      'content-type': 'application/octet-stream',
    },
    body: await wholeOf(content),
    repeatable: true,
  };
  await api.send(request, { table: table.name, row: id });
}

async function writeBlocks(api: WebApi, target: Target, content: NewContent): Promise<void> {
  const { table, id } = target;
  const session = await startSession(api, target, content);
  if (session === null) return writeAtOnce(api, target, content);
  let at = 0;
  for await (const block of inBlocks(content.open(), session.blockBytes)) {
    const request = {
      method: 'PATCH' as const,
      url: session.location,
      headers: {
        ...nameHeader(content.name),
        'content-type': 'application/octet-stream',
        'content-range': `bytes ${at}-${at + block.length - 1}/${content.bytes}`,
      },
      body: block,
    };
    await api.send(request, { table: table.name, row: id });
    at += block.length;
  }
  if (at !== content.bytes) throw malformed(table, `${content.name} has ${at} bytes, not ${content.bytes}`);
}

/**
 * Null: refused. Environments with keys of their own take files only whole (128 MB at most), and those are in memory
 * while they are sent; whatever else is wrong, that request will say as well.
 */
async function startSession(
  api: WebApi,
  { table, id, url, options }: Target,
  content: NewContent,
): Promise<{ readonly location: string; readonly blockBytes: number } | null> {
  const request = {
    method: 'PATCH' as const,
    url: withTag(named(url, content.name), options),
    headers: { ...writeHeaders(options), 'x-ms-transfer-mode': 'chunked' },
    changesNothing: true,
  };
  const about = { table: table.name, row: id };
  const response = await api.exchange(request, about);
  if (response.status >= 400) {
    const error = await errorOf(response, about);
    if (error.kind === 'bad-request') return null;
    throw error;
  }
  const location = response.headers['location'];
  if (location === undefined) throw malformed(table, 'an upload was begun without a place to send it to');
  return { location, blockBytes: chunkSizeOf(response) };
}

/** Not what makes no sense, nor more than we mean to hold. */
function chunkSizeOf(response: TransportResponse): number {
  const size = Number(response.headers['x-ms-chunk-size']);
  return Number.isInteger(size) && size > 0 ? Math.min(size, blockBytes) : blockBytes;
}

/** A header holds ASCII only; the query takes any name. The header would win, so it is one or the other. */
function nameHeader(name: string): Record<string, string> {
  return isAscii(name) ? { 'x-ms-file-name': name } : {};
}

function named(url: string, name: string): string {
  return `${url}?x-ms-file-name=${encode(name)}`;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** Any image column takes base64 in an update; only the primary one would in a create. */
export async function writeImage(
  api: WebApi,
  table: TableDetails,
  id: string,
  column: string,
  content: NewContent | null,
  options: UpdateOptions,
): Promise<void> {
  knownColumn(table, column);
  await patch(api, table, id, { [column]: content === null ? null : await base64(content) }, options);
}

/**
 * Body, name and type belong together. A note's body of more than a block goes up in blocks: there the etag is looked at
 * before the first block, since the messages take none. Blocks can only create attachments, so an existing one's body
 * is one request and in memory while it is sent; the environment's limit for bodies bounds it.
 */
export async function writeBody(
  api: WebApi,
  table: TableDetails,
  id: string,
  column: string,
  content: NewContent | null,
  options: UpdateOptions,
): Promise<void> {
  knownColumn(table, column);
  const names = { filename: content?.name ?? null, mimetype: content?.mimeType ?? null };
  const upload = blockUploadOf(table.name);
  if (content !== null && upload !== null && !upload.onlyNew && content.bytes > blockBytes) {
    await insistOnEtag(api, table, id, options.ifMatch);
    const target = { [table.primaryId ?? '']: id, ...names };
    // The service forgets an upload with its commit: a commit that is repeated would be refused though it was done.
    const place = { api, table, id, column };
    return inSessions(() => uploadBlocks(place, upload, target, content, { ...options, repeatable: false }));
  }
  const body = { [column]: content === null ? null : await base64(content), ...names };
  await patch(api, table, id, body, options);
}

/** An update must meet its row, and as it was read if an etag says so. */
async function insistOnEtag(
  api: WebApi,
  table: TableDetails,
  id: string,
  etag: string | undefined,
): Promise<void> {
  const about = { table: table.name, row: id };
  const row = await api.get(`${rowPath(table, id)}?$select=${table.primaryId}`, { about });
  if (etag === undefined || text(row, '@odata.etag') === etag) return;
  const facts = { kind: 'conflict', status: 412, serviceCode: '', requestId: null, ...about } as const;
  throw new DataverseError(`${table.name} ${id} was changed since it was read.`, facts);
}

async function base64(content: NewContent): Promise<string> {
  return Buffer.from(await wholeOf(content)).toString('base64');
}

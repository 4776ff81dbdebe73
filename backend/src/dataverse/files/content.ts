import { DataverseError } from '../errors.ts';
import { malformed } from '../json/decode.ts';
import { isObject, stringifyLossless } from '../json/lossless.ts';
import { text } from '../metadata/fields.ts';
import type { TableDetails } from '../metadata/types.ts';
import { errorOf } from '../read-error.ts';
import type { TransportRequest, TransportResponse } from '../transport/port.ts';
import type { Json, WebApi } from '../web-api.ts';

/** Whose content is meant: a column of a row. */
export interface Place {
  readonly api: WebApi;
  readonly table: TableDetails;
  readonly id: string;
  readonly column: string;
}

/** Null: there is no such row, or nothing in it. */
export async function getContent(
  place: Place,
  url: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly streamed?: boolean } = {},
): Promise<TransportResponse | null> {
  const about = { table: place.table.name, row: place.id };
  const { headers = {}, streamed = false } = options;
  const response = await place.api.exchange({ method: 'GET', url, headers, streamed }, about);
  if (response.status === 204) return null;
  if (response.status < 300) return response;
  const error = await errorOf(response, about);
  if (error.kind === 'not-found') return null;
  throw error;
}

/** A message about contents. Null: there is no such row, or nothing in it. */
export async function postMessage(
  place: Place,
  message: string,
  body: Readonly<Record<string, unknown>>,
  how: Pick<TransportRequest, 'repeatable' | 'changesNothing'>,
  more: Readonly<Record<string, string>> = {},
): Promise<Json | null> {
  const about = { table: place.table.name, row: place.id };
  const headers = { 'content-type': 'application/json; charset=utf-8', ...more };
  const request = {
    method: 'POST' as const,
    url: message,
    headers,
    body: stringifyLossless(body),
    ...how,
  };
  const response = await place.api.exchange(request, about);
  if (response.status === 204) return {};
  // The engine's own parser: these answers are megabytes of base64 and hold no number that it could harm.
  if (response.status < 300) return objectOf(place.table, await response.text());
  const error = await errorOf(response, about);
  if (error.kind === 'not-found') return null;
  throw error;
}

function objectOf(table: TableDetails, body: string): Json {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw malformed(table, 'a block is not JSON');
  }
  if (isObject(parsed)) return parsed;
  throw malformed(table, 'a block is not an object');
}

/** The bytes while they arrive; where the service wraps them in JSON as base64, as one piece. */
export async function* bytesOf(place: Place, response: TransportResponse): AsyncIterable<Uint8Array> {
  if (!isWrapped(response)) {
    yield* response.stream();
    return;
  }
  const value = text(objectOf(place.table, await response.text()), 'value');
  if (value !== null && value !== '') yield Buffer.from(value, 'base64');
}

/** A file that happens to be JSON comes as its bytes; only an OData answer names its metadata. */
function isWrapped(response: TransportResponse): boolean {
  return /^application\/json;.*odata\.metadata/i.test(response.headers['content-type'] ?? '');
}

/** Of the whole content, from the service's own header or, of a range, from HTTP's. Null: the service does not say. */
export function sizeOf(response: TransportResponse): number | null {
  const size = response.headers['x-ms-file-size'] ?? contentRange(response)?.[2];
  return size !== undefined && /^\d+$/.test(size) ? Number(size) : null;
}

/** The byte at which this answer begins: a service may give all although a range was asked for. */
export function startOf(response: TransportResponse, asked: number): number {
  if (response.status !== 206) return 0;
  const first = contentRange(response)?.[1];
  return first === undefined ? asked : Number(first);
}

function contentRange(response: TransportResponse): RegExpExecArray | null {
  return /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers['content-range']?.trim() ?? '');
}

/** More or less came than was announced. */
export function wrongLength({ table, id, column }: Place, at: number, size: number): DataverseError {
  return malformed(table, `${column} of ${id} ended at byte ${at} of ${size}`);
}

/** The bytes as they come; an error once there are more of them than announced. `at`: so many came before. */
export async function* noMoreThan(
  place: Place,
  stream: AsyncIterable<Uint8Array>,
  at: number,
  size: number,
): AsyncIterable<Uint8Array> {
  let end = at;
  for await (const chunk of stream) {
    end += chunk.length;
    if (end > size) throw wrongLength(place, end, size);
    yield chunk;
  }
}

export function nameOf(response: TransportResponse): string | null {
  return response.headers['x-ms-file-name'] ?? null;
}

export function replaced({ table, id, column }: Place): DataverseError {
  return new DataverseError(
    `${column} of ${table.name} ${id} was replaced while it was read.`,
    { kind: 'conflict', status: 0, serviceCode: '', requestId: null, table: table.name, row: id },
    { hint: 'Read the row again: the new content has another file id.' },
  );
}

export function broke(error: unknown): boolean {
  return error instanceof DataverseError && error.kind === 'unreachable';
}

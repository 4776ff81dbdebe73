import type { FileContent } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { knownColumn, malformed } from '../json/decode.ts';
import { text } from '../metadata/fields.ts';
import { rowPath } from '../row-address.ts';
import type { TransportResponse } from '../transport/port.ts';
import { readBlocks } from './block-download.ts';
import { blockBytes, skipping } from './bytes.ts';
import {
  broke,
  bytesOf,
  getContent,
  nameOf,
  noMoreThan,
  replaced,
  sizeOf,
  startOf,
  wrongLength,
  type Place,
} from './content.ts';

/** Connections that may break without a single byte in between. */
const breaksWithoutProgress = 5;

/**
 * Content of a file column in ranges of one block, of which no more than the first is held. Where a connection breaks,
 * also within a block, the next range begins at the byte that did not come. Size, name and file id must stay: a file
 * that is replaced meanwhile is a `conflict`.
 */
export async function readFile(place: Place, fileId: string | undefined): Promise<FileContent | null> {
  knownColumn(place.table, place.column);
  const known = fileId ?? (await currentId(place));
  if (known === null) return null;
  try {
    return await readRanges(place, known);
  } catch (error) {
    if (!(error instanceof DataverseError) || error.kind !== 'not-supported') throw error;
    // An environment that gives its files only by messages.
    return readBlocks(place, 'InitializeFileBlocksDownload');
  }
}

async function readRanges(place: Place, fileId: string): Promise<FileContent | null> {
  const first = await range(place, 0);
  if (first === null) return null;
  const name = await fullName(place, nameOf(first));
  const mimeType = first.headers['mimetype'] ?? null;
  const bytes = sizeOf(first);
  if (first.status !== 206) return { name, mimeType, bytes, stream: whole(place, first, bytes) };
  const start = await beginning(place, first);
  const size = bytes ?? lengthOf(place, start);
  if (start.length > size) throw wrongLength(place, start.length, size);
  const stream = async function* (): AsyncIterable<Uint8Array> {
    if (start.length > 0) yield start;
    if (start.length >= size) return;
    yield* rest(place, { at: start.length, size, name: nameOf(first) });
    if ((await currentId(place)) !== fileId.toLowerCase()) throw replaced(place);
  };
  return { name, mimeType, bytes: size, stream: stream() };
}

function range(place: Place, from: number): Promise<TransportResponse | null> {
  const url = `${rowPath(place.table, place.id)}/${place.column}/$value`;
  const headers = { range: `bytes=${from}-${from + blockBytes - 1}` };
  return getContent(place, url, { headers, streamed: true });
}

/** The first block, or as much of it as came before its connection broke. */
async function beginning(place: Place, response: TransportResponse): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of bytesOf(place, response)) chunks.push(chunk);
  } catch (error) {
    if (!broke(error) || sizeOf(response) === null) throw error;
  }
  return Buffer.concat(chunks);
}

/** Of a file whose size nobody tells: a full block may be the first of many. */
function lengthOf(place: Place, start: Uint8Array): number {
  if (start.length < blockBytes) return start.length;
  throw malformed(place.table, `${place.column} of ${place.id} does not say how long it is`);
}

/** Everything from byte `at` on. */
async function* rest(
  place: Place,
  from: { readonly at: number; readonly size: number; readonly name: string | null },
): AsyncIterable<Uint8Array> {
  let breaks = 0;
  for (let { at } = from; at < from.size;) {
    const response = await range(place, at);
    if (
      response === null ||
      (sizeOf(response) ?? from.size) !== from.size ||
      nameOf(response) !== from.name
    ) {
      throw replaced(place);
    }
    const before = at;
    const passed = at - startOf(response, at);
    if (passed < 0) throw wrongLength(place, at - passed, from.size);
    try {
      const bytes = skipping(bytesOf(place, response), passed);
      for await (const chunk of noMoreThan(place, bytes, at, from.size)) {
        yield chunk;
        at += chunk.length;
      }
    } catch (error) {
      breaks = at > before ? 0 : breaks + 1;
      if (!broke(error) || breaks >= breaksWithoutProgress) throw error;
      continue;
    }
    if (at === before) throw wrongLength(place, at, from.size);
  }
}

/** A service that knows no ranges gives all at once; after a break what is known already is passed over. */
async function* whole(
  place: Place,
  first: TransportResponse,
  bytes: number | null,
): AsyncIterable<Uint8Array> {
  let breaks = 0;
  for (let [response, at]: [TransportResponse | null, number] = [first, 0]; ;) {
    if (response === null || sizeOf(response) !== bytes) throw replaced(place);
    const before = at;
    try {
      const rest = skipping(bytesOf(place, response), at);
      for await (const chunk of noMoreThan(place, rest, at, bytes ?? Infinity)) {
        yield chunk;
        at += chunk.length;
      }
      if (bytes !== null && at !== bytes) throw wrongLength(place, at, bytes);
      return;
    } catch (error) {
      breaks = at > before ? 0 : breaks + 1;
      if (!broke(error) || breaks >= breaksWithoutProgress) throw error;
    }
    response = await range(place, 0);
  }
}

/** The file's id, which every upload changes. Null: no row, or no file. */
async function currentId(place: Place): Promise<string | null> {
  const { api, table, id, column } = place;
  const row = await api.find(`${rowPath(table, id)}?$select=${column}`, {
    about: { table: table.name, row: id },
  });
  return row === null ? null : (text(row, column)?.toLowerCase() ?? null);
}

/** A header holds ASCII only, and other letters come as `?`: then the name is in a column beside the file's. */
async function fullName(place: Place, header: string | null): Promise<string | null> {
  if (header !== null && !header.includes('?')) return header;
  const { api, table, id, column } = place;
  const row = await api.find(`${rowPath(table, id)}?$select=${column}_name`);
  return (row === null ? null : text(row, `${column}_name`)) ?? header;
}

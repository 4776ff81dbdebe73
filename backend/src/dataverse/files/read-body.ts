import type { FileContent } from '../client.ts';
import { knownColumn } from '../json/decode.ts';
import { rowPath } from '../row-address.ts';
import { blockDownloadOf, readBlocks } from './block-download.ts';
import { blockBytes, fromBase64, skipping } from './bytes.ts';
import { broke, getContent, type Place } from './content.ts';

const breaksWithoutProgress = 5;

/** Body of a note or attachment: base64 text in one answer where it is known to be small, in blocks otherwise. */
export async function readBody(place: Place, bytes: number | undefined): Promise<FileContent | null> {
  knownColumn(place.table, place.column);
  const message = blockDownloadOf(place.table.name);
  const small = bytes !== undefined && bytes <= blockBytes;
  if (message === null || small) return readText(place);
  return readBlocks(place, message, () => readText(place));
}

/** The text is decoded while it arrives; after a break it begins anew, and what is known already is passed over. */
async function readText(place: Place): Promise<FileContent | null> {
  const url = `${rowPath(place.table, place.id)}/${place.column}/$value`;
  const get = () => getContent(place, url, { streamed: true });
  const first = await get();
  if (first === null) return null;
  const pieces = decoded();
  const head = await pieces.next();
  if (head.done) return null;
  async function* decoded(): AsyncGenerator<Uint8Array> {
    let breaks = 0;
    for (let [response, at]: [typeof first, number] = [first, 0]; response !== null; response = await get()) {
      const before = at;
      try {
        for await (const chunk of skipping(fromBase64(response.stream()), at)) {
          yield chunk;
          at += chunk.length;
        }
        return;
      } catch (error) {
        breaks = at > before ? 0 : breaks + 1;
        if (!broke(error) || breaks >= breaksWithoutProgress) throw error;
      }
    }
  }
  async function* stream(): AsyncIterable<Uint8Array> {
    if (!head.done) yield head.value;
    yield* pieces;
  }
  return { name: null, mimeType: null, bytes: null, stream: stream() };
}

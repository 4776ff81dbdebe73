import type { FileContent } from '../client.ts';
import { knownColumn } from '../json/decode.ts';
import { rowPath } from '../row-address.ts';
import type { TransportResponse } from '../transport/port.ts';
import { collect, streamOf } from './bytes.ts';
import { bytesOf, getContent, nameOf, sizeOf, wrongLength, type Place } from './content.ts';

/**
 * Full size: what is read with a row is a thumbnail, and to restore that in place of the picture would destroy it. Only
 * where the service keeps no picture (the column or that upload has none: 204) is the thumbnail all there is. An image
 * is held whole: 30 MB at most.
 */
export async function readImage(place: Place): Promise<FileContent | null> {
  knownColumn(place.table, place.column);
  const url = `${rowPath(place.table, place.id)}/${place.column}/$value`;
  const full = await imageOf(place, await getContent(place, `${url}?size=full`));
  if (full !== null) return full;
  const small = await imageOf(place, await getContent(place, url));
  return small === null ? null : { ...small, thumbnail: true };
}

async function imageOf(place: Place, response: TransportResponse | null): Promise<FileContent | null> {
  if (response === null) return null;
  const bytes = await collect(bytesOf(place, response));
  if (bytes.length === 0) return null;
  const size = sizeOf(response) ?? bytes.length;
  if (size !== bytes.length) throw wrongLength(place, bytes.length, size);
  const mimeType = response.headers['mimetype'] ?? null;
  return { name: nameOf(response), mimeType, bytes: bytes.length, stream: streamOf(bytes) };
}

import type { NewContent } from '../client.ts';

/** The service's block size. */
export const blockBytes = 4_194_304;

/** All bytes of a stream. For contents whose size is known to be small. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * All bytes of a content that is to be written.
 * @throws RangeError where they are not as many as announced: what was cut off must not take the place of what is there.
 */
export async function wholeOf(content: NewContent): Promise<Uint8Array> {
  const bytes = await collect(content.open());
  if (bytes.length === content.bytes) return bytes;
  throw new RangeError(`a content of ${content.bytes} bytes gave ${bytes.length}`);
}

/** The same bytes in pieces of exactly `size`, the last one shorter. */
export async function* inBlocks(stream: AsyncIterable<Uint8Array>, size: number): AsyncIterable<Uint8Array> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    let rest = chunk;
    while (length + rest.length >= size) {
      const taken = rest.subarray(0, size - length);
      yield Buffer.concat([...kept, taken]);
      rest = rest.subarray(taken.length);
      [kept, length] = [[], 0];
    }
    if (rest.length > 0) kept.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(kept);
}

export async function* streamOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield await Promise.resolve(bytes);
}

/** The stream without its first `count` bytes. */
export async function* skipping(stream: AsyncIterable<Uint8Array>, count: number): AsyncIterable<Uint8Array> {
  let left = count;
  for await (const chunk of stream) {
    const rest = chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

/** Bytes of a base64 text (with line breaks or without), decoded while it arrives: four letters are three bytes. */
export async function* fromBase64(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let kept = '';
  for await (const chunk of stream) {
    const letters = kept + Buffer.from(chunk).toString('latin1').replace(/\s/g, '');
    const whole = letters.length - (letters.length % 4);
    kept = letters.slice(whole);
    if (whole > 0) yield Buffer.from(letters.slice(0, whole), 'base64');
  }
  if (kept !== '') yield Buffer.from(kept, 'base64');
}

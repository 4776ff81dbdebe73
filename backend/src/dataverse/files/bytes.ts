/** All bytes of a stream. For contents whose size is known to be small. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
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

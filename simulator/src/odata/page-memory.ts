/** Free buffers that are kept; more than so many large answers at once are rare. */
const MOST_FREE = 4;
const STEP = 1 << 20;

const free: Buffer[] = [];
const lent = new WeakMap<ArrayBufferLike, Buffer>();

/**
 * A buffer of at least so many bytes for the rows of a large page. Fresh memory costs more than filling it, for the
 * system hands it out page by page; so whoever sent such a body gives it back.
 */
export function takeBuffer(capacity: number): Buffer {
  const fits = free.findIndex((buffer) => buffer.length >= capacity);
  const buffer =
    free.splice(fits, fits < 0 ? 0 : 1)[0] ?? Buffer.allocUnsafeSlow(Math.ceil(capacity / STEP) * STEP);
  lent.set(buffer.buffer, buffer);
  return buffer;
}

/** Takes back the memory of a body; nothing happens for bytes that came from elsewhere. Nobody may read them again. */
export function giveBack(bytes: Uint8Array): void {
  const buffer = lent.get(bytes.buffer);
  if (buffer === undefined) return;
  lent.delete(bytes.buffer);
  if (free.length < MOST_FREE) free.push(buffer);
}

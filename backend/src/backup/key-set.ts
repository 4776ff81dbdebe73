/**
 * Keys seen in a full read. A guid is kept as 16 characters of one byte each: a third of the memory of its text, so
 * that the keys of a table with millions of rows fit. Any other key is kept as a copy, a character for every byte: as
 * read it may be a view of the page that it came in, and would keep that.
 */
export class KeySet {
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.add(packed(key));
  }

  has(key: string): boolean {
    return this.#keys.has(packed(key));
  }

  get size(): number {
    return this.#keys.size;
  }
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function packed(key: string): string {
  const bytes = guid.test(key) ? Buffer.from(key.replaceAll('-', ''), 'hex') : Buffer.from(key);
  return bytes.toString('latin1');
}

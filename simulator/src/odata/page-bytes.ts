import { takeBuffer } from './page-memory.ts';

/** Room before the rows for what stands there in an answer, so that nothing is copied to put them together. */
const HEAD_ROOM = 64 * 1024;

/** The rows of a page as bytes, put together from pieces, and the answer around them. */
export class PageBytes {
  #bytes: Buffer;
  #at = HEAD_ROOM;

  /** `capacity` in bytes is a good guess: more is made when needed. */
  constructor(capacity: number) {
    this.#bytes = takeBuffer(HEAD_ROOM + capacity);
  }

  /** Makes room and lets `write` fill it: it gets the bytes and where to begin, and answers where it ended. */
  fill(room: number, write: (bytes: Buffer, at: number) => number): void {
    if (this.#at + room > this.#bytes.length) {
      const larger = takeBuffer(Math.max(2 * this.#bytes.length, this.#at + room));
      this.#bytes.copy(larger, 0, 0, this.#at);
      this.#bytes = larger;
    }
    this.#at = write(this.#bytes, this.#at);
  }

  text(text: string): void {
    this.fill(3 * text.length, (bytes, at) => at + bytes.write(text, at));
  }

  /** All of it between two texts. Nothing may be added afterwards. */
  between(start: string, end: string): Uint8Array {
    this.text(end);
    const length = Buffer.byteLength(start);
    const from = HEAD_ROOM - length;
    if (from < 0) return Buffer.concat([Buffer.from(start), this.#bytes.subarray(HEAD_ROOM, this.#at)]);
    this.#bytes.write(start, from);
    return this.#bytes.subarray(from, this.#at);
  }
}

/** Writes a whole number that is not negative as digits; answers where they end. */
export function writeDigits(bytes: Uint8Array, at: number, number: number): number {
  let length = 1;
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) length++;
  for (let place = at + length - 1, rest = number; place >= at; place--) {
    const tens = Math.floor(rest / 10);
    bytes[place] = 0x30 + rest - tens * 10;
    rest = tens;
  }
  return at + length;
}

/** A piece of a collection answer: one item of its `value` array, or another top-level member. Texts are JSON. */
export type PagePiece =
  | { readonly kind: 'row'; readonly text: string }
  | { readonly kind: 'member'; readonly name: string; readonly text: string };

export class PageSyntaxError extends Error {}

type State =
  'start' | 'key-or-end' | 'key' | 'colon' | 'value' | 'member' | 'scalar' | 'items' | 'row' | 'end';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Cuts the bytes of `{"…":…,"value":[{row},{row}],"…":…}` into its pieces while they arrive, wherever the chunks
 * end. It knows strings and nesting, nothing else: each piece is parsed by itself. A page is never held whole, and
 * members are accepted before and after the rows (`nextLink` comes after, `deltaLink` before).
 *
 * Only ASCII bytes are compared, so characters of several bytes need no care: in UTF-8 none of their bytes is ASCII.
 */
export class PageScanner {
  #state: State = 'start';
  #name = '';
  /** Of the piece being captured: nesting, and whether the last byte was inside a string or after a backslash. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  #kept: Uint8Array[] = [];
  #hasRows = false;

  /** A list of rows, if only an empty one, has come. Without one the answer is not that of a collection. */
  get hasRows(): boolean {
    return this.#hasRows;
  }

  /** The pieces that this chunk completes. */
  push(bytes: Uint8Array): PagePiece[] {
    const chunk = bufferOver(bytes);
    const pieces: PagePiece[] = [];
    let at = 0;
    while (at < chunk.length) at = this.#step(chunk, at, pieces);
    return pieces;
  }

  /** The answer must be over: one that broke off in the middle looks like a shorter page otherwise. */
  end(): void {
    if (this.#state !== 'end') throw new PageSyntaxError(`the answer ended early (${this.#state})`);
  }

  #step(chunk: Buffer, at: number, pieces: PagePiece[]): number {
    switch (this.#state) {
      case 'key':
      case 'member':
      case 'row':
        return this.#capture(chunk, at, pieces);
      case 'scalar':
        return this.#captureScalar(chunk, at, pieces);
      default:
        return this.#between(chunk, at);
    }
  }

  /** One byte outside of captured pieces. Answers where to go on. */
  #between(chunk: Uint8Array, at: number): number {
    const byte = chunk[at] ?? 0;
    if (isSpace(byte)) return at + 1;
    if (this.#state === 'start' && isByteOrderMark(byte)) return at + 1;
    const next = transition(this.#state, byte, this.#name);
    if (next === null) {
      throw new PageSyntaxError(`unexpected byte 0x${byte.toString(16)} (${this.#state})`);
    }
    if (next === 'items') this.#hasRows = true;
    this.#state = next;
    if (next === 'scalar') return at;
    if (next !== 'key' && next !== 'member' && next !== 'row') return at + 1;
    this.#depth = 0;
    return at;
  }

  /** A string, object or array: up to the byte that closes it. */
  #capture(chunk: Buffer, from: number, pieces: PagePiece[]): number {
    const end = this.#closing(chunk, from);
    if (end < 0) {
      // Sockets may use their buffer again.
      this.#kept.push(Buffer.from(chunk.subarray(from)));
      return chunk.length;
    }
    this.#finish(this.#textOf(chunk, from, end), pieces);
    return end;
  }

  /** Position after the closing byte, or -1 when the chunk ends before it. */
  #closing(chunk: Uint8Array, from: number): number {
    const { length } = chunk;
    let depth = this.#depth;
    let inString = this.#inString;
    let at = from;
    if (this.#escaped && at < length) {
      this.#escaped = false;
      at += 1;
    }
    while (at < length) {
      const byte = chunk[at];
      at += 1;
      if (inString) {
        if (byte === backslash) {
          this.#escaped = at === length;
          at += 1;
        } else if (byte === quote) {
          inString = false;
          if (depth === 0) return this.#keep(depth, inString, at);
        }
      } else if (byte === quote) inString = true;
      else if (byte === openBrace || byte === openBracket) depth += 1;
      else if ((byte === closeBrace || byte === closeBracket) && (depth -= 1) === 0) {
        return this.#keep(depth, inString, at);
      }
    }
    return this.#keep(depth, inString, -1);
  }

  #keep(depth: number, inString: boolean, end: number): number {
    this.#depth = depth;
    this.#inString = inString;
    return end;
  }

  /** A number, `true`, `false` or `null`: up to the byte that follows it, which is not part of it. */
  #captureScalar(chunk: Buffer, from: number, pieces: PagePiece[]): number {
    let at = from;
    while (at < chunk.length && !endsScalar(chunk[at] ?? 0)) at += 1;
    if (at === chunk.length) this.#kept.push(Buffer.from(chunk.subarray(from)));
    else this.#finish(this.#textOf(chunk, from, at), pieces);
    return at;
  }

  #finish(text: string, pieces: PagePiece[]): void {
    if (this.#state === 'key') {
      this.#name = nameOf(text);
      this.#state = 'colon';
    } else if (this.#state === 'row') {
      pieces.push({ kind: 'row', text });
      this.#state = 'items';
    } else {
      pieces.push({ kind: 'member', name: this.#name, text });
      this.#state = 'key-or-end';
    }
  }

  #textOf(chunk: Buffer, from: number, end: number): string {
    if (this.#kept.length === 0) return chunk.toString('utf8', from, end);
    const whole = Buffer.concat([...this.#kept, chunk.subarray(from, end)]);
    this.#kept = [];
    return whole.toString('utf8');
  }
}

/** The state after a byte between pieces; null: not allowed there. */
function transition(state: State, byte: number, name: string): State | null {
  switch (state) {
    case 'start':
      return byte === openBrace ? 'key-or-end' : null;
    case 'key-or-end':
      return byte === quote ? 'key' : byte === comma ? 'key-or-end' : byte === closeBrace ? 'end' : null;
    case 'colon':
      return byte === colon ? 'value' : null;
    case 'value':
      if (byte === openBracket && name === 'value') return 'items';
      return byte === quote || byte === openBrace || byte === openBracket ? 'member' : 'scalar';
    case 'items':
      return byte === openBrace
        ? 'row'
        : byte === comma
          ? 'items'
          : byte === closeBracket
            ? 'key-or-end'
            : null;
    default:
      return null;
  }
}

function nameOf(text: string): string {
  const name: unknown = JSON.parse(text);
  return typeof name === 'string' ? name : '';
}

/** The same bytes; decoding them costs a buffer less than a `TextDecoder`. */
function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isByteOrderMark(byte: number): boolean {
  return byte === 0xef || byte === 0xbb || byte === 0xbf;
}

function endsScalar(byte: number): boolean {
  return isSpace(byte) || byte === comma || byte === closeBrace;
}

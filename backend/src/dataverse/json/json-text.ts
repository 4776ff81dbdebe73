import { isAscii } from 'node:buffer';

/** A text that is not the JSON that was to be read. */
export class JsonSyntaxError extends Error {}

export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;

/**
 * Tells where values in a text of JSON end, without making anything of them. The text may break off anywhere, for it
 * is what has arrived so far: what is not complete ends where the text does, and so may what is complete there. Whoever
 * reads on from the text's end gets the text's end again, so one look at the place reached tells that more is needed.
 *
 * `text` has a character for every byte (Latin-1), which is made in no time. All that JSON itself is made of is ASCII,
 * and in UTF-8 no byte of any other character is. Only what is taken out is decoded. To be read from left to right.
 */
export class JsonText {
  readonly text: string;
  readonly #bytes: Buffer;
  readonly #ascii: boolean;
  /** The first backslash at or after the place of reading; the text's length where there is none. */
  #backslash: number;

  /** The bytes must stay as they are while this is in use; what is taken out does not need them. */
  constructor(bytes: Buffer) {
    this.text = bytes.toString('latin1');
    this.#bytes = bytes;
    this.#ascii = isAscii(bytes);
    this.#backslash = this.#nextBackslash(0);
  }

  /** The first place from here on that is not white space. */
  space(from: number): number {
    // The service writes none: one look is enough nearly always.
    return this.text.charCodeAt(from) > 0x20 ? from : this.#pastSpace(from);
  }

  #pastSpace(from: number): number {
    let at = from;
    while (isSpace(this.text.charCodeAt(at))) at += 1;
    return at;
  }

  /** Where the value that begins here ends. */
  value(start: number): number {
    const first = this.text.charCodeAt(start);
    if (first === quote) return this.string(start);
    if (first === openBrace || first === openBracket) return this.#nested(start);
    let at = start;
    while (inScalar(this.text.charCodeAt(at))) at += 1;
    return at > start ? at : this.missing(at);
  }

  /** Behind the quote that ends the string begun here. */
  string(start: number): number {
    if (this.text.charCodeAt(start) !== quote) return this.missing(start);
    const end = this.text.indexOf('"', start + 1);
    if (end < 0) return this.text.length;
    return this.#backslash < end ? this.#unescapedEnd(start, end) : end + 1;
  }

  #unescapedEnd(start: number, firstQuote: number): number {
    let end = firstQuote;
    if (this.#backslash < start) this.#backslash = this.#nextBackslash(start);
    for (; this.#backslash < end; this.#backslash = this.#nextBackslash(this.#backslash + 2)) {
      if (this.#backslash + 1 !== end) continue;
      end = this.text.indexOf('"', end + 1);
      if (end < 0) return this.text.length;
    }
    return end + 1;
  }

  #nextBackslash(from: number): number {
    const at = this.text.indexOf('\\', from);
    return at < 0 ? this.text.length : at;
  }

  /** Behind the bracket that ends the object or array begun here. */
  #nested(start: number): number {
    let depth = 0;
    for (let at = start; at < this.text.length; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === quote) at = this.string(at) - 1;
      else if (code === openBrace || code === openBracket) depth += 1;
      else if (code === closeBrace || code === closeBracket) depth -= 1;
      if (depth === 0) return at + 1;
    }
    return this.text.length;
  }

  /** The characters of this part. */
  slice(start: number, end: number): string {
    const part = this.text.slice(start, end);
    return this.#ascii || !beyondAscii.test(part) ? part : this.#bytes.toString('utf8', start, end);
  }

  /**
   * The string that the quotes here and before `end` enclose.
   * @throws JsonSyntaxError where an escape in it is none.
   */
  stringBetween(start: number, end: number): string {
    const inner = this.slice(start + 1, end - 1);
    // `includes` would say it better and takes several times as long.
    return inner.indexOf('\\') < 0 ? inner : unescaped(this.slice(start, end));
  }

  /**
   * What had to be here is not: the text's end, where it may still come.
   * @throws JsonSyntaxError where something else is here.
   */
  missing(at: number): number {
    if (at >= this.text.length) return this.text.length;
    throw new JsonSyntaxError(`unexpected ${JSON.stringify(this.text.charAt(at))} at ${at}`);
  }
}

const beyondAscii = /[\u0080-\u00ff]/;

/** The engine knows all escapes. */
function unescaped(literal: string): string {
  try {
    return JSON.parse(literal) as string; // a string literal
  } catch (cause) {
    throw new JsonSyntaxError('a text holds an escape that is none', { cause });
  }
}

export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Characters of numbers, `true`, `false` and `null`. */
function inScalar(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x2b ||
    code === 0x45
  );
}

/** A text that is no JSON object. */
export class RowSyntaxError extends Error {}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * Finds the values of wanted members in the text of a JSON object, without making an object of it: an object of 150
 * members costs several times what finding them costs, and a number would lose its digits. Values stay where they are;
 * `startOf` and `endOf` tell the place. Members that nobody wants are passed over. As in any JSON reader the last of
 * several members of one name counts.
 *
 * Rows of a page have nearly the same members in nearly the same order. So the member that followed another one last
 * time is looked for first, and mostly no name has to be read.
 */
export class RowText {
  text = '';
  readonly #slots: ReadonlyMap<string, number>;
  /** By slot, the name as it stands in JSON, quotes and colon included. */
  readonly #names: readonly string[];
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** By slot plus one (0: the beginning), the slot that came next last time. */
  readonly #following: Int32Array;
  /** The first backslash at or after the place of reading; the text's length where there is none. */
  #backslash = 0;
  #hasBackslash = false;
  #afterName = 0;

  /** A slot is the position of a name in this list. */
  constructor(names: readonly string[]) {
    this.#slots = new Map(names.map((name, slot) => [name, slot]));
    this.#names = names.map((name) => `${JSON.stringify(name)}:`);
    this.#starts = new Int32Array(names.length);
    this.#ends = new Int32Array(names.length);
    this.#following = new Int32Array(names.length + 1);
  }

  /** Where the value begins; -1 where the row has no such member. */
  startOf(slot: number): number {
    return this.#starts[slot] ?? -1;
  }

  endOf(slot: number): number {
    return this.#ends[slot] ?? -1;
  }

  /** The value's text as it stands; undefined where the row has no such member. */
  literal(slot: number): string | undefined {
    const start = this.startOf(slot);
    return start < 0 ? undefined : this.text.slice(start, this.endOf(slot));
  }

  /** The string that the value is; undefined where it is none. */
  string(slot: number): string | undefined {
    const start = this.startOf(slot);
    if (start < 0 || this.text.charCodeAt(start) !== quote) return undefined;
    return this.#stringAt(start, this.endOf(slot));
  }

  /** @throws RowSyntaxError where the text is no object. */
  read(text: string): void {
    this.text = text;
    this.#starts.fill(-1);
    this.#backslash = this.#nextBackslash(0);
    this.#hasBackslash = this.#backslash < text.length;
    let at = this.#space(0);
    if (text.charCodeAt(at) !== openBrace) throw this.#broken(at);
    at = this.#space(at + 1);
    if (text.charCodeAt(at) === closeBrace) return this.#end(at);
    for (let previous = -1; ; at = this.#space(at + 1)) {
      const slot = this.#slotAt(at, previous);
      const start = this.#space(this.#afterName);
      const end = this.#value(start);
      if (slot >= 0) {
        this.#starts[slot] = start;
        this.#ends[slot] = end;
        previous = slot;
      }
      at = this.#space(end);
      const next = text.charCodeAt(at);
      if (next === closeBrace) return this.#end(at);
      if (next !== comma) throw this.#broken(at);
    }
  }

  /** The slot of the member whose name begins here, -1 where nobody wants it; `#afterName` is then behind its colon. */
  #slotAt(at: number, previous: number): number {
    const expected = this.#following[previous + 1] ?? 0;
    const name = this.#names[expected];
    if (name !== undefined && this.text.startsWith(name, at)) {
      this.#afterName = at + name.length;
      return expected;
    }
    const end = this.#string(at);
    const slot = this.#slots.get(this.#stringAt(at, end)) ?? -1;
    if (slot >= 0) this.#following[previous + 1] = slot;
    const colonAt = this.#space(end);
    if (this.text.charCodeAt(colonAt) !== colon) throw this.#broken(colonAt);
    this.#afterName = colonAt + 1;
    return slot;
  }

  #end(brace: number): void {
    const at = this.#space(brace + 1);
    if (at < this.text.length) throw this.#broken(at);
  }

  #space(from: number): number {
    // The service writes none: one look is enough nearly always.
    return this.text.charCodeAt(from) > 0x20 ? from : this.#pastSpace(from);
  }

  #pastSpace(from: number): number {
    let at = from;
    while (isSpace(this.text.charCodeAt(at))) at += 1;
    return at;
  }

  /** Where the value that begins here ends. */
  #value(start: number): number {
    const first = this.text.charCodeAt(start);
    if (first === quote) return this.#string(start);
    if (first === openBrace || first === openBracket) return this.#nested(start);
    let at = start;
    while (inScalar(this.text.charCodeAt(at))) at += 1;
    if (at === start) throw this.#broken(at);
    return at;
  }

  /** Behind the quote that ends the string begun here. */
  #string(start: number): number {
    if (this.text.charCodeAt(start) !== quote) throw this.#broken(start);
    const end = this.text.indexOf('"', start + 1);
    if (end < 0) throw this.#broken(this.text.length);
    return this.#hasBackslash ? this.#unescapedEnd(start, end) : end + 1;
  }

  #unescapedEnd(start: number, firstQuote: number): number {
    let end = firstQuote;
    if (this.#backslash < start) this.#backslash = this.#nextBackslash(start);
    for (let at = this.#backslash; at < end; at = this.#nextBackslash(at + 2)) {
      if (at + 1 !== end) continue;
      end = this.text.indexOf('"', end + 1);
      if (end < 0) throw this.#broken(this.text.length);
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
      if (code === quote) at = this.#string(at) - 1;
      else if (code === openBrace || code === openBracket) depth += 1;
      else if (code === closeBrace || code === closeBracket) depth -= 1;
      if (depth === 0) return at + 1;
    }
    throw this.#broken(this.text.length);
  }

  #stringAt(start: number, end: number): string {
    const inner = this.text.slice(start + 1, end - 1);
    // The engine knows all escapes.
    return this.#hasBackslash && inner.includes('\\')
      ? (JSON.parse(this.text.slice(start, end)) as string)
      : inner; // a string literal
  }

  #broken(at: number): RowSyntaxError {
    return new RowSyntaxError(`unexpected ${JSON.stringify(this.text.charAt(at))} at ${at}`);
  }
}

function isSpace(code: number): boolean {
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

import { closeBrace, colon, comma, JsonText, openBrace, quote } from './json-text.ts';

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
  #json = new JsonText(Buffer.of());
  readonly #slots: ReadonlyMap<string, number>;
  /** By slot, the name as it stands in the text, quotes and colon included. */
  readonly #names: readonly string[];
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** By slot plus one (0: the beginning), the slot that came next last time. */
  readonly #following: Int32Array;
  #afterName = 0;

  /** A slot is the position of a name in this list. */
  constructor(names: readonly string[]) {
    this.#slots = new Map(names.map((name, slot) => [name, slot]));
    this.#names = names.map((name) => Buffer.from(`${JSON.stringify(name)}:`).toString('latin1'));
    this.#starts = new Int32Array(names.length);
    this.#ends = new Int32Array(names.length);
    this.#following = new Int32Array(names.length + 1);
  }

  /** The text that the row is a part of, a character for every byte. */
  get text(): string {
    return this.#json.text;
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
    return start < 0 ? undefined : this.#json.slice(start, this.endOf(slot));
  }

  /** The string that the value is; undefined where it is none. */
  string(slot: number): string | undefined {
    const start = this.startOf(slot);
    if (start < 0 || this.text.charCodeAt(start) !== quote) return undefined;
    return this.#json.stringBetween(start, this.endOf(slot));
  }

  /**
   * Finds the members of the object that begins at `from`; answers where it ends, -1 where the text ends before.
   * @throws JsonSyntaxError where there is no object.
   */
  read(json: JsonText, from: number): number {
    this.#json = json;
    this.#starts.fill(-1);
    const { text } = json;
    if (text.charCodeAt(from) !== openBrace) json.missing(from);
    let at = json.space(from + 1);
    if (text.charCodeAt(at) === closeBrace) return at + 1;
    for (let previous = -1; ; at = json.space(at + 1)) {
      const slot = this.#slotAt(at, previous);
      const start = json.space(this.#afterName);
      const end = json.value(start);
      if (slot >= 0) {
        this.#starts[slot] = start;
        this.#ends[slot] = end;
        previous = slot;
      }
      at = json.space(end);
      const next = text.charCodeAt(at);
      if (next === comma) continue;
      if (next === closeBrace) return at + 1;
      json.missing(at);
      return -1;
    }
  }

  /** The slot of the member whose name begins here, -1 where nobody wants it; `#afterName` is then behind its colon. */
  #slotAt(at: number, previous: number): number {
    const { text } = this.#json;
    const expected = this.#following[previous + 1] ?? 0;
    const name = this.#names[expected];
    // Of the ways to compare, this takes half the time of `startsWith`.
    if (name !== undefined && text.slice(at, at + name.length) === name) {
      this.#afterName = at + name.length;
      return expected;
    }
    const end = this.#json.string(at);
    const colonAt = this.#json.space(end);
    if (text.charCodeAt(colonAt) !== colon) {
      this.#afterName = this.#json.missing(colonAt);
      return -1;
    }
    this.#afterName = colonAt + 1;
    const slot = this.#slots.get(this.#json.stringBetween(at, end)) ?? -1;
    if (slot >= 0) this.#following[previous + 1] = slot;
    return slot;
  }
}

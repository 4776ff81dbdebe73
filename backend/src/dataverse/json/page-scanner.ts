import {
  closeBrace,
  closeBracket,
  colon,
  comma,
  isSpace,
  JsonSyntaxError,
  JsonText,
  openBrace,
  openBracket,
  quote,
} from './json-text.ts';

/** Reads one row out of the text of a page. */
export interface RowReader<Row> {
  /**
   * Finds the row that begins at `from`; answers where it ends, -1 where the text ends before.
   * @throws JsonSyntaxError where there is none.
   */
  find(json: JsonText, from: number): number;
  /** The row found last. */
  row(): Row;
}

type State = 'start' | 'key-or-end' | 'key' | 'colon' | 'value' | 'member' | 'items' | 'row' | 'end';

/**
 * Reads `{"…":…,"value":[{row},{row}],"…":…}` while its bytes arrive, wherever the chunks end. A page is never held
 * whole: what is not complete waits for the next chunk, everything else is gone by then. Members are accepted before
 * and after the rows (`nextLink` comes after, `deltaLink` before).
 */
export class PageScanner<Row> {
  /** The members other than the rows that have come so far; each value is its JSON. */
  readonly members = new Map<string, string>();
  readonly #rows: RowReader<Row>;
  #state: State = 'start';
  #name = '';
  #hasRows = false;
  /** What has arrived and is not read yet. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** So many bytes must wait before it is worth while to read them. */
  #enough = 0;

  constructor(rows: RowReader<Row>) {
    this.#rows = rows;
  }

  /** A list of rows, if only an empty one, has come. Without one the answer is not that of a collection. */
  get hasRows(): boolean {
    return this.#hasRows;
  }

  /** The rows that this chunk completes; when they are large, those that it completed may come with a later one. */
  push(chunk: Uint8Array): Row[] {
    this.#waitingBytes += chunk.length;
    const enough = this.#waitingBytes >= this.#enough;
    // What waits is copied: sockets may use their buffer again.
    this.#waiting.push(enough ? bufferOver(chunk) : Buffer.from(chunk));
    return enough ? this.#read() : [];
  }

  /**
   * The rows that are left. The answer must be over: one that broke off in the middle looks like a shorter page
   * otherwise.
   */
  end(): Row[] {
    const rows = this.#read();
    if (this.#state === 'end') return rows;
    throw new JsonSyntaxError(`the answer ended early (${this.#state})`);
  }

  #read(): Row[] {
    const [only = Buffer.of(), ...others] = this.#waiting;
    const bytes = others.length === 0 ? only : Buffer.concat(this.#waiting);
    const json = new JsonText(bytes);
    const rows: Row[] = [];
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(json, at, rows);
      if (next < 0) break;
      at = next;
    }
    this.#wait(Buffer.from(bytes.subarray(at)));
    return rows;
  }

  /**
   * What began is read from its beginning when there is more of it. A row of many chunks is not tried with each of them,
   * so that the cost grows with its length and not with the square of it.
   */
  #wait(rest: Buffer): void {
    this.#waiting = rest.length === 0 ? [] : [rest];
    this.#waitingBytes = rest.length;
    this.#enough = rest.length * 1.25;
  }

  /** Answers where to go on, -1 when that needs more text. */
  #step(json: JsonText, at: number, rows: Row[]): number {
    switch (this.#state) {
      case 'row': {
        const end = this.#rows.find(json, at);
        if (end < 0) return -1;
        rows.push(this.#rows.row());
        this.#state = 'items';
        return end;
      }
      case 'key':
      case 'member': {
        const end = json.value(at);
        // Nothing of it ends a page: there is more to come.
        if (end === json.text.length) return -1;
        this.#keep(json, at, end);
        return end;
      }
      default:
        return this.#between(json, at);
    }
  }

  /** One character outside of rows and members. */
  #between(json: JsonText, at: number): number {
    const code = json.text.charCodeAt(at);
    if (isSpace(code) || (this.#state === 'start' && isByteOrderMark(code))) return at + 1;
    const next = transition(this.#state, code, this.#name);
    if (next === null)
      throw new JsonSyntaxError(`unexpected ${JSON.stringify(json.text.charAt(at))} (${this.#state})`);
    if (next === 'items') this.#hasRows = true;
    this.#state = next;
    return next === 'key' || next === 'member' || next === 'row' ? at : at + 1;
  }

  #keep(json: JsonText, start: number, end: number): void {
    if (this.#state === 'key') {
      this.#name = json.stringBetween(start, end);
      this.#state = 'colon';
    } else {
      this.members.set(this.#name, json.slice(start, end));
      this.#state = 'key-or-end';
    }
  }
}

/** The state after a character between pieces; null: not allowed there. */
function transition(state: State, code: number, name: string): State | null {
  switch (state) {
    case 'start':
      return code === openBrace ? 'key-or-end' : null;
    case 'key-or-end':
      return code === quote ? 'key' : code === comma ? 'key-or-end' : code === closeBrace ? 'end' : null;
    case 'colon':
      return code === colon ? 'value' : null;
    case 'value':
      return code === openBracket && name === 'value' ? 'items' : 'member';
    case 'items':
      return code === openBrace
        ? 'row'
        : code === comma
          ? 'items'
          : code === closeBracket
            ? 'key-or-end'
            : null;
    default:
      return null;
  }
}

/** The same bytes. */
function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isByteOrderMark(code: number): boolean {
  return code === 0xef || code === 0xbb || code === 0xbf;
}

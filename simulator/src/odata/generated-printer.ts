import type { GeneratedRows, OwnColumn } from '../store/generated/generated-rows.ts';
import { writeDigits } from './page-bytes.ts';
import type { PropertyPrinter } from './print-property.ts';
import type { RowPrinter } from './print-row.ts';

/** Writes what it stands for of one row, whose pattern is given too; answers where it ended. */
type Writer = (bytes: Buffer, at: number, index: number, pattern: number) => number;

const MOST_DIGITS = 16;
const ID_LENGTH = 36;

/**
 * Prints generated rows as bytes. The text of each pattern is made once, by the printer of ordinary rows, in pieces
 * between the properties that are a row's own; printing a row is then copying a few pieces and writing what is its own.
 */
export class GeneratedPrinter {
  /** No row takes more bytes. */
  readonly room: number;
  readonly #rows: GeneratedRows;
  readonly #writers: readonly Writer[];

  constructor(rows: GeneratedRows, printer: RowPrinter) {
    this.#rows = rows;
    const version = ownWriter('{"@odata.etag":"W/\\"', 'version', '\\""', rows);
    const writers = [version.write];
    let room = version.room;
    const add = (one: { readonly write: Writer; readonly room: number }) => {
      writers.push(one.write);
      room += one.room;
    };
    const drawn: PropertyPrinter[] = [];
    let run: PropertyPrinter[] = [];
    for (const property of printer.properties) {
      const own = rows.ownColumn(property.property.column.logicalName);
      if (own === undefined) {
        run.push(property);
        continue;
      }
      if (run.length > 0) add(pieceWriter(rows, (values) => presentText(run, values)));
      add(ownMember(rows, own, property.property.name));
      drawn.push(...run);
      run = [];
    }
    drawn.push(...run);
    add(pieceWriter(rows, (values) => `${presentText(run, values)}${absentText(drawn, values)}}`));
    this.room = room;
    this.#writers = writers;
  }

  write(bytes: Buffer, at: number, index: number): number {
    const pattern = this.#rows.patternOf(index);
    let end = at;
    for (const write of this.#writers) end = write(bytes, end, index, pattern);
    return end;
  }
}

type Values = GeneratedRows['patterns'][number];

/** Each member with a comma before it: something always stands in front. */
function presentText(run: readonly PropertyPrinter[], values: Values): string {
  const texts = run.map(({ print }) => print({ id: '', version: 0, values }));
  return texts.map((text) => (text === undefined ? '' : `,${text}`)).join('');
}

/** The members without a value; they come last. */
function absentText(properties: readonly PropertyPrinter[], values: Values): string {
  const absent = properties.filter(({ print }) => print({ id: '', version: 0, values }) === undefined);
  return absent.map(({ empty }) => (empty === undefined ? '' : `,${empty}`)).join('');
}

function pieceWriter(
  rows: GeneratedRows,
  textOf: (values: Values) => string,
): { write: Writer; room: number } {
  const pieces = rows.patterns.map((values) => Buffer.from(textOf(values)));
  const write: Writer = (bytes, at, _index, pattern) => {
    const piece = pieces[pattern]!; // as many pieces as patterns
    bytes.set(piece, at);
    return at + piece.length;
  };
  return { write, room: Math.max(...pieces.map((piece) => piece.length)) };
}

function ownMember(rows: GeneratedRows, own: OwnColumn, name: string): { write: Writer; room: number } {
  const start = `,${JSON.stringify(name)}:`;
  if (own === 'name')
    return ownWriter(start + JSON.stringify(rows.namePrefix).slice(0, -1), 'index', '"', rows);
  return own === 'id' ? ownWriter(`${start}"`, own, '"', rows) : ownWriter(start, own, '', rows);
}

function ownWriter(
  before: string,
  own: 'id' | 'version' | 'index',
  after: '' | '"' | '\\""',
  rows: GeneratedRows,
): { write: Writer; room: number } {
  const start = Buffer.from(before);
  const end = Buffer.from(after);
  const first = own === 'version' ? rows.firstVersion : 1;
  const value: Writer =
    own === 'id'
      ? (bytes, at, index) => rows.ids.write(bytes, at, index)
      : (bytes, at, index) => writeDigits(bytes, at, first + index);
  const write: Writer = (bytes, at, index, pattern) => {
    bytes.set(start, at);
    const ended = value(bytes, at + start.length, index, pattern);
    bytes.set(end, ended);
    return ended + end.length;
  };
  return { write, room: start.length + Math.max(ID_LENGTH, MOST_DIGITS) + end.length };
}

import { createHash } from 'node:crypto';
import { assert, unreachable } from '../base/assert.ts';
import { type Value, type Values, isReference } from '../base/value.ts';
import { hasContent } from './contents.ts';
import { instantWithMicros, microsOf } from './delta/instants.ts';
import type { ColumnSchema, TableSchema } from './schema.ts';

/** The text of a file, image or body column: see {@link contentText}. */
export type ContentOf = (column: ColumnSchema) => string | null;

const modulus = 1n << 256n;

/**
 * Sha256, as a number, over the columns that the schema lists and that are not volatile, sorted by name, each as
 * `<name>=<bytes>:<text>\n`, an empty one as `<name>=-\n`. `docs/vault.md`, "Row hash".
 */
export function rowHash(schema: TableSchema, values: Values, contentOf: ContentOf): bigint {
  let lines = '';
  for (const column of hashedColumns(schema)) {
    const content = hasContent(column) ? contentOf(column) : null;
    const text = canonicalText(column, values[column.name] ?? null, content);
    lines += text === null ? `${column.name}=-\n` : `${column.name}=${Buffer.byteLength(text)}:${text}\n`;
  }
  return BigInt(`0x${createHash('sha256').update(lines).digest('hex')}`);
}

const sortedColumns = new WeakMap<TableSchema, readonly ColumnSchema[]>();

/** Sorted once a schema: the same one stands behind millions of rows. */
function hashedColumns(schema: TableSchema): readonly ColumnSchema[] {
  const before = sortedColumns.get(schema);
  if (before !== undefined) return before;
  const columns = schema.columns.filter((column) => column.volatile !== true);
  columns.sort((a, b) => (a.name < b.name ? -1 : 1));
  sortedColumns.set(schema, columns);
  return columns;
}

/** One text for one meaning: two values are equal if and only if their texts are. Null is empty. */
export function canonicalText(column: ColumnSchema, value: Value, content: string | null): string | null {
  if (hasContent(column)) return content;
  if (value === null) return null;
  if (isReference(value)) return `${value.table}:${value.id.toLowerCase()}`;
  switch (column.type) {
    case 'string':
    case 'date':
      return String(value);
    case 'guid':
      return String(value).toLowerCase();
    case 'boolean':
      return value === true ? 'true' : 'false';
    case 'int':
    case 'double':
    case 'long':
    case 'decimal':
    case 'rate':
      return plainNumber(String(value));
    case 'multiSelect':
      return sortedSet(String(value));
    case 'timestamp':
    case 'wallTime': {
      const text = String(value);
      // The usual form, without a fraction, needs no arithmetic.
      if (text.length === 20) return `${text.slice(0, 19)}.000000Z`;
      const micros = microsOf(text);
      assert(micros !== null, `${column.name} is no instant`);
      return instantWithMicros(micros);
    }
    case 'lookup':
    case 'file':
    case 'image':
    case 'body':
      throw new TypeError(`a value of ${column.name} is no ${column.type}`);
    default:
      return unreachable(column.type);
  }
}

/** Digits without an exponent, without zeros at the ends and without the sign of zero. */
export function plainNumber(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  assert(match !== null, 'a number is digits');
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent);
  const digits = `${whole}${fraction}`;
  const padded = point <= 0 ? `${'0'.repeat(1 - point)}${digits}` : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  const plain = right === '' ? left : `${left}.${right}`;
  return plain === '0' ? '0' : `${sign}${plain}`;
}

/** The service gives the numbers of a multi-select in any order. */
function sortedSet(text: string): string {
  return text
    .split(',')
    .sort((a, b) => Number(a) - Number(b))
    .join(',');
}

/** Sums of row hashes: a table's hash does not depend on the order of its rows, and rows can be taken out again. */
export class HashSum {
  #sum: bigint;

  constructor(hex = '0') {
    this.#sum = BigInt(`0x${hex}`);
  }

  add(hash: bigint): void {
    this.#sum = (this.#sum + hash) % modulus;
  }

  subtract(hash: bigint): void {
    this.#sum = (this.#sum - hash + modulus) % modulus;
  }

  /** 64 hex digits. */
  toString(): string {
    return this.#sum.toString(16).padStart(64, '0');
  }
}

import type { Reference, Values } from '../../base/value.ts';
import { unreachable } from '../../base/assert.ts';
import { VaultError } from '../errors.ts';
import type { ColumnSchema, TableSchema } from '../schema.ts';
import { lookupTableName } from './columns.ts';
import { isDate, isInstant } from './instants.ts';

/**
 * A row's values as members of a JSON object, `,"name":value` each, those that are null left out: what stands in the
 * scratch file for DuckDB. Whatever a double cannot hold is text there. Written here and not by way of an object, which
 * takes twice the time for a row of 150 columns.
 */
export type ValueEncoder = (values: Values) => string;

/** Prepared once a schema: checks every value against its column and names the Delta columns. Throws `value-refused`. */
export function encoderOf(schema: TableSchema): ValueEncoder {
  const kept = schema.columns
    .filter((column) => column.type !== 'body')
    .map((column) => ({
      column,
      prefix: prefixOf(column.deltaName),
      tablePrefix: prefixOf(lookupTableName(column)),
    }));
  return (values) => {
    let members = '';
    for (const { column, prefix, tablePrefix } of kept) {
      const value = values[column.name];
      if (value === undefined)
        throw refused(schema, column.name, 'the schema lists it, so it must have a value or null');
      if (value === null) continue;
      members +=
        typeof value === 'object'
          ? prefix + encodeReference(schema, column, value, tablePrefix)
          : prefix + encode(schema, column, value);
    }
    refuseUnlisted(schema, values, kept.length);
    return members;
  };
}

/** All that are kept are there: only where there are more can one of them be unknown. */
function refuseUnlisted(schema: TableSchema, values: Values, kept: number): void {
  const names = Object.keys(values);
  if (names.length === kept) return;
  const listed = new Set(schema.columns.map((column) => column.name));
  const unknown = names.find((name) => !listed.has(name));
  if (unknown !== undefined) throw refused(schema, unknown, 'the schema does not list it');
}

/** A member in front of its value. */
export function prefixOf(name: string): string {
  return `,${JSON.stringify(name)}:`;
}

/** The id as JSON, and the member with the table behind it. */
function encodeReference(
  schema: TableSchema,
  column: ColumnSchema,
  { id, table }: Reference,
  tablePrefix: string,
): string {
  if (column.type !== 'lookup') throw refused(schema, column.name, `a reference is no ${column.type}`);
  return text(schema, column, id) + tablePrefix + text(schema, column, table);
}

/** The value as JSON. */
function encode(schema: TableSchema, column: ColumnSchema, value: string | number | boolean): string {
  const fits = (condition: boolean, form: string): string => {
    if (!condition) throw refused(schema, column.name, `${describe(value)} is no ${form}`);
    return typeof value === 'string' ? `"${value}"` : String(value);
  };
  switch (column.type) {
    case 'string':
    case 'multiSelect':
    case 'guid':
    case 'file':
    case 'image':
      return text(schema, column, value);
    case 'int':
      return fits(typeof value === 'number' && (value | 0) === value, '32-bit integer');
    case 'double':
      // JSON has no minus zero of its own in JavaScript's hands; as text it arrives.
      if (Object.is(value, -0)) return '"-0.0"';
      return fits(typeof value === 'number' && Number.isFinite(value), 'finite number');
    case 'boolean':
      return fits(typeof value === 'boolean', 'yes or no');
    case 'long':
      return fits(typeof value === 'string' && isLong(value), '64-bit integer in digits');
    case 'decimal':
      return fits(
        typeof value === 'string' && isDecimal(value, 10),
        'decimal with up to 10 digits after the point',
      );
    case 'rate':
      return fits(
        typeof value === 'string' && isDecimal(value, 12),
        'decimal with up to 12 digits after the point',
      );
    case 'timestamp':
    case 'wallTime':
      return fits(typeof value === 'string' && isInstant(value), 'instant (YYYY-MM-DDTHH:mm:ss[.ffffff]Z)');
    case 'date':
      return fits(typeof value === 'string' && isDate(value), 'date (YYYY-MM-DD)');
    case 'lookup':
      throw refused(schema, column.name, 'a lookup needs a table and an id');
    case 'body':
      throw refused(schema, column.name, 'body columns do not come this way');
    default:
      return unreachable(column.type);
  }
}

/** Parquet strings are UTF-8, which has no form for half a surrogate pair; to replace it would be a silent change. */
function text(schema: TableSchema, column: ColumnSchema, value: string | number | boolean): string {
  if (typeof value !== 'string') throw refused(schema, column.name, `${describe(value)} is no text`);
  if (!value.isWellFormed()) throw refused(schema, column.name, 'it holds half a surrogate pair');
  return quoted(value);
}

const needsEscape = /["\\\u0000-\u001f]/;

/** {@link text} without a look at its characters' halves. */
export function quoted(value: string): string {
  return needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`;
}

function isLong(value: string): boolean {
  return /^-?\d{1,19}$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value);
}

/** Fits every decimal and rate. */
const usualDecimal = /^-?\d{1,20}(?:\.\d{1,10})?$/;

/** 38 digits in all, `scale` of them after the point; zeros at the end do not count. */
function isDecimal(value: string, scale: number): boolean {
  if (usualDecimal.test(value)) return true;
  const match = /^-?0*(\d*)(?:\.(\d+))?$/.exec(value);
  if (match === null || !/\d/.test(value)) return false;
  return (match[1] ?? '').length <= 38 - scale && (match[2] ?? '').replace(/0+$/, '').length <= scale;
}

/** Never the text itself: it may be personal, and messages are logged. */
function describe(value: string | number | boolean): string {
  return typeof value === 'string' ? `a text of ${value.length} characters` : `a ${typeof value}`;
}

function refused(schema: TableSchema, column: string, why: string): VaultError {
  return new VaultError('value-refused', `A value of ${schema.table}.${column} cannot be kept: ${why}.`, {
    hint: 'The schema of this run does not describe what was read; refresh the metadata and run again.',
    context: { table: schema.table, column },
  });
}

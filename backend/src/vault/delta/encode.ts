import { toUSVString } from 'node:util';
import { type Value, type Values, isReference } from '../../base/value.ts';
import { unreachable } from '../../base/assert.ts';
import { VaultError } from '../errors.ts';
import type { ColumnSchema, TableSchema } from '../schema.ts';
import { lookupTableName } from './columns.ts';
import { isDate, microsOf } from './instants.ts';

/** What stands in the scratch file for DuckDB: whatever a double cannot hold is text there. */
export type Cell = string | number | boolean | null;

export type ValueEncoder = (values: Values) => Record<string, Cell>;

/** Prepared once a schema: checks every value against its column and names the Delta columns. Throws `value-refused`. */
export function encoderOf(schema: TableSchema): ValueEncoder {
  const listed = new Set(schema.columns.map((column) => column.name));
  const kept = schema.columns.filter((column) => column.type !== 'body');
  return (values) => {
    const cells: Record<string, Cell> = {};
    for (const name of Object.keys(values)) {
      if (!listed.has(name)) throw refused(schema, name, 'the schema does not list it');
    }
    for (const column of kept) {
      const value = values[column.name];
      if (value === undefined)
        throw refused(schema, column.name, 'the schema lists it, so it must have a value or null');
      if (value !== null) encodeInto(cells, schema, column, value);
    }
    return cells;
  };
}

function encodeInto(
  cells: Record<string, Cell>,
  schema: TableSchema,
  column: ColumnSchema,
  value: Exclude<Value, null>,
): void {
  if (column.type === 'lookup') {
    if (!isReference(value)) throw refused(schema, column.name, 'a lookup needs a table and an id');
    cells[column.deltaName] = text(schema, column, value.id);
    cells[lookupTableName(column)] = text(schema, column, value.table);
    return;
  }
  if (isReference(value)) throw refused(schema, column.name, `a reference is no ${column.type}`);
  cells[column.deltaName] = encode(schema, column, value);
}

function encode(schema: TableSchema, column: ColumnSchema, value: string | number | boolean): Cell {
  const fits = (condition: boolean, form: string): Cell => {
    if (!condition) throw refused(schema, column.name, `${describe(value)} is no ${form}`);
    return value;
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
      if (Object.is(value, -0)) return '-0.0';
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
      return fits(
        typeof value === 'string' && microsOf(value) !== null,
        'instant (YYYY-MM-DDTHH:mm:ss[.ffffff]Z)',
      );
    case 'date':
      return fits(typeof value === 'string' && isDate(value), 'date (YYYY-MM-DD)');
    case 'lookup':
    case 'body':
      throw refused(schema, column.name, `${column.type} columns do not come this way`);
    default:
      return unreachable(column.type);
  }
}

/** Parquet strings are UTF-8, which has no form for half a surrogate pair; to replace it would be a silent change. */
function text(schema: TableSchema, column: ColumnSchema, value: string | number | boolean): string {
  if (typeof value !== 'string') throw refused(schema, column.name, `${describe(value)} is no text`);
  if (toUSVString(value) !== value) throw refused(schema, column.name, 'it holds half a surrogate pair');
  return value;
}

function isLong(value: string): boolean {
  return /^-?\d{1,19}$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value);
}

/** 38 digits in all, `scale` of them after the point; zeros at the end do not count. */
function isDecimal(value: string, scale: number): boolean {
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

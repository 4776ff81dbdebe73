import { DuckDBDateValue, DuckDBDecimalValue, DuckDBTimestampTZValue } from '@duckdb/node-api';
import { assert } from '../../base/assert.ts';
import type { Reference, Value, Values } from '../../base/value.ts';
import type { ColumnSchema, TableSchema } from '../schema.ts';
import { lookupTableName } from './columns.ts';
import { dateOf, instantOf } from './instants.ts';

export type ValueDecoder = (row: readonly unknown[]) => Values;

/**
 * Prepared once a schema and answer: rows of DuckDB back to values. Columns that the schema does not list, and bodies,
 * have no property. `positions`: where each Delta column stands in a row.
 */
export function decoderOf(schema: TableSchema, positions: ReadonlyMap<string, number>): ValueDecoder {
  const columns = schema.columns
    .filter((column) => column.type !== 'body')
    .map((column) => {
      const at = positions.get(column.deltaName);
      assert(at !== undefined, `the answer has no Delta column ${column.deltaName}`);
      return { column, at, tableAt: positions.get(lookupTableName(column)) };
    });
  return (row) => {
    const values: Record<string, Value> = {};
    for (const { column, at, tableAt } of columns) {
      values[column.name] = decode(column, row[at], tableAt === undefined ? null : row[tableAt]);
    }
    return values;
  };
}

function decode(column: ColumnSchema, cell: unknown, tableCell: unknown): Value {
  if (cell === null || cell === undefined) return null;
  if (column.type === 'lookup') return reference(cell, tableCell);
  if (typeof cell === 'bigint') return String(cell);
  if (cell instanceof DuckDBDecimalValue) return decimalText(cell.value, cell.scale, column.scale ?? 0);
  if (cell instanceof DuckDBTimestampTZValue) return instantOf(cell.micros);
  if (cell instanceof DuckDBDateValue) return dateOf(cell.days);
  assert(
    typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean',
    `DuckDB gave an unexpected value for ${column.deltaName}`,
  );
  return cell;
}

function reference(id: unknown, table: unknown): Reference {
  assert(typeof id === 'string' && typeof table === 'string', 'a lookup is a table and an id');
  return { table, id };
}

/** Digits with the column's scale, and with more where the kept value has more: nothing is rounded. */
export function decimalText(value: bigint, keptScale: number, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(keptScale + 1, '0');
  const whole = digits.slice(0, digits.length - keptScale);
  const fraction = digits
    .slice(digits.length - keptScale)
    .replace(/0+$/, '')
    .padEnd(scale, '0');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

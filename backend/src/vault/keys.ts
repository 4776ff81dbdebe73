import { assert } from '../base/assert.ts';
import type { Values } from '../base/value.ts';
import { quoteName, quoteText } from './delta/parquet-engine.ts';
import type { TableSchema } from './schema.ts';

/** A row's key as one text: the key columns' values with `|` between them, empty where one is null. */
export function keyOf(schema: TableSchema, values: Values): string {
  return schema.key
    .map((name) => {
      const value = values[name] ?? '';
      assert(typeof value === 'string', `the key column ${name} of ${schema.table} is text`);
      return value;
    })
    .join('|');
}

/** The logical name of a table by its folder: one that came back as another table has `__2`, … behind it. */
export function tableOfFolder(folder: string): string {
  return folder.replace(/__\d+$/, '');
}

/** The values of the key columns. All but the last are ids, which hold no `|`; so the last may. */
export function splitKey(key: string, count: number): (string | null)[] {
  const parts = key.split('|');
  const head = parts.slice(0, count - 1);
  const all = [...head, parts.slice(count - 1).join('|')];
  return Array.from({ length: count }, (_, i) => all[i] || null);
}

/** {@link keyOf} in SQL. */
export function keyExpression(columns: readonly string[]): string {
  const [first, ...rest] = columns.map(quoteName);
  assert(first !== undefined, 'every table has a key');
  return [first, ...rest.map((name) => `coalesce(${name}, '')`)].join(" || '|' || ");
}

/** A condition that a reader can hold against the file's statistics where the key is one column. */
export function keyCondition(columns: readonly string[], keys: readonly string[]): string {
  const list = keys.map(quoteText).join(', ');
  const whole = `${keyExpression(columns)} IN (${list})`;
  const [first] = columns;
  if (columns.length === 1 || first === undefined) return whole;
  const firsts = [...new Set(keys.map((key) => splitKey(key, columns.length)[0] ?? ''))];
  return `${quoteName(first)} IN (${firsts.map(quoteText).join(', ')}) AND ${whole}`;
}

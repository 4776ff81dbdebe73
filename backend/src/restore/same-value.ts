import type { Value } from '../base/value.ts';
import { canonicalText, type ColumnSchema, type ColumnType } from '../vault/index.ts';

const contents: readonly ColumnType[] = ['file', 'image', 'body'];

/**
 * Whether two values of a column mean the same, by the vault's own canonical text: numbers whatever their trailing zeros,
 * instants whatever their fraction's zeros, multi-select as sets, ids whatever their case. Contents stand here as their
 * sha256.
 */
export function sameValue(type: ColumnType, a: Value, b: Value): boolean {
  if (a === null || b === null || contents.includes(type)) return a === b;
  const column: ColumnSchema = { name: type, id: '', deltaName: type, label: type, type };
  return canonicalText(column, a, null) === canonicalText(column, b, null);
}

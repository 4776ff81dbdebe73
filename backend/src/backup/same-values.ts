import { isReference, type Value, type Values } from '../base/value.ts';
import type { ColumnSchema } from '../vault/index.ts';

/**
 * Do two captures of a row say the same? Volatile columns are never compared. A column that the older capture does not
 * hold counts as empty there: the run that adds a column reads every row where it is not.
 */
export function sameValues(
  columns: readonly ColumnSchema[],
  head: Values,
  now: Values,
  options: { readonly ignoreVersion: boolean },
): boolean {
  return columns.every((column) => {
    if (column.volatile === true || column.type === 'body') return true;
    if (options.ignoreVersion && column.name === 'versionnumber') return true;
    return canonical(column, head[column.name]) === canonical(column, now[column.name]);
  });
}

function canonical(column: ColumnSchema, value: Value | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (isReference(value)) return `${value.table}:${value.id}`;
  switch (column.type) {
    case 'decimal':
    case 'rate':
      return withoutTrailingZeros(String(value));
    case 'multiSelect':
      return String(value).split(',').sort().join(',');
    default:
      return String(value);
  }
}

function withoutTrailingZeros(digits: string): string {
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return short === '-0' ? '0' : short;
}

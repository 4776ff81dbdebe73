import type { Value, Values } from '../base/value.ts';
import { canonicalText, type ColumnSchema } from '../vault/index.ts';

/**
 * Do two captures of a row say the same? Volatile columns are never compared. A column that the older capture does not
 * hold counts as empty there: the run that adds a column reads every row where it is not. A value of a column that was
 * another one when the older capture was made (`moved`) is news, even where its text is the same.
 */
export function sameValues(
  columns: readonly ColumnSchema[],
  head: Values,
  now: Values,
  options: { readonly ignoreVersion: boolean; readonly moved?: ReadonlySet<string> },
): boolean {
  return columns.every((column) => {
    if (column.volatile === true || column.type === 'body') return true;
    if (options.ignoreVersion && column.name === 'versionnumber') return true;
    if (options.moved?.has(column.name) === true && (now[column.name] ?? null) !== null) return false;
    return meaning(column, head[column.name] ?? null) === meaning(column, now[column.name] ?? null);
  });
}

/** One text for one meaning; of files and images the id stands for the content. */
function meaning(column: ColumnSchema, value: Value): string | null {
  return canonicalText(column, value, value === null ? null : JSON.stringify(value));
}

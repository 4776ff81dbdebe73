import type { ColumnDefinition, TableDefinition } from './definitions.ts';

/**
 * The columns of a table that a rule picks, looked for once for each definition. Tables have hundreds of columns and
 * rules pick a few, for every row that is written. Definitions never change: a changed table is another object.
 */
export function columnsWhere(
  rule: (column: ColumnDefinition) => boolean,
): (table: TableDefinition) => readonly ColumnDefinition[] {
  const found = new WeakMap<TableDefinition, readonly ColumnDefinition[]>();
  return (table) => {
    let columns = found.get(table);
    if (columns === undefined) found.set(table, (columns = [...table.columns.values()].filter(rule)));
    return columns;
  };
}

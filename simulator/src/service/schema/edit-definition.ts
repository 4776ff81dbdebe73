import type {
  ColumnDefinition,
  OneToManyDefinition,
  SchemaDefinition,
  TableDefinition,
} from '../../model/definitions.ts';

/** Changes of a schema as values: each takes a definition and gives the next one. */

const FIRST_CUSTOM_CODE = 10_000;

export function withTable(definition: SchemaDefinition, table: TableDefinition): SchemaDefinition {
  const known = definition.tables.some((one) => one.logicalName === table.logicalName);
  const tables = known
    ? definition.tables.map((one) => (one.logicalName === table.logicalName ? table : one))
    : [...definition.tables, table];
  return { ...definition, tables };
}

export function withColumns(
  definition: SchemaDefinition,
  tableName: string,
  columns: ReadonlyMap<string, ColumnDefinition>,
): SchemaDefinition {
  const table = definition.tables.find((one) => one.logicalName === tableName);
  return table === undefined ? definition : withTable(definition, { ...table, columns });
}

/** A column, and what stands beside it, is taken out of its table; its relationships and keys go along. */
export function withoutColumn(
  definition: SchemaDefinition,
  tableName: string,
  columnName: string,
): SchemaDefinition {
  const table = definition.tables.find((one) => one.logicalName === tableName);
  if (table === undefined) return definition;
  const gone = columnsWith(table, columnName);
  const columns = new Map([...table.columns].filter(([name]) => !gone.has(name)));
  const leads = (one: OneToManyDefinition) =>
    one.referencingTable === tableName && gone.has(one.referencingColumn);
  return {
    ...withTable(definition, { ...table, columns }),
    oneToMany: definition.oneToMany.filter((one) => !leads(one)),
  };
}

/** The column and its companions: names, base currency, file name, image id, state of a rollup. */
export function columnsWith(table: TableDefinition, columnName: string): ReadonlySet<string> {
  const gone = new Set([columnName]);
  for (const column of table.columns.values()) {
    if (column.attributeOf === columnName || column.calculationOf === columnName)
      gone.add(column.logicalName);
  }
  if (table.columns.get(columnName)?.sourceType === 2)
    for (const suffix of ['_date', '_state']) gone.add(columnName + suffix);
  for (const name of [...gone]) {
    for (const column of table.columns.values())
      if (column.attributeOf === name) gone.add(column.logicalName);
  }
  return gone;
}

export function nextObjectTypeCode(definition: SchemaDefinition): number {
  return Math.max(FIRST_CUSTOM_CODE, ...definition.tables.map((table) => table.objectTypeCode)) + 1;
}

/** A number for a column that has not been used in the table. */
export function nextColumnNumber(table: TableDefinition): number {
  return Math.max(0, ...[...table.columns.values()].map((column) => column.columnNumber)) + 1;
}

import type { ColumnDefinition, SchemaDefinition, TableDefinition } from './definitions.ts';
import { guidFromText } from './guid.ts';

/**
 * File and image columns come with read-only companions that a definition may leave out:
 * `<col>_name` for files; `<col>id`, `<col>_timestamp`, `<col>_url` for images.
 */
export function withCompanions(schema: SchemaDefinition): SchemaDefinition {
  return { ...schema, tables: schema.tables.map(tableWithCompanions) };
}

/** Looked for once for each table. */
const completed = new WeakMap<TableDefinition, TableDefinition>();

function tableWithCompanions(table: TableDefinition): TableDefinition {
  let complete = completed.get(table);
  if (complete === undefined) {
    complete = addCompanions(table);
    completed.set(table, complete);
    completed.set(complete, complete);
  }
  return complete;
}

function addCompanions(table: TableDefinition): TableDefinition {
  const missing: ColumnDefinition[] = [];
  for (const column of table.columns.values()) {
    for (const companion of companionsOf(table, column)) {
      if (!table.columns.has(companion.logicalName)) missing.push(companion);
    }
  }
  if (missing.length === 0) return table;
  const columns = new Map(table.columns);
  for (const column of missing)
    columns.set(column.logicalName, { ...column, columnNumber: columns.size + 1 });
  return { ...table, columns };
}

function companionsOf(table: TableDefinition, column: ColumnDefinition): ColumnDefinition[] {
  if (column.type === 'FileType')
    return [companion(table, column, '_name', 'StringType', { maxLength: 200 })];
  if (column.type !== 'ImageType') return [];
  return [
    companion(table, column, 'id', 'UniqueidentifierType', {}),
    companion(table, column, '_timestamp', 'BigIntType', {}),
    companion(table, column, '_url', 'StringType', { maxLength: 200, format: 'Url' }),
  ];
}

function companion(
  table: TableDefinition,
  owner: ColumnDefinition,
  suffix: string,
  type: ColumnDefinition['type'],
  extra: Partial<ColumnDefinition>,
): ColumnDefinition {
  const logicalName = owner.logicalName + suffix;
  return {
    logicalName,
    schemaName: suffix === 'id' ? `${owner.schemaName}Id` : owner.schemaName + suffix,
    metadataId: guidFromText(`${table.logicalName}.${logicalName}`),
    type,
    displayName: owner.displayName,
    requiredLevel: 'None',
    validForCreate: false,
    validForRead: true,
    validForUpdate: false,
    validOData: true,
    custom: owner.custom,
    attributeOf: owner.logicalName,
    columnNumber: 0,
    ...extra,
  };
}

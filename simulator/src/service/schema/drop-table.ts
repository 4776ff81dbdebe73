import type { OneToManyDefinition, SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import { isReference } from '../../store/values.ts';
import type { Environment } from '../environment.ts';
import { removeFilesOf } from '../files/file-store.ts';
import { columnsWith, withoutColumn, withTable } from './edit-definition.ts';

/** The schema without the table; `changed` names the tables that lost a lookup or a target. */
export function dropTable(
  definition: SchemaDefinition,
  table: TableDefinition,
): { definition: SchemaDefinition; changed: readonly string[] } {
  const name = table.logicalName;
  const links = definition.manyToMany.filter((link) => link.table1 === name || link.table2 === name);
  const gone = new Set([name, ...links.map((link) => link.intersectTable)]);
  const incoming = definition.oneToMany.filter(
    (one) => one.referencedTable === name && !gone.has(one.referencingTable),
  );
  let next: SchemaDefinition = {
    ...definition,
    tables: definition.tables.filter((one) => !gone.has(one.logicalName)),
    oneToMany: definition.oneToMany.filter(
      (one) => !gone.has(one.referencedTable) && !gone.has(one.referencingTable),
    ),
    manyToMany: definition.manyToMany.filter((link) => !links.includes(link)),
  };
  for (const one of incoming) next = withoutTarget(next, one, name);
  return { definition: next, changed: [...new Set(incoming.map((one) => one.referencingTable))] };
}

/** A lookup that led only to the table goes; one of several targets loses this one. */
function withoutTarget(
  definition: SchemaDefinition,
  relationship: OneToManyDefinition,
  target: string,
): SchemaDefinition {
  const table = definition.tables.find((one) => one.logicalName === relationship.referencingTable);
  const column = table?.columns.get(relationship.referencingColumn);
  if (table === undefined || column === undefined) return definition;
  const targets = (column.targets ?? []).filter((one) => one !== target);
  if (targets.length === 0 && column.custom)
    return withoutColumn(definition, table.logicalName, column.logicalName);
  const columns = new Map(table.columns).set(column.logicalName, { ...column, targets });
  return withTable(definition, { ...table, columns });
}

/**
 * Rows of a table that is going: no tombstones, since nobody can ask for them. What hangs on them goes as well:
 * links, notes, files and shares; lookups of other tables are emptied without a change of their rows.
 */
export function dropRows(environment: Environment, table: TableDefinition): void {
  const { database, schema } = environment;
  const name = table.logicalName;
  for (const row of database.store(name).values()) removeFilesOf(environment, table, row.id);
  for (const one of schema.children(name)) {
    const child = schema.table(one.referencingTable);
    if (child === undefined || one.referencingTable === name) continue;
    const gone = columnsWith(child, one.referencingColumn);
    for (const row of [...database.store(one.referencingTable).values()]) {
      const reference = row.values[one.referencingColumn];
      if (!isReference(reference) || reference.table !== name) continue;
      if (one.cascade.delete === 'Cascade') database.remove(one.referencingTable, row.id);
      else database.putQuietly(one.referencingTable, row.id, without(row.values, gone));
    }
  }
  for (const link of schema.links(name)) database.dropStore(link.intersectTable);
  database.dropStore(name);
}

function without(
  values: Readonly<Record<string, StoredValue>>,
  gone: ReadonlySet<string>,
): Record<string, StoredValue> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !gone.has(name)));
}

import type { SchemaDefinition, TableDefinition } from '../../model/definitions.ts';

/** Kinds of definitions that `DeletedMetadataFilters` tells apart. */
export type DeletedKind = 'Entity' | 'Attribute' | 'Relationship' | 'OptionSet';

/** Metadata ids that were in the older schema and are not in the newer one. */
export function deletedBetween(
  before: SchemaDefinition,
  after: SchemaDefinition,
): ReadonlyMap<DeletedKind, readonly string[]> {
  const kept = idsOf(after);
  const gone = new Map<DeletedKind, readonly string[]>();
  for (const [kind, ids] of idsOf(before)) {
    const left = kept.get(kind);
    const missing = [...ids].filter((id) => left?.has(id) !== true);
    if (missing.length > 0) gone.set(kind, missing);
  }
  return gone;
}

function idsOf(definition: SchemaDefinition): ReadonlyMap<DeletedKind, ReadonlySet<string>> {
  const { tables, oneToMany, manyToMany, optionSets = [] } = definition;
  return new Map<DeletedKind, ReadonlySet<string>>([
    ['Entity', new Set(tables.map((table) => table.metadataId))],
    [
      'Attribute',
      new Set(tables.flatMap((table) => [...table.columns.values()].map((column) => column.metadataId))),
    ],
    ['Relationship', new Set([...oneToMany, ...manyToMany].map((one) => one.metadataId))],
    ['OptionSet', new Set(optionSets.map((set) => set.metadataId))],
  ]);
}

/** Whether the table, or a relationship of it, is another object than before: definitions are never changed in place. */
export function changedTables(
  before: SchemaDefinition | undefined,
  after: SchemaDefinition,
): (table: TableDefinition) => boolean {
  if (before === undefined) return () => false;
  const tables = new Set(before.tables);
  const relationships = new Set<unknown>([...before.oneToMany, ...before.manyToMany]);
  const touched = new Set<string>();
  for (const one of after.oneToMany) {
    if (!relationships.has(one)) touched.add(one.referencedTable).add(one.referencingTable);
  }
  for (const one of after.manyToMany) {
    if (!relationships.has(one)) touched.add(one.table1).add(one.table2);
  }
  return (table) => !tables.has(table) || touched.has(table.logicalName);
}

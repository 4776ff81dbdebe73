import type { ColumnDefinition, OneToManyDefinition, TableDefinition } from '../../model/definitions.ts';
import { lookupRelationship, systemRelationships } from '../define-table.ts';
import { targetsOf } from './derive-column.ts';
import type { Observations, Observed } from './observe.ts';
import type { PackageField, PackageTable } from './read-package-schema.ts';

const LOOKUPS: ReadonlySet<string> = new Set(['LookupType', 'CustomerType', 'OwnerType']);

/** Relationships for lookups of the package that the schema does not have yet, one for each target. */
export function relationshipsOf(
  packageTables: readonly PackageTable[],
  tables: Map<string, TableDefinition>,
  known: readonly OneToManyDefinition[],
  seen: Observations,
): OneToManyDefinition[] {
  const have = new Set(
    known.map((one) => `${one.referencingTable}.${one.referencingColumn}>${one.referencedTable}`),
  );
  const found: OneToManyDefinition[] = [];
  const add = (relationship: OneToManyDefinition): void => {
    const key = `${relationship.referencingTable}.${relationship.referencingColumn}>${relationship.referencedTable}`;
    if (have.has(key)) return;
    have.add(key);
    found.push(relationship);
  };
  const builtIn = new Set(known.map((one) => one.referencingTable));
  for (const table of tables.values())
    if (!builtIn.has(table.logicalName)) systemRelationships(table).forEach(add);
  for (const table of packageTables) {
    for (const field of table.fields)
      lookupsOf(table, field, tables, seen.get(table.name)?.get(field.name)).forEach(add);
  }
  for (const target of seen.get('activityparty')?.get('partyid')?.targets ?? []) {
    lookupsTo('activityparty', 'partyid', [target], tables).forEach(add);
  }
  return found;
}

function lookupsOf(
  table: PackageTable,
  field: PackageField,
  tables: Map<string, TableDefinition>,
  seen: Observed | undefined,
): OneToManyDefinition[] {
  const definition = tables.get(table.name);
  const column = definition?.columns.get(field.name);
  if (!definition || !column || !LOOKUPS.has(column.type) || column.type === 'OwnerType') return [];
  const targets = targetsOf(field, seen).filter((target) => tables.has(target));
  const missing = targets.filter((target) => !column.targets?.includes(target));
  if (missing.length > 0) {
    const columns = new Map(definition.columns);
    columns.set(field.name, { ...column, targets: [...(column.targets ?? []), ...missing].sort() });
    tables.set(table.name, { ...definition, columns });
  }
  return lookupsTo(table.name, field.name, targets, tables);
}

function lookupsTo(
  child: string,
  column: string,
  targets: readonly string[],
  tables: Map<string, TableDefinition>,
): OneToManyDefinition[] {
  const definition = tables.get(child)?.columns.get(column);
  if (!definition) return [];
  const several = (definition.targets?.length ?? 0) > 1 || targets.length > 1;
  return targets.flatMap((target) => {
    const parent = tables.get(target);
    if (!parent) return [];
    return lookupRelationship({
      schemaName: `${child}_${column}_${target}`,
      parent: target,
      parentId: parent.primaryId,
      child,
      column,
      navigation: navigationOf(definition, child, target, several, tables),
      custom: definition.custom,
      cascade: cascadeOf(child, column, target),
    });
  });
}

/** A plain lookup's navigation property is its schema name; several targets add theirs, activities their own table too. */
function navigationOf(
  column: ColumnDefinition,
  child: string,
  target: string,
  several: boolean,
  tables: ReadonlyMap<string, TableDefinition>,
): string {
  const name = column.custom ? column.schemaName : column.logicalName;
  if (!several) return name;
  const regarding =
    column.logicalName === 'regardingobjectid' &&
    tables.get(child)?.activity === true &&
    child !== 'activitypointer';
  return regarding ? `${name}_${target}_${child}` : `${name}_${target}`;
}

const PARENTAL = /^(annotation\.objectid|[a-z]+\.regardingobjectid|customeraddress\.parentid)$/;
const PLATFORM = new Set(['systemuser', 'businessunit', 'team', 'organization', 'processstage', 'workflow']);

function cascadeOf(child: string, column: string, target: string): Partial<OneToManyDefinition['cascade']> {
  const path = `${child}.${column}`;
  if (PARENTAL.test(path))
    return {
      assign: 'Cascade',
      delete: 'Cascade',
      merge: 'Cascade',
      reparent: 'Cascade',
      share: 'Cascade',
      unshare: 'Cascade',
    };
  if (/^connection\.record\did$/.test(path)) return { delete: 'Cascade' };
  if (PLATFORM.has(target) || path === 'activityparty.partyid') return {};
  return { delete: 'RemoveLink' };
}

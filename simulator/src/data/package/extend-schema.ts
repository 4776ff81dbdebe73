import type {
  ColumnDefinition,
  ManyToManyDefinition,
  OneToManyDefinition,
  SchemaDefinition,
  TableDefinition,
} from '../../model/definitions.ts';
import { defineColumn } from '../define-column.ts';
import {
  columnMap,
  customTable,
  intersectTable,
  lookupRelationship,
  systemColumns,
  systemRelationships,
} from '../define-table.ts';
import { stableId } from '../stable-id.ts';
import { deriveColumn, optionsOf, schemaCase, targetsOf } from './derive-column.ts';
import type { Observations, Observed } from './observe.ts';
import type { PackageData } from './read-package-data.ts';
import type { PackageField, PackageTable } from './read-package-schema.ts';

const LOOKUPS: ReadonlySet<string> = new Set(['LookupType', 'CustomerType', 'OwnerType']);
const OUTSIDE_CODE = 11_000;

export interface Extension {
  readonly schema: SchemaDefinition;
  readonly notes: readonly string[];
}

/** The schema with every table, column, lookup and many-to-many that the package needs. */
export function extendSchema(
  schema: SchemaDefinition,
  packageTables: readonly PackageTable[],
  data: PackageData,
  seen: Observations,
): Extension {
  const notes: string[] = [];
  const tables = new Map(schema.tables.map((table) => [table.logicalName, table]));
  const derived = packageTables.filter((table) => !tables.has(table.name));
  for (const table of derived) tables.set(table.name, deriveTable(table, seen.get(table.name)));
  if (derived.length > 0)
    notes.push(
      `Derived ${derived.length} tables from the package's schema: ${names(derived.map((table) => table.name))}.`,
    );
  const outside = outsideTables(tables, seen);
  for (const table of outside) tables.set(table.logicalName, table);
  if (outside.length > 0) {
    notes.push(
      `Made ${outside.length} tables that rows point to and the package does not describe: ${names(outside.map((table) => table.logicalName))}.`,
    );
  }
  for (const table of packageTables) {
    const known = tables.get(table.name);
    if (known && !derived.includes(table))
      tables.set(table.name, extendTable(known, table, seen.get(table.name), notes));
  }
  const ends = manyToManyOf(packageTables, data, tables, schema.manyToMany, notes);
  for (const { intersect } of ends) tables.set(intersect.logicalName, intersect);
  const oneToMany = relationshipsOf(packageTables, tables, schema.oneToMany, seen);
  return {
    schema: {
      tables: [...narrowTargets(tables).values()],
      oneToMany: [...schema.oneToMany, ...oneToMany],
      manyToMany: [...schema.manyToMany, ...ends.map(({ link }) => link)],
    },
    notes,
  };
}

const names = (list: readonly string[]): string => [...list].sort().join(', ');

function deriveTable(table: PackageTable, seen: ReadonlyMap<string, Observed> | undefined): TableDefinition {
  const ownership = table.fields.some((field) => field.name === 'organizationid')
    ? 'OrganizationOwned'
    : 'UserOwned';
  const system = new Map(systemColumns(table.name, ownership).map((column) => [column.logicalName, column]));
  // The tool may leave the key out of the fields; every table has one.
  if (!table.fields.some((field) => field.name === table.primaryId)) {
    system.set(
      table.primaryId,
      defineColumn(table.name, {
        name: table.primaryId,
        type: 'UniqueidentifierType',
        requiredLevel: 'SystemRequired',
        validForUpdate: false,
      }),
    );
  }
  const own = table.fields.map((field) =>
    ownColumn(table, field, system.get(field.name), seen?.get(field.name)),
  );
  const rest = [...system.values()].filter(
    (column) => !own.some((one) => one.logicalName === column.logicalName),
  );
  return customTable({
    logicalName: table.name,
    schemaName: schemaCase(table.name, table.displayName),
    displayName: table.displayName,
    displayCollectionName: `${table.displayName}s`,
    objectTypeCode: table.objectTypeCode,
    primaryId: table.primaryId,
    primaryName: table.primaryName || null,
    primaryImage: own.some((column) => column.logicalName === 'entityimage') ? 'entityimage' : null,
    ownership,
    columns: [...own, ...rest],
    hasNotes: false,
  });
}

/** System columns keep their usual definition; states and status reasons take the values met in the data. */
function ownColumn(
  table: PackageTable,
  field: PackageField,
  system: ColumnDefinition | undefined,
  seen: Observed | undefined,
): ColumnDefinition {
  if (!system) return deriveColumn(table, field, seen);
  const named = { ...system, displayName: field.displayName };
  return system.options ? withObservedOptions(named, seen) : named;
}

function withObservedOptions(column: ColumnDefinition, seen: Observed | undefined): ColumnDefinition {
  if (column.type === 'BooleanType') return column;
  const options = optionsOf(column.options ?? [], seen);
  if (options.length === (column.options?.length ?? 0)) return column;
  if (column.type !== 'StatusType') return { ...column, options };
  const states = seen?.states;
  return {
    ...column,
    options: options.map((option) =>
      option.state === undefined ? { ...option, state: states?.get(option.value) ?? 0 } : option,
    ),
  };
}

/** A table that the schema has: missing columns are added, options and lengths follow the data. */
function extendTable(
  known: TableDefinition,
  table: PackageTable,
  seen: ReadonlyMap<string, Observed> | undefined,
  notes: string[],
): TableDefinition {
  const columns = new Map(known.columns);
  const added: string[] = [];
  for (const field of table.fields) {
    const column = columns.get(field.name);
    const data = seen?.get(field.name);
    if (!column || (column.attributeOf !== undefined && !column.validOData)) {
      columns.set(field.name, { ...deriveColumn(table, field, data), columnNumber: columns.size + 1 });
      added.push(field.name);
    } else columns.set(field.name, stretch(column, data, `${table.name}.${field.name}`, notes));
  }
  if (added.length > 0) notes.push(`Added ${added.length} columns to ${table.name}: ${names(added)}.`);
  return { ...known, columns: columnMap(known.logicalName, [...columns.values()]) };
}

function stretch(
  column: ColumnDefinition,
  seen: Observed | undefined,
  path: string,
  notes: string[],
): ColumnDefinition {
  if (!seen || seen.values === 0) return column;
  let result = column.options ? withObservedOptions(column, seen) : column;
  if (column.maxLength !== undefined && seen.longest > column.maxLength) {
    notes.push(
      `${path} holds ${seen.longest} characters, more than the standard ${column.maxLength}: the column was widened.`,
    );
    result = { ...result, maxLength: seen.longest };
  }
  if (column.type === 'DateTimeType' && column.dateBehavior === 'DateOnly' && !seen.midnight) {
    notes.push(`${path} holds times of day: the column was made UserLocal.`);
    result = { ...result, dateBehavior: 'UserLocal' };
  }
  return result;
}

/** Tables that only lookups name: a key and a name, so that the reference resolves. */
function outsideTables(tables: ReadonlyMap<string, TableDefinition>, seen: Observations): TableDefinition[] {
  const missing = new Set<string>();
  for (const columns of seen.values()) {
    for (const { targets } of columns.values())
      for (const target of targets) if (!tables.has(target)) missing.add(target);
  }
  return [...missing].sort().map((name, at) => outsideTable(name, OUTSIDE_CODE + at));
}

function outsideTable(name: string, code: number): TableDefinition {
  const prefix = /^[a-z0-9]+_/.exec(name)?.[0] ?? '';
  const primaryName = `${prefix}name`;
  return customTable({
    logicalName: name,
    schemaName: schemaCase(name, ''),
    displayName: name,
    displayCollectionName: name,
    objectTypeCode: code,
    primaryId: `${name}id`,
    primaryName,
    ownership: 'UserOwned',
    columns: [
      defineColumn(name, {
        name: `${name}id`,
        type: 'UniqueidentifierType',
        requiredLevel: 'SystemRequired',
        validForUpdate: false,
      }),
      defineColumn(name, {
        name: primaryName,
        schemaName: `${prefix}Name`,
        displayName: 'Name',
        type: 'StringType',
        custom: true,
      }),
      ...systemColumns(name, 'UserOwned'),
    ],
  });
}

/** Lookups lead only to tables that exist here; notes make their targets tables with notes. */
function narrowTargets(tables: Map<string, TableDefinition>): Map<string, TableDefinition> {
  const noted = new Set(tables.get('annotation')?.columns.get('objectid')?.targets ?? []);
  const result = new Map<string, TableDefinition>();
  for (const [name, table] of tables) {
    const columns = new Map(table.columns);
    for (const [column, definition] of columns) {
      if (!definition.targets) continue;
      const targets = definition.targets.filter((target) => tables.has(target));
      if (targets.length !== definition.targets.length) columns.set(column, { ...definition, targets });
    }
    result.set(name, { ...table, columns, hasNotes: table.hasNotes || noted.has(name) });
  }
  return result;
}

/** Relationships for lookups of the package that the schema does not have yet, one for each target. */
function relationshipsOf(
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

interface End {
  readonly link: ManyToManyDefinition;
  readonly intersect: TableDefinition;
}

function manyToManyOf(
  packageTables: readonly PackageTable[],
  data: PackageData,
  tables: ReadonlyMap<string, TableDefinition>,
  known: readonly ManyToManyDefinition[],
  notes: string[],
): End[] {
  const have = new Set(known.flatMap((link) => [link.schemaName, link.intersectTable]));
  const declared = packageTables.flatMap((table) =>
    table.manyToMany.map(({ name, target }) => ({ name, source: table.name, target })),
  );
  const met = data.links.map((link) => ({
    name: link.relationship,
    source: link.sourceTable,
    target: link.targetTable,
  }));
  const ends: End[] = [];
  for (const { name, source, target } of [...declared, ...met]) {
    if (have.has(name)) continue;
    const [one, two] = [tables.get(source), tables.get(target)];
    if (!one || !two) {
      notes.push(
        `The many-to-many ${name} is left out: this environment has no table ${one ? target : source}, and the package has no pair of it.`,
      );
    } else ends.push(linkOf(name, one, two, OUTSIDE_CODE + 500 + ends.length));
    have.add(name);
  }
  return ends;
}

function linkOf(name: string, one: TableDefinition, two: TableDefinition, code: number): End {
  const self = one.logicalName === two.logicalName;
  const column1 = self ? `${one.primaryId}one` : one.primaryId;
  const column2 = self ? `${two.primaryId}two` : two.primaryId;
  const link: ManyToManyDefinition = {
    schemaName: name,
    metadataId: stableId('link', name),
    intersectTable: name,
    table1: one.logicalName,
    column1,
    navigation1: name,
    table2: two.logicalName,
    column2,
    navigation2: self ? `${name}_referenced` : name,
    custom: true,
  };
  return { link, intersect: intersectTable(name, code, column1, column2) };
}

import type { ColumnDefinition, SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import { defineColumn } from '../define-column.ts';
import { columnMap, customTable, systemColumns } from '../define-table.ts';
import { deriveColumn, optionsOf, schemaCase } from './derive-column.ts';
import { manyToManyOf } from './link-tables.ts';
import type { Observations, Observed } from './observe.ts';
import type { PackageData } from './read-package-data.ts';
import type { PackageField, PackageTable } from './read-package-schema.ts';
import { relationshipsOf } from './relate-tables.ts';

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

import type { ColumnDefinition, SchemaDefinition } from '../model/definitions.ts';
import type { Seed, StoredValue } from '../model/seed.ts';

/**
 * What is wrong with a seed, one sentence each: unknown tables and columns, values in the wrong form, lookups and
 * links that lead nowhere. For the tests of everything that makes seeds.
 */
export function checkSeed(schema: SchemaDefinition, seed: Seed): string[] {
  const tables = new Map(schema.tables.map((table) => [table.logicalName, table]));
  const ids = new Set<string>();
  const problems: string[] = [];
  for (const row of seed.rows) {
    const key = `${row.table} ${row.id}`;
    if (ids.has(key)) problems.push(`${key} is there twice`);
    ids.add(key);
    if (tables.get(row.table)?.activity) ids.add(`activitypointer ${row.id}`);
  }
  const exists = (table: string, id: string): boolean => ids.has(`${table} ${id}`);
  for (const row of seed.rows) {
    const table = tables.get(row.table);
    const place = `${row.table} ${row.id}`;
    if (!table) problems.push(`${place}: no such table`);
    for (const [name, value] of Object.entries(row.values)) {
      const column = table?.columns.get(name);
      const problem = column ? checkValue(column, value, exists) : 'no such column';
      if (problem !== undefined)
        problems.push(`${place} ${name} = ${JSON.stringify(value).slice(0, 80)}: ${problem}`);
    }
    if (table && row.values[table.primaryId] !== row.id)
      problems.push(`${place}: its key says ${JSON.stringify(row.values[table.primaryId])}`);
    for (const name of Object.keys(row.files ?? {})) {
      const type = table?.columns.get(name)?.type;
      if (type !== 'FileType' && type !== 'ImageType')
        problems.push(`${place} ${name}: not a file or image column`);
    }
  }
  problems.push(...unboundLookups(schema, seed));
  const ends = new Map(schema.manyToMany.map((link) => [link.schemaName, link]));
  for (const { relationship, id1, id2 } of seed.links) {
    const end = ends.get(relationship);
    if (!end || !exists(end.table1, id1) || !exists(end.table2, id2))
      problems.push(`link ${relationship} ${id1} ${id2} leads nowhere`);
  }
  return problems;
}

/** Values of writable lookups that no navigation property could write again. */
function unboundLookups(schema: SchemaDefinition, seed: Seed): string[] {
  const tables = new Map(schema.tables.map((table) => [table.logicalName, table]));
  const bound = new Set(
    schema.oneToMany.map((one) => `${one.referencingTable}.${one.referencingColumn}>${one.referencedTable}`),
  );
  const missing = new Set<string>();
  for (const row of seed.rows) {
    for (const [name, value] of Object.entries(row.values)) {
      if (typeof value !== 'object' || value === null) continue;
      const column = tables.get(row.table)?.columns.get(name);
      const path = `${row.table}.${name}`;
      if (!column?.validForCreate && !column?.validForUpdate) continue;
      const parent = column.type === 'OwnerType' ? 'owner' : value.table;
      if (!bound.has(`${path}>${parent}`)) missing.add(`${path} has no relationship to ${parent}`);
    }
  }
  return [...missing];
}

const FORMS: Partial<Record<ColumnDefinition['type'], RegExp>> = {
  BigIntType: /^-?\d{1,19}$/,
  DecimalType: /^-?\d+(\.\d+)?$/,
  MoneyType: /^-?\d+(\.\d+)?$/,
  MultiSelectPicklistType: /^-?\d+(,-?\d+)*$/,
  UniqueidentifierType: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  EntityNameType: /^[a-z][a-z0-9_]*$/,
};

function checkValue(
  column: ColumnDefinition,
  value: StoredValue,
  exists: (table: string, id: string) => boolean,
): string | undefined {
  if (column.targets && column.type !== 'PartyListType') return checkLookup(column, value, exists);
  switch (column.type) {
    case 'StringType':
    case 'MemoType':
      if (typeof value !== 'string') return 'not a text';
      return value.length > (column.maxLength ?? Infinity) ? `longer than ${column.maxLength}` : undefined;
    case 'IntegerType':
      return Number.isInteger(value) ? undefined : 'not a whole number';
    case 'DoubleType':
      return typeof value === 'number' ? undefined : 'not a number';
    case 'BooleanType':
      return typeof value === 'boolean' ? undefined : 'not a boolean';
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
      return checkOption(column, value);
    case 'DateTimeType':
      return matches(
        column.dateBehavior === 'DateOnly' ? /^\d{4}-\d\d-\d\d$/ : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
        value,
      );
    default: {
      const form = FORMS[column.type];
      return form ? matches(form, value) : `a ${column.type} holds no value`;
    }
  }
}

function checkOption(column: ColumnDefinition, value: StoredValue): string | undefined {
  if (!Number.isInteger(value)) return 'not a whole number';
  const known = column.options ?? [];
  return known.length === 0 || known.some((option) => option.value === value) ? undefined : 'not an option';
}

function matches(form: RegExp, value: StoredValue): string | undefined {
  return typeof value === 'string' && form.test(value) ? undefined : `does not match ${form.source}`;
}

function checkLookup(
  column: ColumnDefinition,
  value: StoredValue,
  exists: (table: string, id: string) => boolean,
): string | undefined {
  if (typeof value !== 'object' || value === null) return 'not a reference';
  if (!column.targets?.includes(value.table) && value.table !== 'activitypointer')
    return `may not point to ${value.table}`;
  return exists(value.table, value.id) ? undefined : 'leads nowhere';
}

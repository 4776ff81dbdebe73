import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnDefinition, SchemaDefinition } from '../../model/definitions.ts';
import type { SeedRow, StoredValue } from '../../model/seed.ts';
import {
  attribute,
  list,
  packageFolder,
  packageTest,
  parsePackage,
  type Node,
} from '../../../test/support/published-packages.ts';
import { builtInSchema } from '../built-in-schema.ts';
import { checkSeed } from '../check-seed.ts';
import { loadPackage, type LoadedPackage } from './load-package.ts';

const base = builtInSchema();
const loadedPackages = new Map<string, LoadedPackage>();

/** Each package is loaded once for this file. */
function loadOnce(name: string): LoadedPackage {
  const loaded = loadedPackages.get(name) ?? loadPackage(packageFolder(name), base);
  loadedPackages.set(name, loaded);
  return loaded;
}

function columnOf(schema: SchemaDefinition, table: string, column: string): ColumnDefinition {
  const found = schema.tables.find((one) => one.logicalName === table)?.columns.get(column);
  if (!found) throw new Error(`no column ${table}.${column}`);
  return found;
}

/** Reads data.xml by another library and compares everything that stands there with the seed. */
packageTest('every record, value and pair of %s is in the seed', (name) => {
  const loaded = loadOnce(name);
  expect(checkSeed(loaded.schema, loaded.seed)).toEqual([]);
  expect(compareWithDocument(loaded, readFileSync(join(packageFolder(name), 'data.xml'), 'utf8'))).toEqual(
    [],
  );
});

packageTest(
  'every table, field and pair of tables in the schema of %s is defined, with a fitting type',
  (name) => {
    const { schema } = loadOnce(name);
    const document = parsePackage(readFileSync(join(packageFolder(name), 'data_schema.xml'), 'utf8'));
    const wrong: string[] = [];
    let fields = 0;
    for (const entity of list(document['entities'], 'entity')) {
      const table = schema.tables.find((one) => one.logicalName === attribute(entity, 'name'));
      for (const field of list(entity['fields'], 'field')) {
        fields++;
        const column = table?.columns.get(attribute(field, 'name'));
        wrong.push(...wrongWith(schema, attribute(entity, 'name'), column, field));
      }
      if (table?.primaryId !== attribute(entity, 'primaryidfield'))
        wrong.push(`key of ${attribute(entity, 'name')}`);
      wrong.push(...list(entity['relationships'], 'relationship').flatMap((link) => unlinked(schema, link)));
    }
    expect(fields).toBeGreaterThan(400);
    expect(wrong).toEqual([]);
  },
);

/** A many-to-many is named by its relationship or its table; one that leads to a table which is not here is left out. */
function unlinked(schema: SchemaDefinition, link: Node): string[] {
  const name = attribute(link, 'name');
  const target = attribute(link, 'm2mTargetEntity');
  if (attribute(link, 'manyToMany') !== 'true' || !tablesOf(schema).has(target)) return [];
  const known = schema.manyToMany.find((one) => one.schemaName === name || one.intersectTable === name);
  return known?.table1 === target || known?.table2 === target ? [] : [`link ${name}`];
}

/** What a field of the package may be in the environment; a standard column may know more than the tool wrote. */
const FITTING: Readonly<Record<string, string>> = {
  string: 'StringType MemoType EntityNameType',
  number: 'IntegerType BigIntType',
  bigint: 'BigIntType',
  decimal: 'DecimalType',
  float: 'DoubleType',
  money: 'MoneyType',
  bool: 'BooleanType',
  datetime: 'DateTimeType',
  guid: 'UniqueidentifierType',
  entityreference: 'LookupType CustomerType',
  owner: 'OwnerType',
  optionsetvalue: 'PicklistType',
  optionsetvaluecollection: 'MultiSelectPicklistType',
  state: 'StateType',
  status: 'StatusType',
  imagedata: 'ImageType',
  partylist: 'PartyListType',
};

function wrongWith(
  schema: SchemaDefinition,
  table: string,
  column: ColumnDefinition | undefined,
  field: Node,
): string[] {
  const path = `${table}.${attribute(field, 'name')}`;
  if (column === undefined) return [`${path} is missing`];
  const type = attribute(field, 'type');
  if (!FITTING[type]?.split(' ').includes(column.type)) return [`${path}: ${column.type} for ${type}`];
  if (column.type !== 'LookupType' && column.type !== 'CustomerType') return [];
  // Every table that the tool names and that is here is a target, with a relationship unless nothing may be written.
  const targets = attribute(field, 'lookupType')
    .split('|')
    .filter((name) => tablesOf(schema).has(name));
  return targets
    .filter((target) => {
      const bound = schema.oneToMany.some(
        (one) =>
          one.referencingTable === table &&
          one.referencingColumn === column.logicalName &&
          one.referencedTable === target,
      );
      return column.targets?.includes(target) !== true || (!bound && column.validForUpdate);
    })
    .map((target) => `${path} does not lead to ${target}`);
}

const tablesOf = (schema: SchemaDefinition) => new Set(schema.tables.map((one) => one.logicalName));

function compareWithDocument(loaded: LoadedPackage, xml: string): string[] {
  const document = parsePackage(xml);
  const rows = new Map(loaded.seed.rows.map((row) => [`${row.table} ${row.id}`, row]));
  const pairs = new Set(
    loaded.seed.links.map((link) => `${link.relationship} ${[link.id1, link.id2].sort().join(' ')}`),
  );
  const differences: string[] = [];
  let records = 0;
  for (const entity of list(document['entities'], 'entity')) {
    const table = attribute(entity, 'name');
    for (const record of list(entity['records'], 'record')) {
      records++;
      differences.push(
        ...compareRecord(loaded.schema, rows.get(`${table} ${attribute(record, 'id')}`), record, table, rows),
      );
    }
    for (const link of list(entity['m2mrelationships'], 'm2mrelationship')) {
      for (const target of list(link['targetids'], 'targetid')) {
        const key = `${attribute(link, 'm2mrelationshipname')} ${[attribute(link, 'sourceid'), JSON.stringify(target).slice(1, -1)].sort().join(' ')}`;
        if (!pairs.has(key)) differences.push(`pair ${key} is missing`);
      }
    }
  }
  if (records === 0) differences.push('the document has no records');
  return differences;
}

function compareRecord(
  schema: SchemaDefinition,
  row: SeedRow | undefined,
  record: Node,
  table: string,
  rows: ReadonlyMap<string, SeedRow>,
): string[] {
  if (!row) return [`row ${table} ${attribute(record, 'id')} is missing`];
  return list(record, 'field').flatMap((field) => {
    const parties = list(field, 'activitypointerrecords').flatMap((party) =>
      compareRecord(
        schema,
        rows.get(`activityparty ${attribute(party, 'id')}`),
        party,
        'activityparty',
        rows,
      ),
    );
    const name = attribute(field, 'name');
    const text = attribute(field, 'value');
    if (columnOf(schema, table, name).type === 'ImageType') {
      const bytes = Buffer.from(row.files?.[name]?.bytes ?? []).toString('base64');
      return bytes === text ? parties : [...parties, `${table} ${row.id} ${name}: another image`];
    }
    const expected =
      text === ''
        ? undefined
        : expectedValue(columnOf(schema, table, name), text, attribute(field, 'lookupentity'));
    const actual = row.values[name];
    const same = JSON.stringify(actual) === JSON.stringify(expected);
    return same
      ? parties
      : [
          ...parties,
          `${table} ${row.id} ${name}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`,
        ];
  });
}

/** Deliberately simple: what each type should be, from the text, without the loader's code. */
function expectedValue(column: ColumnDefinition, text: string, lookupTable: string): StoredValue {
  if (['LookupType', 'CustomerType', 'OwnerType'].includes(column.type))
    return { table: lookupTable, id: text };
  if (['IntegerType', 'PicklistType', 'StateType', 'StatusType', 'DoubleType'].includes(column.type))
    return Number(text);
  if (column.type === 'BooleanType') return text === 'True';
  if (column.type === 'MultiSelectPicklistType') return text.replace('[-1,', '').replace(',-1]', '');
  if (column.type !== 'DateTimeType') return text;
  const iso = new Date(text.includes('M') ? `${text} UTC` : text).toISOString();
  return column.dateBehavior === 'DateOnly' ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

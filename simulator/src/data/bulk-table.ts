import type {
  ColumnDefinition,
  OneToManyDefinition,
  SchemaDefinition,
  TableDefinition,
} from '../model/definitions.ts';
import type { GeneratedContent } from '../service/environment.ts';
import { attachTable } from './attach-table.ts';
import { choice, defineColumn, type ColumnDraft } from './define-column.ts';
import { customTable, lookupRelationship, systemColumns } from './define-table.ts';

/** A custom table to be added and filled with generated rows. */
export interface BulkTable {
  /** Logical name with its prefix: `new_bulk`. */
  readonly name: string;
  readonly rows: number;
  /** Properties of a row: those that every table has, key and name among them, and as many more as it takes. */
  readonly columns: number;
}

/** System columns, key, name, currency and rate. */
export const MIN_COLUMNS = 21;
/** More than any table that we have heard of. */
export const MAX_COLUMNS = 1000;
const OPTIONS = ['Draft', 'Open', 'Waiting', 'Done', 'Cancelled'];

/** The mix of a table that a company has grown: mostly texts and numbers, some choices, dates and lookups. */
const MIX: readonly (ColumnDraft | 'money')[] = [
  { name: 'text', type: 'StringType' },
  { name: 'whole', type: 'IntegerType' },
  { name: 'date', type: 'DateTimeType' },
  { name: 'choice', type: 'PicklistType' },
  { name: 'code', type: 'StringType' },
  { name: 'account', type: 'LookupType', targets: ['account'] },
  { name: 'decimal', type: 'DecimalType', precision: 4 },
  { name: 'flag', type: 'BooleanType' },
  { name: 'note', type: 'MemoType' },
  { name: 'email', type: 'StringType', format: 'Email' },
  'money',
  { name: 'day', type: 'DateTimeType', dateBehavior: 'DateOnly', format: 'DateOnly' },
  { name: 'label', type: 'StringType', maxLength: 400 },
  { name: 'customer', type: 'CustomerType', targets: ['account', 'contact'] },
  { name: 'double', type: 'DoubleType' },
  { name: 'link', type: 'StringType', format: 'Url', maxLength: 200 },
  { name: 'count', type: 'IntegerType', minValue: '0' },
  { name: 'many', type: 'MultiSelectPicklistType' },
  { name: 'phone', type: 'StringType', format: 'Phone' },
  { name: 'opens', type: 'DateTimeType', dateBehavior: 'TimeZoneIndependent' },
  { name: 'big', type: 'BigIntType' },
  { name: 'contact', type: 'LookupType', targets: ['contact'] },
];

/** The environment's contents with these tables in the schema, and what fills them. */
export function withBulkTables<C extends { readonly schema: SchemaDefinition }>(
  contents: C,
  tables: readonly BulkTable[],
  seed: number,
): C & { readonly generated: readonly GeneratedContent[] } {
  let { schema } = contents;
  for (const table of tables) schema = withBulkTable(schema, table);
  const generated = tables.map(({ name, rows }) => ({ table: name, rows, seed }));
  return { ...contents, schema, generated };
}

function withBulkTable(schema: SchemaDefinition, bulk: BulkTable): SchemaDefinition {
  if (schema.tables.some((table) => table.logicalName === bulk.name)) {
    throw new Error(`The schema has a table ${bulk.name} already.`);
  }
  const code = Math.max(...schema.tables.map((table) => table.objectTypeCode)) + 1;
  const table = bulkTable(bulk, code);
  return attachTable(schema, table, { lookups: lookupsOf(table) });
}

function bulkTable({ name, columns }: BulkTable, objectTypeCode: number): TableDefinition {
  const prefix = name.slice(0, name.indexOf('_') + 1);
  const displayName = name.slice(prefix.length).replace(/^./, (letter) => letter.toUpperCase());
  const always = alwaysColumns(name, `${prefix}name`);
  return customTable({
    logicalName: name,
    schemaName: name,
    displayName,
    displayCollectionName: `${displayName}s`,
    objectTypeCode,
    primaryId: `${name}id`,
    primaryName: `${prefix}name`,
    ownership: 'UserOwned',
    columns: [...always, ...ownColumns(name, prefix, columns - always.length)],
  });
}

function alwaysColumns(table: string, primaryName: string): ColumnDefinition[] {
  const draft = (column: ColumnDraft) => defineColumn(table, column);
  return [
    draft({
      name: `${table}id`,
      type: 'UniqueidentifierType',
      requiredLevel: 'SystemRequired',
      validForUpdate: false,
    }),
    draft({ name: primaryName, type: 'StringType', custom: true, requiredLevel: 'ApplicationRequired' }),
    draft({ name: 'transactioncurrencyid', type: 'LookupType', targets: ['transactioncurrency'] }),
    draft({
      name: 'exchangerate',
      type: 'DecimalType',
      precision: 12,
      validForCreate: false,
      validForUpdate: false,
    }),
    ...systemColumns(table, 'UserOwned'),
  ];
}

/** Exactly `count` columns, the mix over and over; a money column comes with its value in base currency. */
function ownColumns(table: string, prefix: string, count: number): ColumnDefinition[] {
  const columns: ColumnDefinition[] = [];
  for (let at = 0; columns.length < count; at++) {
    const kind = MIX[at % MIX.length]!; // within its length
    const number = String(at).padStart(3, '0');
    if (kind !== 'money') {
      const name = `${prefix}${kind.name}${number}`;
      columns.push(defineColumn(table, { ...kind, ...optionsOf(table, kind, name), name, custom: true }));
    } else if (columns.length + 2 <= count) {
      columns.push(...moneyColumns(table, `${prefix}money${number}`));
    }
  }
  return columns;
}

function moneyColumns(table: string, name: string): ColumnDefinition[] {
  const money = { type: 'MoneyType', precision: 4, custom: true } as const;
  const base = {
    name: `${name}_base`,
    calculationOf: name,
    validForCreate: false,
    validForUpdate: false,
  } as const;
  return [defineColumn(table, { ...money, name }), defineColumn(table, { ...money, ...base })];
}

function optionsOf(table: string, { type }: ColumnDraft, name: string): Partial<ColumnDraft> {
  if (type !== 'PicklistType' && type !== 'MultiSelectPicklistType') return {};
  return {
    options: OPTIONS.map((label, at) => choice(100_000_000 + at, label)),
    optionSetName: `${table}_${name}`,
  };
}

/** A relationship for each target of the table's own lookups; of several targets, each has its navigation. */
function lookupsOf(table: TableDefinition): OneToManyDefinition[] {
  return [...table.columns.values()].flatMap((column) =>
    (column.custom ? (column.targets ?? []) : []).map((parent) =>
      lookupRelationship({
        schemaName: `${table.logicalName}_${column.logicalName}_${parent}`,
        parent,
        parentId: `${parent}id`,
        child: table.logicalName,
        column: column.logicalName,
        navigation: column.targets?.length === 1 ? column.logicalName : `${column.logicalName}_${parent}`,
        cascade: { delete: 'RemoveLink' },
      }),
    ),
  );
}

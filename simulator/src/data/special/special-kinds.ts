import type { SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import type { SeedRow } from '../../model/seed.ts';
import { attachTable } from '../attach-table.ts';
import { defineColumn, type ColumnDraft } from '../define-column.ts';
import { customTable, systemColumns } from '../define-table.ts';
import { stableId } from '../stable-id.ts';
import { elasticColumns, elasticKey } from './elastic-columns.ts';

export const READING = 'demo_reading';
export const CATALOG_ITEM = 'demo_catalogitem';

/** One table of each kind that is unlike the others. */
export function withSpecialKinds(schema: SchemaDefinition): SchemaDefinition {
  const tables = [
    elasticTable(),
    virtualTable(),
    {
      ...plainTable('demo_journal', 'demo_Journal', 'Journal', 10_952, [
        { name: 'msft_datastate', schemaName: 'msft_DataState', type: 'IntegerType' },
      ]),
      changeTracking: false,
    },
    { ...plainTable('demo_sealed', 'demo_Sealed', 'Sealed', 10_953), reads: 'unsupported' as const },
    { ...plainTable('demo_vaulted', 'demo_Vaulted', 'Vaulted', 10_954), reads: 'forbidden' as const },
    { ...plainTable('demo_queried', 'demo_Queried', 'Queried', 10_955), reads: 'queryOnly' as const },
    { ...plainTable('demo_internal', 'demo_Internal', 'Internal', 10_956), entitySetName: null },
  ];
  return tables.reduce((next, table) => attachTable(next, table), schema);
}

function plainTable(
  name: string,
  schemaName: string,
  displayName: string,
  code: number,
  drafts: readonly ColumnDraft[] = [],
  own: Pick<TableDefinition, 'keys'> & {
    readonly before?: readonly ReturnType<typeof defineColumn>[];
    readonly state?: boolean;
  } = { keys: [] },
): TableDefinition {
  return customTable({
    logicalName: name,
    schemaName,
    displayName,
    displayCollectionName: `${displayName}s`,
    objectTypeCode: code,
    primaryId: `${name}id`,
    primaryName: 'demo_name',
    ownership: 'UserOwned',
    keys: own.keys,
    columns: [
      defineColumn(name, {
        name: `${name}id`,
        schemaName: `${schemaName}Id`,
        type: 'UniqueidentifierType',
        requiredLevel: 'SystemRequired',
        validForUpdate: false,
        custom: true,
      }),
      defineColumn(name, { name: 'demo_name', schemaName: 'demo_Name', type: 'StringType', custom: true }),
      ...(own.before ?? []),
      ...drafts.map((draft) => defineColumn(name, { ...draft, custom: true })),
      ...systemColumns(name, 'UserOwned', own.state ?? true),
    ],
  });
}

function elasticTable(): TableDefinition {
  const table = plainTable(
    READING,
    'demo_Reading',
    'Reading',
    10_950,
    [
      { name: 'demo_value', schemaName: 'demo_Value', type: 'IntegerType' },
      {
        name: 'demo_payload',
        schemaName: 'demo_Payload',
        type: 'StringType',
        maxLength: 4000,
        format: 'Json',
      },
    ],
    { keys: [elasticKey(READING)], before: elasticColumns(READING), state: false },
  );
  return { ...table, tableType: 'Elastic' };
}

/** Owned by the organization, without versions: its rows live somewhere else. */
function virtualTable(): TableDefinition {
  const table = plainTable(CATALOG_ITEM, 'demo_CatalogItem', 'Catalog Item', 10_951, [
    { name: 'demo_price', schemaName: 'demo_Price', type: 'DecimalType', precision: 2 },
  ]);
  const kept = ['demo_catalogitemid', 'demo_name', 'demo_price'];
  return {
    ...table,
    tableType: 'Virtual',
    ownership: 'OrganizationOwned',
    changeTracking: false,
    optimisticConcurrency: false,
    columns: new Map([...table.columns].filter(([name]) => kept.includes(name))),
  };
}

const TWICE = 4;
const ROWS = 24;

/** Readings of devices: most in the partition of their device, some under one key in two partitions, some short-lived. */
export function specialRows(): readonly SeedRow[] {
  const readings = Array.from({ length: ROWS }, (_, at) => reading(at, `device-${at % 3}`));
  const twins = Array.from({ length: TWICE }, (_, at) => reading(at, 'device-archive'));
  const plain = ['demo_journal', 'demo_queried', 'demo_sealed', 'demo_vaulted'].map((table) => ({
    table,
    id: stableId('special row', table),
    values: { demo_name: 'One row' },
  }));
  return [...readings, ...twins, ...plain];
}

function reading(at: number, partition: string): SeedRow {
  return {
    table: READING,
    id: stableId('reading', String(at)),
    values: {
      demo_name: `Reading ${at}`,
      demo_value: at,
      demo_payload: JSON.stringify({ at, unit: 'kW' }),
      ...(at % 5 === 4 ? {} : { partitionid: partition }),
    },
  };
}

/** What the provider of the virtual table answers. */
export function catalogItems(): readonly Pick<SeedRow, 'id' | 'values'>[] {
  return Array.from({ length: 7 }, (_, at) => ({
    id: stableId('catalog item', String(at)),
    values: { demo_name: `Item ${at}`, demo_price: `${at}.50` },
  }));
}

import type { SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import type { SeedRow, StoredValue } from '../../model/seed.ts';
import { stableId } from '../stable-id.ts';
import type { PackageRows } from './read-rows.ts';

export interface RowReference {
  readonly table: string;
  readonly id: string;
}

/** Rows that lookups and links point to and the package does not hold, most referenced first, without values. */
export function findOutside({ rows, links }: PackageRows, schema: SchemaDefinition): RowReference[] {
  const tables = new Map(schema.tables.map((table) => [table.logicalName, table]));
  const have = new Set<string>();
  for (const row of rows) {
    have.add(`${row.table} ${row.id}`);
    if (tables.get(row.table)?.activity) have.add(`activitypointer ${row.id}`);
  }
  const counts = new Map<string, number>();
  const meet = (table: string, id: string): void => {
    const key = `${table} ${id}`;
    if (!have.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const row of rows) {
    for (const value of Object.values(row.values)) {
      if (typeof value === 'object' && value !== null) meet(value.table, value.id);
    }
  }
  const ends = new Map(schema.manyToMany.map((link) => [link.schemaName, link]));
  for (const link of links) {
    const end = ends.get(link.relationship);
    if (end) {
      meet(end.table1, link.id1);
      meet(end.table2, link.id2);
    }
  }
  return [...counts]
    .sort(([a, one], [b, two]) => two - one || (a < b ? -1 : 1))
    .map(([key]) => ({ table: key.slice(0, key.indexOf(' ')), id: key.slice(key.indexOf(' ') + 1) }));
}

const CURRENCIES: Readonly<Record<string, readonly [code: string, symbol: string]>> = {
  'us dollar': ['USD', '$'],
  usd: ['USD', '$'],
  euro: ['EUR', '€'],
  'pound sterling': ['GBP', '£'],
};

/** The least that makes such a row: its key, its name, and what its table cannot be without. */
export function outsideRow(
  reference: RowReference,
  table: TableDefinition,
  name: string | undefined,
): SeedRow {
  const values: Record<string, StoredValue> = { [table.primaryId]: reference.id };
  if (table.primaryName !== null)
    values[table.primaryName] = name ?? `${table.displayName} outside the package`;
  if (reference.table === 'transactioncurrency') Object.assign(values, currencyValues(name));
  if (reference.table === 'systemuser') {
    values['azureactivedirectoryobjectid'] = stableId('entra object', reference.id);
    values['domainname'] = `${reference.id.slice(0, 8)}@package.invalid`;
    values['isdisabled'] = false;
    values['accessmode'] = 0;
  }
  return { table: reference.table, id: reference.id, values };
}

function currencyValues(name: string | undefined): Record<string, StoredValue> {
  const [code, symbol] = CURRENCIES[name?.toLowerCase() ?? ''] ?? ['USD', '$'];
  return {
    isocurrencycode: code,
    currencysymbol: symbol,
    currencyprecision: 2,
    exchangerate: '1.000000000000',
  };
}

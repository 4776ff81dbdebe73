import type { StoredValue } from '../model/seed.ts';
import type { Row } from '../store/table-store.ts';
import { onlyColumns, type Environment } from './environment.ts';

export const ADDRESS_OWNERS = ['account', 'contact', 'lead'] as const;

/** Composite columns of an address that live on the parent under `address<n>_…`. */
const ADDRESS_COLUMN = /^address([123])_(.+)$/;

/** Every account, contact and lead has hidden address rows, one per `address<n>_addressid` column. */
export function addMissingAddresses(environment: Environment, tableName: string, row: Row): void {
  const addresses = environment.schema.table('customeraddress');
  const parent = environment.schema.table(tableName);
  if (addresses === undefined || parent === undefined || !isAddressOwner(tableName)) return;
  const values: Record<string, StoredValue> = { ...row.values };
  let changed = false;
  for (const number of [1, 2, 3]) {
    const column = `address${number}_addressid`;
    if (!parent.columns.has(column)) continue;
    const existing = values[column];
    const id =
      typeof existing === 'string'
        ? existing
        : (storedAddress(environment, row.id, number) ?? environment.newId());
    if (existing !== id) {
      values[column] = id;
      changed = true;
    }
    if (environment.database.get('customeraddress', id) === undefined) {
      const created = { ...addressValues(tableName, { ...row, values }, number), customeraddressid: id };
      environment.database.put('customeraddress', id, onlyColumns(addresses, created));
    }
  }
  if (changed) environment.database.put(tableName, row.id, values);
}

/** An address row that is there already, from a data package. */
function storedAddress(environment: Environment, parentId: string, number: number): string | undefined {
  const store = environment.database.store('customeraddress');
  return store
    .referrers('parentid', parentId)
    .find((id) => Number(store.get(id)?.values['addressnumber']) === number);
}

/** The address rows follow the columns of their parent. */
export function updateAddresses(
  environment: Environment,
  tableName: string,
  row: Row,
  changed: Iterable<string>,
): void {
  const addresses = environment.schema.table('customeraddress');
  if (addresses === undefined || !isAddressOwner(tableName)) return;
  const numbers = new Set([...changed].flatMap((name) => ADDRESS_COLUMN.exec(name)?.[1] ?? []));
  for (const number of numbers) {
    const id = row.values[`address${number}_addressid`];
    const before = typeof id === 'string' ? environment.database.get('customeraddress', id) : undefined;
    if (before === undefined) continue;
    const values = { ...addressValues(tableName, row, Number(number)), customeraddressid: before.id };
    const kept = { createdon: before.values['createdon'] ?? null };
    environment.database.put('customeraddress', before.id, onlyColumns(addresses, { ...values, ...kept }));
  }
}

export function isAddressOwner(table: string): boolean {
  return (ADDRESS_OWNERS as readonly string[]).includes(table);
}

function addressValues(tableName: string, row: Row, number: number): Record<string, StoredValue> {
  const copied: Record<string, StoredValue> = {};
  const prefix = `address${number}_`;
  for (const [name, value] of Object.entries(row.values)) {
    if (name.startsWith(prefix) && name !== `${prefix}addressid`) copied[name.slice(prefix.length)] = value;
  }
  const { createdon, modifiedon, createdby, modifiedby, ownerid, owningbusinessunit, owninguser } =
    row.values;
  const system = { createdon, modifiedon, createdby, modifiedby, ownerid, owningbusinessunit, owninguser };
  const present = Object.entries(system).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    ...copied,
    ...Object.fromEntries(present),
    parentid: { table: tableName, id: row.id },
    objecttypecode: tableName,
    addressnumber: number,
  };
}

import { readTable, type Column, type Table } from './tables.ts';
import { call, getJson, WebApiError, type Row } from './web-api.ts';

/** Reading and writing the rows that the form shows. */

export type RecordName = { id: string; name: string };

/** Null when the row is not there. */
export async function readRecord(table: Table, id: string): Promise<Row | null> {
  try {
    return await getJson(`${table.set}(${id})`);
  } catch (error) {
    if (error instanceof WebApiError && error.httpStatus === 404) return null;
    throw error;
  }
}

export async function saveRecord(table: Table, id: string, changes: Row): Promise<void> {
  await call(`${table.set}(${id})`, {
    method: 'PATCH',
    body: JSON.stringify(changes),
    headers: { 'if-match': '*' },
  });
}

export async function deleteRecord(table: Table, id: string): Promise<void> {
  await call(`${table.set}(${id})`, { method: 'DELETE' });
}

export async function findRecords(tableName: string, search: string): Promise<RecordName[]> {
  const table = await readTable(tableName);
  const name = table.primaryName ?? table.key;
  const filter =
    search === '' ? '' : `&$filter=contains(${name},'${encodeURIComponent(search.replaceAll("'", "''"))}')`;
  const { value } = await getJson(`${table.set}?$select=${name}&$orderby=${name} asc&$top=50${filter}`);
  return (value as Row[]).map((row) => ({
    id: String(row[table.key]),
    name: typeof row[name] === 'string' ? row[name] : '—',
  }));
}

/** A column's value as people read it; empty when there is none. */
export function shownValue(row: Row, column: Column): string {
  const key = isLookup(column) ? `_${column.name}_value` : column.name;
  const formatted = row[`${key}@OData.Community.Display.V1.FormattedValue`] ?? row[key];
  if (typeof formatted === 'number' || typeof formatted === 'boolean') return String(formatted);
  return typeof formatted === 'string' ? formatted : '';
}

export const isLookup = (column: Column): boolean => ['Lookup', 'Customer', 'Owner'].includes(column.type);

/** Table and id a lookup points at; null when it is empty. */
export function lookupTarget(row: Row, column: Column): { table: string; id: string } | null {
  const id = row[`_${column.name}_value`];
  const table = row[`_${column.name}_value@Microsoft.Dynamics.CRM.lookuplogicalname`];
  return typeof id === 'string' && typeof table === 'string' ? { table, id } : null;
}

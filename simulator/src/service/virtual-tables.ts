import type { TableDefinition } from '../model/definitions.ts';
import type { SeedRow } from '../model/seed.ts';
import { MemoryTable } from '../store/memory-table.ts';
import type { Row, TableStore } from '../store/table-store.ts';
import type { Reference } from '../store/values.ts';
import type { Environment } from './environment.ts';
import { badRequest, ServiceError } from './errors.ts';

/** Fetches the rows of a virtual table from wherever they live, anew for each request. Throws where it cannot. */
export type RowProvider = (environment: Environment) => readonly Pick<SeedRow, 'id' | 'values'>[];

/** The rows that a provider gives; undefined for tables that keep their own. @throws ServiceError `0x80050263` */
export function virtualRows(environment: Environment, table: TableDefinition): TableStore | undefined {
  const provider = environment.providers.get(table.logicalName);
  if (provider === undefined && table.tableType !== 'Virtual') return undefined;
  const fails = table.tableType === 'Virtual' && environment.switches.virtualProvider === 'fails';
  if (provider === undefined || fails) throw providerFailed();
  const store = new MemoryTable();
  for (const { id, values } of provider(environment)) {
    store.set(id, { id, version: 1, values: { ...values, [table.primaryId]: id } });
  }
  return store;
}

const providerFailed = () => new ServiceError(400, '0x80050263', 'Virtual Entity Operation Failed.');

/** The row that a reference names, wherever the rows of its table live. */
export function referencedRow(environment: Environment, { table, id }: Reference): Row | undefined {
  const definition = environment.schema.table(table);
  const elsewhere = definition === undefined ? undefined : virtualRows(environment, definition);
  return elsewhere === undefined ? environment.database.get(table, id) : elsewhere.get(id);
}

/** What providers commonly cannot do: filters but by one equality, orders, expands. @throws ServiceError `0x80044822` */
export function refuseVirtualQuery(table: TableDefinition, query: ReadonlyMap<string, string>): void {
  if (table.tableType !== 'Virtual') return;
  const filter = query.get('$filter')?.trim() ?? '';
  const simple = filter === '' || /^\w+ eq ('[^']*'|[\w.-]+)$/.test(filter);
  if (simple && !query.has('$orderby') && !query.has('$expand')) return;
  throw badRequest('The query specified is not supported for virtual entity.', '0x80044822');
}

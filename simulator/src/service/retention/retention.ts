import type { TableDefinition } from '../../model/definitions.ts';
import { MemoryTable } from '../../store/memory-table.ts';
import type { Row, TableStore } from '../../store/table-store.ts';
import type { RequestContext } from '../context.ts';
import { badRequest, ServiceError } from '../errors.ts';

const DAY_MS = 24 * 3600 * 1000;
const QUERIES_A_DAY = 100;
const USERS_AT_ONCE = 5;
/** How long a query counts as running: the rows come out of another store, slowly. */
const QUERY_MS = 1000;

/** Rows that were moved out of the database for good, and the budget for reading them. */
export class Retention {
  #stores = new Map<string, MemoryTable>();
  #queries: readonly { readonly userId: string; readonly atMs: number }[] = [];

  keep(table: string, row: Row): void {
    const store = this.#stores.get(table) ?? new MemoryTable();
    store.set(row.id, row);
    this.#stores.set(table, store);
  }

  /** @throws ServiceError 400 where the environment does not show them, 429 beyond 100 queries a day or 5 users at once */
  rowsOf({ environment, caller }: RequestContext, table: TableDefinition): TableStore {
    if (environment.switches.retainedRows === 'refused')
      throw badRequest('Retained data cannot be queried by the Web API.', '0x80040203');
    this.#admit(caller.user.userId, environment.now());
    return this.#stores.get(table.logicalName) ?? new MemoryTable();
  }

  #admit(userId: string, nowMs: number): void {
    this.#queries = this.#queries.filter(({ atMs }) => atMs > nowMs - DAY_MS);
    if (this.#queries.length >= QUERIES_A_DAY) throw tooManyQueries();
    const running = this.#queries.filter(({ atMs }) => atMs > nowMs - QUERY_MS);
    const users = new Set([...running.map((query) => query.userId), userId]);
    if (users.size > USERS_AT_ONCE) throw tooManyUsers();
    this.#queries = [...this.#queries, { userId, atMs: nowMs }];
  }

  /** Everything retained, for a platform restore. */
  snapshot(): ReadonlyMap<string, readonly Row[]> {
    return new Map([...this.#stores].map(([table, store]) => [table, [...store.values()]]));
  }

  reset(snapshot: ReadonlyMap<string, readonly Row[]>): void {
    this.#stores = new Map();
    for (const [table, rows] of snapshot) for (const row of rows) this.keep(table, row);
  }
}

const tooManyQueries = () =>
  new ServiceError(
    429,
    '0x80072322',
    `Number of retained data queries exceeded the limit of ${QUERIES_A_DAY} in a day.`,
  );

const tooManyUsers = () =>
  new ServiceError(
    429,
    '0x80072326',
    `Number of users who query retained data at the same time exceeded the limit of ${USERS_AT_ONCE}.`,
    { headers: { 'Retry-After': String(QUERY_MS / 1000) } },
  );

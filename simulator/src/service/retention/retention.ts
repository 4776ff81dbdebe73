import type { TableDefinition } from '../../model/definitions.ts';
import { MemoryTable } from '../../store/memory-table.ts';
import type { Row, TableStore } from '../../store/table-store.ts';
import type { Environment } from '../environment.ts';
import { badRequest, ServiceError } from '../errors.ts';

const DAY_MS = 24 * 3600 * 1000;
const QUERIES_A_DAY = 100;

/** Rows that were moved out of the database for good, and the budget for reading them. */
export class Retention {
  #stores = new Map<string, MemoryTable>();
  #queriedAtMs: number[] = [];

  keep(table: string, row: Row): void {
    const store = this.#stores.get(table) ?? new MemoryTable();
    store.set(row.id, row);
    this.#stores.set(table, store);
  }

  /** @throws ServiceError 400 where the environment does not show them, 429 beyond 100 queries a day */
  rowsOf(environment: Environment, table: TableDefinition): TableStore {
    if (environment.switches.retainedRows === 'refused')
      throw badRequest('Retained data cannot be queried by the Web API.', '0x80040203');
    const nowMs = environment.now();
    this.#queriedAtMs = this.#queriedAtMs.filter((ms) => ms > nowMs - DAY_MS);
    if (this.#queriedAtMs.length >= QUERIES_A_DAY) throw tooManyQueries();
    this.#queriedAtMs.push(nowMs);
    return this.#stores.get(table.logicalName) ?? new MemoryTable();
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

import { guidFromSortKey, guidSortKey } from '../model/guid.ts';
import type { StoredValue } from '../model/seed.ts';

export type RowValues = Readonly<Record<string, StoredValue>>;

/** One row as stored. Never changed in place: a write puts a new object, so that a rollback is a put too. */
export interface Row {
  readonly id: string;
  /** The rowversion: database-wide, rises with every write. */
  readonly version: number;
  /** Columns that hold a value; what is absent is null. */
  readonly values: RowValues;
}

export interface Tombstone {
  readonly id: string;
  readonly version: number;
  readonly deletedAtMs: number;
}

/** The rows of one table, their order by primary key, and the reverse indexes that were asked for. */
export class TableStore {
  readonly rows = new Map<string, Row>();
  readonly tombstones: Tombstone[] = [];
  #order: string[] | undefined;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  set(id: string, row: Row | undefined): void {
    const before = this.rows.get(id);
    if (row === undefined) this.rows.delete(id);
    else this.rows.set(id, row);
    if ((before === undefined) !== (row === undefined)) this.#reorder(id, row !== undefined);
    for (const [column, index] of this.#indexes) move(index, id, before?.values[column], row?.values[column]);
  }

  /** Primary keys in SQL Server's guid order, strictly after `afterId` where one is given. */
  *idsInOrder(afterId?: string): Generator<string> {
    const order = this.#sorted();
    let at = 0;
    if (afterId !== undefined) {
      const key = guidSortKey(afterId);
      at = lowerBound(order, key);
      if (order[at] === key) at++;
    }
    for (; at < order.length; at++) yield guidFromSortKey(order[at]!); // bounded by length
  }

  /** Ids of the rows whose column equals the value (lookups by id, text without regard to case). */
  referrers(column: string, value: string): readonly string[] {
    let index = this.#indexes.get(column);
    if (index === undefined) {
      index = new Map();
      this.#indexes.set(column, index);
      for (const row of this.rows.values()) move(index, row.id, undefined, row.values[column]);
    }
    return [...(index.get(value.toLowerCase()) ?? [])];
  }

  #sorted(): string[] {
    return (this.#order ??= [...this.rows.keys()].map(guidSortKey).sort());
  }

  #reorder(id: string, added: boolean): void {
    if (this.#order === undefined) return;
    const key = guidSortKey(id);
    const at = lowerBound(this.#order, key);
    this.#order.splice(at, added ? 0 : 1, ...(added ? [key] : []));
  }
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < key)
      low = middle + 1; // middle < length
    else high = middle;
  }
  return low;
}

function move(
  index: Map<string, Set<string>>,
  id: string,
  before: StoredValue | undefined,
  after: StoredValue | undefined,
): void {
  const from = indexKey(before);
  const to = indexKey(after);
  if (from === to) return;
  if (from !== undefined) index.get(from)?.delete(id);
  if (to === undefined) return;
  const ids = index.get(to);
  if (ids === undefined) index.set(to, new Set([id]));
  else ids.add(id);
}

function indexKey(value: StoredValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return (typeof value === 'object' ? value.id : String(value)).toLowerCase();
}

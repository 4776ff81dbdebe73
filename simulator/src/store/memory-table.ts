import { guidFromSortKey, guidSortKey } from '../model/guid.ts';
import type { StoredValue } from '../model/seed.ts';
import { indexKey, type Row, type TableStore, type Tombstone } from './table-store.ts';

/** Rows in memory, their order by primary key, and the reverse indexes that were asked for. */
export class MemoryTable implements TableStore {
  readonly tombstones: Tombstone[] = [];
  readonly #rows = new Map<string, Row>();
  #order: string[] | undefined;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  values(): Iterable<Row> {
    return this.#rows.values();
  }

  set(id: string, row: Row | undefined): void {
    const before = this.#rows.get(id);
    if (row === undefined) this.#rows.delete(id);
    else this.#rows.set(id, row);
    if ((before === undefined) !== (row === undefined)) this.#reorder(id, row !== undefined);
    for (const [column, index] of this.#indexes) move(index, id, before?.values[column], row?.values[column]);
  }

  *inOrder(afterId?: string): Generator<Row> {
    const order = this.#sorted();
    let at = 0;
    if (afterId !== undefined) {
      const key = guidSortKey(afterId);
      at = lowerBound(order, key);
      if (order[at] === key) at++;
    }
    for (; at < order.length; at++) yield this.#rows.get(guidFromSortKey(order[at]!))!; // the order's keys are those of the rows
  }

  *changedBetween(since: number, until: number): Generator<Row> {
    for (const row of this.#rows.values()) if (row.version > since && row.version <= until) yield row;
  }

  referrers(column: string, value: string): readonly string[] {
    let index = this.#indexes.get(column);
    if (index === undefined) {
      index = new Map();
      this.#indexes.set(column, index);
      for (const row of this.#rows.values()) move(index, row.id, undefined, row.values[column]);
    }
    return [...(index.get(value.toLowerCase()) ?? [])];
  }

  copy(): MemoryTable {
    const copy = new MemoryTable();
    for (const [id, row] of this.#rows) copy.#rows.set(id, row);
    for (const tombstone of this.tombstones) copy.tombstones.push(tombstone);
    return copy;
  }

  #sorted(): string[] {
    return (this.#order ??= [...this.#rows.keys()].map(guidSortKey).sort());
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

import { MemoryTable } from '../memory-table.ts';
import type { Row, TableStore, Tombstone } from '../table-store.ts';
import type { GeneratedRows } from './generated-rows.ts';

/**
 * A table whose first rows are made from a seed. What is written lies over them: a changed row hides the generated
 * one, a deleted one leaves nothing, and new rows stand where their ids belong.
 */
export class GeneratedTable implements TableStore {
  readonly base: GeneratedRows;
  readonly tombstones: Tombstone[] = [];
  readonly #written: MemoryTable;
  /** Indices of generated rows that were changed or deleted. */
  readonly #hidden = new Set<number>();

  constructor(base: GeneratedRows, written = new MemoryTable()) {
    this.base = base;
    this.#written = written;
  }

  get size(): number {
    return this.base.count - this.#hidden.size + this.#written.size;
  }

  get(id: string): Row | undefined {
    const index = this.#visible(id);
    return index === undefined ? this.#written.get(id) : this.base.row(index);
  }

  has(id: string): boolean {
    return this.#visible(id) !== undefined || this.#written.has(id);
  }

  *values(): Generator<Row> {
    for (let index = 0; index < this.base.count; index++) {
      if (!this.#hidden.has(index)) yield this.base.row(index);
    }
    yield* this.#written.values();
  }

  *inOrder(afterId?: string): Generator<Row> {
    for (const slot of this.slots(afterId)) yield typeof slot === 'number' ? this.base.row(slot) : slot;
  }

  /** Like {@link inOrder}, a generated row as its index, so that nobody makes it who has no use for it. */
  *slots(afterId?: string): Generator<number | Row> {
    let index = afterId === undefined ? 0 : this.base.ids.firstAfter(afterId);
    for (const row of this.#written.inOrder(afterId)) {
      // A written row with a generated id hides that one.
      const before = this.base.ids.firstAfter(row.id);
      for (; index < before; index++) if (!this.#hidden.has(index)) yield index;
      yield row;
    }
    for (; index < this.base.count; index++) if (!this.#hidden.has(index)) yield index;
  }

  *changedBetween(since: number, until: number): Generator<Row> {
    const { count, firstVersion } = this.base;
    const last = Math.min(count - 1, until - firstVersion);
    for (let index = Math.max(0, since + 1 - firstVersion); index <= last; index++) {
      if (!this.#hidden.has(index)) yield this.base.row(index);
    }
    yield* this.#written.changedBetween(since, until);
  }

  referrers(column: string, value: string): readonly string[] {
    const found = [...this.#written.referrers(column, value)];
    for (const index of this.base.indicesWhere(column, value)) {
      if (!this.#hidden.has(index)) found.push(this.base.ids.idAt(index));
    }
    return found;
  }

  set(id: string, row: Row | undefined): void {
    const index = this.base.ids.indexOf(id);
    if (index !== undefined) this.#hidden.add(index);
    this.#written.set(id, row);
  }

  copy(): GeneratedTable {
    const copy = new GeneratedTable(this.base, this.#written.copy());
    for (const index of this.#hidden) copy.#hidden.add(index);
    for (const tombstone of this.tombstones) copy.tombstones.push(tombstone);
    return copy;
  }

  /** The index of a generated row that nobody has changed. */
  #visible(id: string): number | undefined {
    const index = this.base.ids.indexOf(id);
    return index === undefined || this.#hidden.has(index) ? undefined : index;
  }
}

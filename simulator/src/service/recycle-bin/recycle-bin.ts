import type { TableDefinition } from '../../model/definitions.ts';
import { MemoryTable } from '../../store/memory-table.ts';
import type { StoredFile } from '../../store/database.ts';
import type { Row, TableStore } from '../../store/table-store.ts';
import type { Reference } from '../../store/values.ts';
import type { Environment } from '../environment.ts';
import { badRequest } from '../errors.ts';
import { binDays } from './bin-settings.ts';

const DAY_MS = 24 * 3600 * 1000;

/** A deleted row with the contents and companion rows that only it had. */
export interface BinnedRow {
  readonly table: string;
  readonly row: Row;
  readonly files: readonly StoredFile[];
  /** Rows that belong to it and to no relationship: parties of an activity, entries of stored files. */
  readonly companions: readonly { readonly table: string; readonly row: Row }[];
  /** Its many-to-many links: rows of intersect tables. */
  readonly links: readonly { readonly table: string; readonly row: Row }[];
}

/** A lookup that the delete emptied in a row that stayed. */
export interface ClearedLookup {
  readonly table: string;
  readonly id: string;
  readonly column: string;
  readonly target: Reference;
}

/** What one delete took: the row that was asked for and what cascaded from it. It comes back as a whole. */
export interface BinnedGroup {
  readonly root: BinnedRow;
  /** Children that went along, parents before their own children. */
  readonly children: readonly BinnedRow[];
  readonly cleared: readonly ClearedLookup[];
  readonly expiresAtMs: number;
}

/** Deleted rows that can still be restored, for as long as the settings of their table say. */
export class RecycleBin {
  #groups: readonly BinnedGroup[] = [];

  /** Keeps what a delete is about to remove. Returns what takes it out again; undefined where the table has no bin. */
  keep(environment: Environment, taken: Omit<BinnedGroup, 'expiresAtMs'>): (() => void) | undefined {
    const days = binDays(environment, taken.root.table);
    if (days === undefined) return undefined;
    const before = this.#groups;
    this.#groups = [...before, { ...taken, expiresAtMs: environment.now() + days * DAY_MS }];
    return () => void (this.#groups = before);
  }

  /** Forgets what has been there too long. */
  expire(environment: Environment): void {
    const nowMs = environment.now();
    if (this.#groups.some((group) => group.expiresAtMs <= nowMs))
      this.#groups = this.#groups.filter((group) => group.expiresAtMs > nowMs);
  }

  /** The newest delete of the row by itself; a row that only went along with another one has none. */
  find(table: string, id: string): BinnedGroup | undefined {
    return this.#groups.findLast((group) => group.root.table === table && group.root.row.id === id);
  }

  take(group: BinnedGroup): () => void {
    const before = this.#groups;
    this.#groups = before.filter((one) => one !== group);
    return () => void (this.#groups = before);
  }

  /** All deleted rows of a table, those that went along with others too. @throws ServiceError 400 without a bin */
  rowsOf(environment: Environment, table: TableDefinition): TableStore {
    const name = table.logicalName;
    if (binDays(environment, name) === undefined)
      throw badRequest(`The entity '${name}' is not enabled for the recycle bin.`, '0x80040203');
    const store = new MemoryTable();
    for (const group of this.#groups) {
      for (const one of [group.root, ...group.children])
        if (one.table === name) store.set(one.row.id, one.row);
    }
    return store;
  }

  get groups(): readonly BinnedGroup[] {
    return this.#groups;
  }

  /** For a platform restore: the bin goes back with the rows. */
  reset(groups: readonly BinnedGroup[]): void {
    this.#groups = groups;
  }
}

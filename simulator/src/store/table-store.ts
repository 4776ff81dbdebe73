import type { StoredValue } from '../model/seed.ts';

export type RowValues = Readonly<Record<string, StoredValue>>;

/** One row as stored. Never changed in place: a write puts a new object, so that a rollback is a put too. */
export interface Row {
  readonly id: string;
  /** The rowversion: database-wide, rises with every write. */
  readonly version: number;
  /** Columns that hold a value; what is absent is null. */
  readonly values: RowValues;
  /** Where the etag is not made of the version: elastic rows. */
  readonly etag?: string;
}

export interface Tombstone {
  readonly id: string;
  readonly version: number;
  readonly deletedAtMs: number;
  /** The key that clients knew, where the row was kept under another one: elastic rows. */
  readonly publicId?: string;
}

/**
 * The rows of one table, however they are kept: all in memory, or made from a seed as they are asked for. Nobody
 * above may hold more than a page of rows that come out of an iterable: a table may be larger than the memory.
 */
export interface TableStore {
  /** How many rows there are. */
  readonly size: number;
  /** What was deleted, oldest first. A rollback shortens it. */
  readonly tombstones: Tombstone[];
  get(id: string): Row | undefined;
  has(id: string): boolean;
  /** All rows, in no order that means anything. */
  values(): Iterable<Row>;
  /** Rows in SQL Server's guid order of their keys, strictly after `afterId` where one is given. */
  inOrder(afterId?: string): Iterable<Row>;
  /** Rows whose version is above `since` and not above `until`, in no order that means anything. */
  changedBetween(since: number, until: number): Iterable<Row>;
  /** Ids of the rows whose column equals the value (lookups by id, text without regard to case). */
  referrers(column: string, value: string): readonly string[];
  /** Puts the row in place, or takes it out where it is undefined. */
  set(id: string, row: Row | undefined): void;
  /** Another table with the same rows and tombstones; rows are never changed in place, so they are shared. */
  copy(): TableStore;
}

/** The form in which `referrers` compares a value; undefined for null. */
export function indexKey(value: StoredValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return (typeof value === 'object' ? value.id : String(value)).toLowerCase();
}

import type { Values } from '../base/value.ts';
import type { TableSchema } from './schema.ts';
import type { GoneReason, RowVersion } from './version.ts';

export type PutVersion = Extract<RowVersion, { op: 'put' }>;
export type GoneVersion = Extract<RowVersion, { op: 'gone' }>;

/** A table as its newest commit left it. Read from the log alone. */
export interface TableState {
  /** Delta version: number of the newest commit. */
  readonly version: number;
  /** Greatest `rowback_seq` in the table; 0 where nothing was captured yet. */
  readonly throughSeq: number;
  /** Where the next incremental read goes on; null before a first read is complete. */
  readonly token: string | null;
  /** Where an unfinished first read goes on; null when none is under way. Opaque to the vault. */
  readonly position: string | null;
  readonly schemaId: string;
  readonly epoch: number;
  /** Delta columns that make the key. */
  readonly key: readonly string[];
  /** Captured versions, tombstones included. */
  readonly versionCount: number;
  /** Id of the newest snapshot whose run captured rows here. */
  readonly newestSnapshot: string | null;
  /** Size of all Parquet files named. */
  readonly bytes: number;
}

export interface AppendOptions {
  /** Id of the snapshot whose run captures. Never falls within a table, else `stale-writer`. */
  readonly snapshot: string;
  readonly epoch: number;
  /** Lists exactly the columns that `values` carry (bodies are listed and carry no value). */
  readonly schema: TableSchema;
  /** What {@link Schemas.put} gave for `schema`. */
  readonly schemaId: string;
  /** Version of the state that the rows continue (-1: no table yet). Another newest version is `commit-lost`. */
  readonly after?: number;
}

export interface CommitOptions {
  /** Left out: stays as it is. */
  readonly token?: string | null;
  /** Left out: stays as it is. */
  readonly position?: string | null;
}

export interface Committed {
  readonly version: number;
  readonly throughSeq: number;
  readonly put: number;
  readonly gone: number;
  /** Size of the Parquet file written. */
  readonly bytes: number;
}

/**
 * Collects versions in a scratch file and commits them as one Parquet file and one Delta commit. May commit many times
 * (a first read is committed in parts). Rows of a commit that failed with `commit-lost` are dropped.
 */
export interface TableWriter {
  /** Versions collected since the last commit. */
  readonly pending: number;
  put(key: string, values: Values, capturedAt: string): Promise<void>;
  gone(key: string, why: GoneReason, capturedAt: string): Promise<void>;
  /**
   * Rows, token and position in one step. Writes nothing when there are no rows and neither schema, epoch, token nor
   * position moved. Throws `commit-lost`.
   */
  commit(options?: CommitOptions): Promise<Committed>;
  /** Drops what was not committed and removes the scratch file. Safe to call twice; call it in `finally`. */
  close(): Promise<void>;
}

/** The little of a version that tells whether a row moved. */
export interface VersionMark {
  readonly op: 'put' | 'gone';
  readonly seq: number;
  readonly snapshot: string;
  readonly epoch: number;
  /** Id of the schema that the version was read with. */
  readonly schema: string;
  /** Digits of the row version; null where the table has none. */
  readonly rowVersion: string | null;
}

export interface FoundRow {
  /** The row's last `put` by then. */
  readonly version: PutVersion;
  /** Its tombstone, where the row was gone by then. */
  readonly gone: GoneVersion | null;
}

/** One Dataverse table in the vault. `throughSeq` 0 is the empty table. */
export interface VaultTable {
  /** The table's folder: its logical name, with `__2`, … where the name came back as another table. */
  readonly name: string;
  /** Null when the table was never committed. */
  state(): Promise<TableState | null>;
  append(options: AppendOptions): Promise<TableWriter>;
  /** All captured versions of a row, oldest first; empty when there are none. */
  history(key: string, options?: { readonly throughSeq?: number }): Promise<RowVersion[]>;
  /** The newest version by then, a tombstone included; null when the row was never captured by then. */
  at(key: string, throughSeq: number): Promise<RowVersion | null>;
  /** {@link at} for many keys; keys never captured by then are not in the map. */
  headsOf(keys: Iterable<string>, throughSeq: number): Promise<Map<string, RowVersion>>;
  /**
   * What {@link headsOf} gives, without values: reads a few columns where that reads all, so it is what a large table
   * of many columns is compared by.
   */
  marksOf(keys: Iterable<string>, throughSeq: number): Promise<Map<string, VersionMark>>;
  /** The table's rows by then, in no particular order. Streamed. */
  scan(throughSeq: number): AsyncIterable<PutVersion>;
  /** Keys of the rows that {@link scan} gives. */
  keysAt(throughSeq: number): AsyncIterable<string>;
  countRows(throughSeq: number): Promise<number>;
  /** Keys with a version in `(fromSeq, throughSeq]`, each once. */
  changedKeys(fromSeq: number, throughSeq: number): AsyncIterable<string>;
  /**
   * Rows by then whose text, guid or lookup column (logical name) equals `value`; of a lookup the id is compared.
   * With `includeGone` also rows that were gone by then, judged by their last values. Throws `unknown-column`.
   */
  find(
    column: string,
    value: string,
    throughSeq: number,
    options?: { readonly includeGone?: boolean },
  ): Promise<FoundRow[]>;
}

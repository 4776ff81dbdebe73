import type { Alert } from './alert.ts';

/** How a table came out of a backup; `docs/vault.md`, "Snapshots". */
export type TableStatus = 'complete' | 'stale' | 'incomplete' | 'failed';

export type BackupMode = 'change-tracking' | 'full' | 'version-scan' | 'append';

export interface TableInSnapshot {
  readonly status: TableStatus;
  /** State of the table at this snapshot: per key the version with the greatest `rowback_seq` not above this. */
  readonly throughSeq: number;
  /** For people only; rows are found by `throughSeq`. */
  readonly deltaVersion: number;
  readonly mode: BackupMode;
  /** Rows of the table at this snapshot. */
  readonly rowCount: number;
  /** What this run captured. */
  readonly captured: {
    readonly put: number;
    readonly gone: number;
    /** Of those gone, the ones that somebody deleted; left out where that is all of them. */
    readonly deleted?: number;
    readonly bytes: number;
    readonly requests: number;
  };
  /** The newest of the daily sweeps that found rows which the list of changes had not shown: when, and how many. */
  readonly missed?: { readonly at: string; readonly put: number; readonly gone: number };
  /** Sum modulo 2^256 of the row hashes, 64 hex digits; null: not computed, because the table is large. */
  readonly tableHash: string | null;
  /** Contents named by head rows and not in the vault yet; contents that can never be had. */
  readonly files: { readonly stored: number; readonly pending: number; readonly lost: number };
  /** Stale: the snapshot whose state this is. */
  readonly stateOf?: string;
  readonly warnings: readonly string[];
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

export interface Snapshot {
  readonly format: 1;
  readonly id: string;
  readonly environmentId: string;
  readonly organizationId: string;
  /** The service's `Date`, first and last answer of the run. Dataverse gives no moment across tables. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly trigger: 'manual' | 'schedule' | 'api' | 'request';
  readonly policy: string;
  readonly epoch: number;
  /** Id of the environment schema document in `schemas/`: the schema id of every table, and what was left out, why. */
  readonly schema: string;
  readonly previous: string | null;
  /** Instants of runs since the previous snapshot in which nothing moved. */
  readonly checkedAt: readonly string[];
  /** Tables whose `throughSeq` moved; every 100th snapshot and the first name all (`allTables`). */
  readonly allTables: boolean;
  readonly tables: Readonly<Record<string, TableInSnapshot>>;
  /** What the run found that a person should know of; left out where there is nothing. */
  readonly alerts?: readonly Alert[];
}

/** How far something of the environment is in the vault. */
export type Protection = 'protected' | 'partly' | 'not';

/** Why something is not wholly protected: a stable code, plain words, and the way to change it. */
export interface Reason {
  readonly code: string;
  readonly why: string;
  readonly hint: string;
}

export interface ColumnCoverage {
  readonly column: string;
  readonly label: string;
  readonly status: Protection;
  /** Null where there is nothing to explain. */
  readonly reason: Reason | null;
}

export interface TableCoverage {
  readonly table: string;
  readonly label: string;
  readonly status: Protection;
  /** Most important first; empty only where the table is protected. */
  readonly reasons: readonly Reason[];
  /** Worth knowing, and nothing is missing: a token that will expire, what the sweep found. */
  readonly warnings: readonly Reason[];
  /** How it is read; null: it is not. */
  readonly mode: string | null;
  /** Rows at the snapshot. */
  readonly rowCount: number | null;
  /** Everything saved in this table before this instant is in the vault; null: nothing can be said. */
  readonly recoveryPoint: string | null;
  /** Instant of the change token, where the table has one now. */
  readonly tokenFrom: string | null;
  readonly filesPending: number;
  readonly filesLost: number;
  /** Sorted by name; empty where the snapshot did not keep them. */
  readonly columns: readonly ColumnCoverage[];
}

export interface Counts {
  readonly protected: number;
  readonly partly: number;
  readonly not: number;
}

/** What one snapshot protects. Made from the vault alone: it works for old snapshots and when Dataverse is down. */
export interface CoverageReport {
  readonly snapshot: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** When the report was made: ages of tokens are against this. */
  readonly madeAt: string;
  readonly environment: { readonly id: string; readonly name: string | null; readonly url: string | null };
  readonly policy: string;
  /** Sorted by name. */
  readonly tables: readonly TableCoverage[];
  readonly counts: { readonly tables: Counts; readonly columns: Counts };
  readonly recoveryPoint: {
    /** Of all tables that are read: the oldest; null: one of them has none, or none is read. */
    readonly worst: string | null;
    /** Tables behind the snapshot's own start, worst first. */
    readonly behind: readonly { readonly table: string; readonly recoveryPoint: string | null }[];
  };
  /** Tables that the vault holds and the environment has no longer. */
  readonly former: readonly { readonly table: string; readonly folder: string; readonly rowCount: number }[];
  /** About the environment as a whole. */
  readonly notes: readonly Reason[];
  /** What no snapshot of Rowback holds. */
  readonly outOfScope: readonly { readonly what: string; readonly why: string; readonly hint: string }[];
}

export function countsOf(items: readonly { readonly status: Protection }[]): Counts {
  const count = (status: Protection) => items.filter((item) => item.status === status).length;
  return { protected: count('protected'), partly: count('partly'), not: count('not') };
}

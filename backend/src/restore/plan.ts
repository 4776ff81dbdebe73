import type { Value } from '../base/value.ts';
import type { Party } from '../dataverse/index.ts';
import type { ColumnType } from '../vault/index.ts';
import type { Decision } from './decide.ts';

/** A plan is good for this long. */
export const planLifetimeMs = 24 * 60 * 60 * 1000;

/** In whose name a restore writes: the service, or a person by impersonation. */
export type Requester =
  | { readonly kind: 'operator'; readonly name: string }
  | { readonly kind: 'user'; readonly userId: string; readonly entraObjectId: string };

/** What is to be put back: one record as one version holds it. */
export interface Selection {
  readonly table: string;
  readonly id: string;
  /** Snapshot that captured the version, and when. */
  readonly snapshot: string;
  readonly capturedAt: string;
  /** `rowback_seq` of the version as text; empty in an undo, which goes by what the restore replaced. */
  readonly version: string;
  readonly columns: 'all' | readonly string[];
  /** Also what somebody changed since. */
  readonly overwrite: boolean;
}

/** Everything a run will do and nothing else. A plain value: kept as `restores/<id>/plan.json`. */
export interface RestorePlan {
  readonly format: 1;
  readonly id: string;
  readonly environmentId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly undoes: string | null;
  readonly by: Requester;
  readonly selection: Selection;
  /** By table: the fingerprint of its live columns, see `fingerprint`. A run against others is refused. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** In the order in which they are written. */
  readonly rows: readonly PlannedRow[];
  readonly problems: readonly Problem[];
  readonly sideEffects: readonly string[];
}

export type RowAction = 'create' | 'update' | 'associate' | 'delete' | 'disassociate' | 'none';

export interface PlannedRow {
  readonly table: string;
  readonly tableLabel: string;
  readonly id: string;
  readonly name: string | null;
  readonly action: RowAction;
  readonly why: string | null;
  /** The live row's, as the plan saw it; null where it was not there (or the table has none). */
  readonly etag: string | null;
  /** Id of the vault's schema that the columns come from; null: a link. */
  readonly schema: string | null;
  readonly columns: readonly PlannedColumn[];
  readonly contents: readonly PlannedContent[];
  /** Create: sent as `overriddencreatedon`; null: not wanted, or not allowed. */
  readonly createdOn: string | null;
  /** Update: written first, because the row is locked in its present state. */
  readonly open: StatePair | null;
  /** Written last. */
  readonly state: StatePair | null;
  /** Activities: the whole set, sent with the create; null: left alone. */
  readonly parties: readonly Party[] | null;
  readonly link: PlannedLink | null;
  /** Index of the row without which this one makes no sense. */
  readonly needs: number | null;
}

export interface StatePair {
  readonly state: number;
  readonly status: number;
}

export interface PlannedColumn {
  readonly name: string;
  readonly label: string;
  readonly type: ColumnType;
  /** Left out: not captured. Contents as their sha256. */
  readonly wanted?: Value;
  readonly now?: Value;
  readonly decision: Decision;
  readonly why: string | null;
  /** `row`: with the row; `later`: right after it was created; `state`: last; `content`: uploaded on its own. */
  readonly step: 'row' | 'later' | 'state' | 'content';
}

/** A content that will be written. `sha256` null empties the column. */
export interface PlannedContent {
  readonly column: string;
  readonly kind: 'file' | 'image' | 'body';
  readonly sha256: string | null;
  readonly bytes: number | null;
  readonly name: string | null;
  readonly mimeType: string | null;
}

/** One pair of a many-to-many relationship; `id1` is a row of the relationship's first table. */
export interface PlannedLink {
  readonly relationship: string;
  readonly table1: string;
  readonly id1: string;
  readonly table2: string;
  readonly id2: string;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  /** The first is what the run does. */
  readonly waysOut: readonly string[];
  readonly table: string;
  readonly id: string;
  readonly column: string | null;
}

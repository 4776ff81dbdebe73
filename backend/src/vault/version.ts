import type { Values } from '../base/value.ts';

/** Why a row is gone; `docs/vault.md`, "Rows". */
export type GoneReason = 'deleted' | 'retained' | 'expired' | 'missing' | 'erased';

interface VersionHead {
  /** The primary id; for elastic tables `<id>|<partitionid>`. */
  readonly key: string;
  readonly snapshot: string;
  /** Delta commit × 2^24 + position; grows within a table, unique in it. */
  readonly seq: number;
  /** When the service gave it (its `Date` header). */
  readonly capturedAt: string;
  readonly epoch: number;
  /** Id of the schema that lists exactly the columns in `values`. */
  readonly schema: string;
}

/** One captured version of a row, or the statement that the row is gone. */
export type RowVersion =
  | (VersionHead & { readonly op: 'put'; readonly values: Values })
  | (VersionHead & { readonly op: 'gone'; readonly why: GoneReason });

/** One line of `tables/rowback_file`: which content belongs to which row. */
export interface FileEntry {
  readonly table: string;
  readonly key: string;
  readonly column: string;
  /** File columns: the file id; images: `<id>/<timestamp>`; bodies: the row's versionnumber. */
  readonly contentId: string;
  readonly state: 'stored' | 'lost' | 'blocked';
  readonly sha256: string | null;
  readonly bytes: number | null;
  readonly name: string | null;
  readonly mimeType: string | null;
  /** Why it is lost or blocked; of a stored one what is worth knowing (`empty`, a thumbnail). */
  readonly reason: string | null;
}

import type { Point } from '../base/point.ts';
import type { Snapshot, TableInSnapshot } from './snapshot.ts';

export interface TableAtSnapshot extends TableInSnapshot {
  /** The snapshot that names the table: the one asked for or an earlier one. */
  readonly namedBy: string;
}

export interface Snapshots {
  /** Put-if-absent; throws `exists-different` when another snapshot has this id. */
  write(snapshot: Snapshot): Promise<void>;
  /** Throws `snapshot-missing` or `blob-damaged`. */
  read(id: string): Promise<Snapshot>;
  /** Newest first; each is read when it is asked for. */
  list(): AsyncIterable<Snapshot>;
  /** Throws `snapshot-missing` or `no-snapshot-yet`. */
  resolve(point: Point): Promise<Snapshot>;
  /** Walks back to the snapshot that names the table; null when none does. */
  tableAt(snapshot: Snapshot, table: string): Promise<TableAtSnapshot | null>;
  /** Every table known at a snapshot. */
  tablesAt(snapshot: Snapshot): Promise<Map<string, TableAtSnapshot>>;
}

import type { Point } from '../base/point.ts';
import { DataverseError, type DataverseClient, type TableDetails } from '../dataverse/index.ts';
import type { PutVersion, RowVersion, Snapshot, TableAtSnapshot, Vault } from '../vault/index.ts';
import {
  recordNotInBackup,
  recordNotInSnapshot,
  rowIdMalformed,
  tableUnknown,
  versionMissing,
} from './errors.ts';

/** All that the vault holds of one record, as of the newest snapshot. */
export interface RecordVersions {
  readonly table: string;
  readonly id: string;
  readonly latest: Snapshot;
  /** Tables by name at the newest snapshot. */
  readonly tables: ReadonlyMap<string, TableAtSnapshot>;
  /** Oldest first, at least one with values. */
  readonly versions: readonly RowVersion[];
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Lower case. Throws `row-id-malformed`. */
export function rowIdOf(text: string): string {
  const id = text.toLowerCase();
  if (!guid.test(id)) throw rowIdMalformed(text);
  return id;
}

/** Throws `row-id-malformed`, `no-snapshot-yet`, `table-unknown`, `record-not-in-backup`. */
export async function readRecord(
  source: { readonly vault: Vault; readonly client: DataverseClient },
  table: string,
  text: string,
): Promise<RecordVersions> {
  const id = rowIdOf(text);
  const latest = await source.vault.snapshots.resolve({ kind: 'latest' });
  const tables = await source.vault.snapshots.tablesAt(latest);
  const at = tables.get(table);
  if (at === undefined) {
    const known = await source.client.readTables();
    if (!known.some(({ name }) => name === table)) throw tableUnknown(table);
    throw recordNotInBackup(table, id, 'the table is not backed up');
  }
  const versions = await source.vault.table(table).history(id, { throughSeq: at.throughSeq });
  if (!versions.some(({ op }) => op === 'put')) throw recordNotInBackup(table, id, 'it was never captured');
  return { table, id, latest, tables, versions };
}

/** Null where Dataverse has no such table (any more). */
export async function readDetails(client: DataverseClient, table: string): Promise<TableDetails | null> {
  try {
    return (await client.readTableDetails([table]))[0] ?? null;
  } catch (error) {
    if (error instanceof DataverseError && error.kind === 'not-found') return null;
    throw error;
  }
}

/** Newest version with values. */
export function newestPut(record: RecordVersions): PutVersion {
  const put = record.versions.findLast((version) => version.op === 'put');
  if (put === undefined) throw recordNotInBackup(record.table, record.id, 'it was never captured');
  return put;
}

/** A version by its number. Throws `version-missing`. */
export function versionBySeq(record: RecordVersions, seq: string): RowVersion {
  const found = record.versions.find((version) => String(version.seq) === seq);
  if (found === undefined) throw versionMissing(record.table, record.id, seq);
  return found;
}

/** The version in force at a snapshot; null: not there yet. */
export async function versionAt(
  vault: Vault,
  record: RecordVersions,
  snapshot: Snapshot,
): Promise<RowVersion | null> {
  const at = await vault.snapshots.tableAt(snapshot, record.table);
  if (at === null) return null;
  return record.versions.findLast((version) => version.seq <= at.throughSeq) ?? null;
}

/**
 * The first snapshot that shows a version: that of the run which captured it, or, where that run was cut short or could
 * not finish the table, a later one.
 */
export async function snapshotShowing(vault: Vault, table: string, version: RowVersion): Promise<Snapshot> {
  for await (const snapshot of vault.snapshots.from(version.snapshot)) {
    const at = await vault.snapshots.tableAt(snapshot, table);
    if (at !== null && at.throughSeq >= version.seq) return snapshot;
  }
  throw versionMissing(table, version.key, String(version.seq));
}

export interface WantedVersion {
  readonly version: PutVersion;
  /** Id of the first snapshot that shows the version. */
  readonly shownBy: string;
  /** State of the other tables that belongs to it. */
  readonly snapshot: Snapshot;
}

/**
 * The version to be put back. `latest` means the newest one with values, so that a deleted record comes back as it was
 * last seen; a named snapshot or instant is taken at its word.
 */
export async function wantedVersion(
  vault: Vault,
  record: RecordVersions,
  at: Point | { readonly kind: 'version'; readonly seq: string },
): Promise<WantedVersion> {
  const shownBy = async (version: RowVersion) => (await snapshotShowing(vault, record.table, version)).id;
  if (at.kind === 'latest') {
    const version = newestPut(record);
    return { version, shownBy: await shownBy(version), snapshot: record.latest };
  }
  if (at.kind === 'version') {
    const version = versionBySeq(record, at.seq);
    const snapshot = await snapshotShowing(vault, record.table, version);
    if (version.op === 'gone') throw notThere(record, snapshot.id, 'this version says that it is gone');
    return { version, shownBy: snapshot.id, snapshot };
  }
  const snapshot = await vault.snapshots.resolve(at);
  const version = await versionAt(vault, record, snapshot);
  if (version === null) throw notThere(record, snapshot.id, 'it was first captured later');
  if (version.op === 'gone') throw notThere(record, snapshot.id, 'it was gone by then');
  return { version, shownBy: await shownBy(version), snapshot };
}

const notThere = (record: RecordVersions, snapshot: string, why: string): Error =>
  recordNotInSnapshot(record.table, record.id, snapshot, why);

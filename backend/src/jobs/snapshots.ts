import type { Alert, Snapshot, TableAtSnapshot, Vault } from '../vault/index.ts';
import type { SnapshotDetails, SnapshotSummary } from './contract.ts';

type TableShown = SnapshotDetails['details'][number];
type AlertShown = SnapshotDetails['alerts'][number];

/** Newest first, at most `limit`, only those older than `before`. */
export async function listSnapshots(
  vault: Vault,
  options: { readonly limit: number; readonly before?: string | undefined },
): Promise<SnapshotSummary[]> {
  const found: SnapshotSummary[] = [];
  for await (const snapshot of vault.snapshots.list()) {
    if (options.before !== undefined && snapshot.id >= options.before) continue;
    found.push(await summaryOf(vault, snapshot));
    if (found.length >= options.limit) break;
  }
  return found;
}

/** Throws `snapshot-missing`. */
export async function showSnapshot(vault: Vault, id: string): Promise<SnapshotDetails> {
  return detailsOf(vault, await vault.snapshots.read(id));
}

export async function summaryOf(vault: Vault, snapshot: Snapshot): Promise<SnapshotSummary> {
  const { details: _, alerts: __, ...summary } = await detailsOf(vault, snapshot);
  return summary;
}

/** Tables in the vault by now, with the label they had when they were captured last. */
export async function tablesInVault(vault: Vault): Promise<{ name: string; label: string }[]> {
  for await (const snapshot of vault.snapshots.list()) {
    const names = [...(await rowTables(vault, snapshot)).keys()].sort();
    return Promise.all(names.map(async (name) => ({ name, label: await labelOf(vault, name) })));
  }
  return [];
}

async function labelOf(vault: Vault, name: string): Promise<string> {
  const state = await vault.table(name).state();
  return state === null ? name : (await vault.schemas.read(state.schemaId)).label;
}

async function detailsOf(vault: Vault, snapshot: Snapshot): Promise<SnapshotDetails> {
  const tables = await rowTables(vault, snapshot);
  const details = [...tables].map(([name, table]) => shown(name, table, table.namedBy === snapshot.id));
  details.sort((a, b) => (a.table < b.table ? -1 : 1));
  const sum = (of: (table: TableShown) => number) => details.reduce((total, table) => total + of(table), 0);
  return {
    id: snapshot.id,
    startedAt: snapshot.startedAt,
    endedAt: snapshot.endedAt,
    trigger: snapshot.trigger,
    tables: details.length,
    rows: sum((table) => table.rowCount),
    put: sum((table) => table.put),
    gone: sum((table) => table.gone),
    bytes: sum((table) => table.bytes),
    requests: sum((table) => table.requests),
    status: statusOf(details),
    alerts: (snapshot.alerts ?? []).map(shownAlert),
    details,
  };
}

/** The vault's own table of contents is no table of the environment. */
async function rowTables(vault: Vault, snapshot: Snapshot): Promise<Map<string, TableAtSnapshot>> {
  const tables = await vault.snapshots.tablesAt(snapshot);
  tables.delete('rowback_file');
  return tables;
}

/** What was captured counts for the snapshot that captured it; a table that did not move since captured nothing. */
function shown(name: string, table: TableAtSnapshot, own: boolean): TableShown {
  const { put, gone, bytes, requests } = own ? table.captured : { put: 0, gone: 0, bytes: 0, requests: 0 };
  return {
    table: name,
    status: table.status,
    mode: table.mode,
    rowCount: table.rowCount,
    put,
    gone,
    bytes,
    requests,
    filesPending: table.files.pending,
    filesLost: table.files.lost,
    warnings: [...table.warnings],
    errors: [...table.errors],
  };
}

function shownAlert({ id, code, table, message, expected, selection, figures }: Alert): AlertShown {
  const before = selection?.before ?? null;
  return { id, code, table, message, rows: selection?.rows ?? figures['rows'] ?? 0, before, expected };
}

function statusOf(tables: readonly TableShown[]): SnapshotSummary['status'] {
  const good = tables.filter((table) => table.status === 'complete').length;
  if (good === tables.length) return 'complete';
  return good === 0 ? 'failed' : 'partly';
}

import { DataverseError, type Row, type TableDetails } from '../dataverse/index.ts';
import type { Snapshot } from '../vault/index.ts';
import { readHeartbeat } from './heartbeat.ts';
import { columnsToRead } from './columns.ts';
import type { BackupPlan, TablePlan } from './plan.ts';
import { parseBookmark } from './read-state.ts';
import type { BackupPorts } from './run-context.ts';
import type { Canary, RunMark } from './run-mark.ts';
import { openTable } from './table-run.ts';

export type Continuity =
  | { readonly kind: 'continues'; readonly epoch: number }
  /** The platform rewound or copied the environment under us: no token may be used. */
  | { readonly kind: 'new-epoch'; readonly epoch: number; readonly why: string };

/**
 * Before any token is used: is this the environment that the last run read, and has it not been rewound since? Ids stay
 * when the platform restores an environment, row versions go back, and an old token answers without an error.
 */
export async function proveContinuity(
  ports: BackupPorts,
  plan: BackupPlan,
  last: { readonly mark: RunMark | null; readonly snapshot: Snapshot | null },
): Promise<Continuity> {
  const epoch = Math.max(last.mark?.epoch ?? 1, last.snapshot?.epoch ?? 1);
  const organizationId = last.mark?.organizationId ?? last.snapshot?.organizationId;
  if (organizationId !== undefined && organizationId !== plan.environment.organizationId) {
    return {
      kind: 'new-epoch',
      epoch: epoch + 1,
      why: 'the organization behind the environment is another one',
    };
  }
  const heartbeats = last.mark?.heartbeats ?? [];
  if (heartbeats.length > 0) {
    const beat = await readHeartbeat(ports, plan);
    if (beat === undefined || beat === heartbeats[0]) return byCanaries(ports, plan, last, epoch);
    // A run that was killed before it wrote the heartbeat leaves the one before, or none yet.
    const leftByKill = beat === null ? heartbeats.length === 1 : heartbeats.includes(beat);
    if (!leftByKill) {
      return {
        kind: 'new-epoch',
        epoch: epoch + 1,
        why: 'the heartbeat row is not as the last run wrote it',
      };
    }
  }
  return byCanaries(ports, plan, last, epoch);
}

/**
 * Rows captured lately, the newest first: one with a lower row version proves a rewind, one with the very version that
 * was captured proves that there was none down to it. What was saved again since proves nothing. One that is not there
 * was deleted, or went with a rewind: the service's list of changes, or the vault, must know the delete.
 */
async function byCanaries(
  ports: BackupPorts,
  plan: BackupPlan,
  last: { readonly mark: RunMark | null; readonly snapshot: Snapshot | null },
  epoch: number,
): Promise<Continuity> {
  const canaries = last.mark?.canaries ?? (await canariesOfVault(ports, plan, last.snapshot));
  const found = await lookUp(ports, plan, canaries);
  const newestFirst = found.sort((a, b) => (BigInt(a.canary.version) < BigInt(b.canary.version) ? 1 : -1));
  const behind = found.find(({ state }) => state === 'behind');
  const { table, id } = behind?.canary ?? { table: '', id: '' };
  if (behind !== undefined) {
    const why = `row ${id} of ${table} has a lower row version than captured: the environment was rewound`;
    return { kind: 'new-epoch', epoch: epoch + 1, why };
  }
  const sure = newestFirst.findIndex(({ state }) => state === 'same');
  const unsure = sure === -1 ? newestFirst : newestFirst.slice(0, sure);
  const missing = unsure.filter(({ state }) => state === 'missing').map(({ canary }) => canary);
  const vanished = await findVanished(ports, plan, missing);
  if (vanished === null) return { kind: 'continues', epoch };
  const why = `row ${vanished.id} of ${vanished.table} is not there, and the service knows of no delete: the environment was rewound`;
  return { kind: 'new-epoch', epoch: epoch + 1, why };
}

interface FoundCanary {
  readonly canary: Canary;
  readonly state: 'behind' | 'same' | 'saved-since' | 'missing';
}

/** Those of tables that are in the plan. */
async function lookUp(
  ports: BackupPorts,
  plan: BackupPlan,
  canaries: readonly Canary[],
): Promise<FoundCanary[]> {
  const tables = new Map(plan.tables.map((table) => [table.table, table.details]));
  const found: FoundCanary[] = [];
  for (const [name, group] of groupByTable(canaries)) {
    const details = tables.get(name);
    if (details === undefined) continue;
    const ids = group.map(({ id }) => id);
    const rows = await ports.client.readRows(details, ids, ['versionnumber']);
    found.push(...group.map((canary) => ({ canary, state: stateOf(canary, rows.get(canary.id)) })));
  }
  return found;
}

function stateOf(canary: Canary, row: Row | undefined): FoundCanary['state'] {
  const version = versionOf(row);
  if (version === null) return 'missing';
  const captured = BigInt(canary.version);
  if (version < captured) return 'behind';
  return version === captured ? 'same' : 'saved-since';
}

/**
 * One of the missing rows whose delete nobody knows of; null: all were deleted. A table without change tracking, or
 * whose token the service no longer takes, cannot say, and a row of it counts as deleted.
 */
async function findVanished(
  ports: BackupPorts,
  plan: BackupPlan,
  missing: readonly Canary[],
): Promise<Canary | null> {
  for (const [name, group] of groupByTable(missing)) {
    const planned = plan.tables.find(({ table }) => table === name);
    if (planned === undefined) continue;
    const { state, table } = await openTable(ports, planned);
    const token = parseBookmark(state?.token ?? null);
    if (state === null || token?.tracked !== true) continue;
    const marks = await table.marksOf(
      group.map(({ id }) => id),
      state.throughSeq,
    );
    const unknown = group.filter(({ id }) => marks.get(id)?.op !== 'gone');
    const deleted = await deletedSince(ports, planned, token.link, unknown.length);
    const vanished = deleted === null ? undefined : unknown.find(({ id }) => !deleted.has(id));
    if (vanished !== undefined) return vanished;
  }
  return null;
}

/** Ids that the service lists as deleted since the token; null: it does not take the token any more. */
async function deletedSince(
  { client }: BackupPorts,
  { details, schema }: TablePlan,
  link: string,
  wanted: number,
): Promise<ReadonlySet<string> | null> {
  const deleted = new Set<string>();
  if (wanted === 0) return deleted;
  try {
    for await (const event of client.readChanges(details, columnsToRead(schema), link))
      if (event.kind === 'gone') deleted.add(event.id);
    return deleted;
  } catch (error) {
    if (error instanceof DataverseError && error.kind === 'expired-token') return null;
    throw error;
  }
}

/** Where the mark was lost: a few rows of tables that the last snapshot captured. */
async function canariesOfVault(
  ports: BackupPorts,
  plan: BackupPlan,
  snapshot: Snapshot | null,
): Promise<Canary[]> {
  if (snapshot === null) return [];
  const canaries: Canary[] = [];
  const candidates = plan.tables.filter(
    (table) => table.schema.kind !== 'elastic' && hasVersion(table.details),
  );
  for (const { table } of candidates) {
    const at = snapshot.tables[table];
    if (at === undefined || at.captured.put === 0 || canaries.length >= 20) continue;
    canaries.push(...(await newestOf(ports, table, at.throughSeq)));
  }
  return canaries;
}

async function newestOf(ports: BackupPorts, table: string, throughSeq: number): Promise<Canary[]> {
  const found: Canary[] = [];
  for await (const id of ports.vault.table(table).changedKeys(0, throughSeq)) {
    const head = await ports.vault.table(table).at(id, throughSeq);
    const version = head?.op === 'put' ? head.values['versionnumber'] : null;
    if (typeof version === 'string') found.push({ table, id, version });
    if (found.length >= 5) break;
  }
  return found;
}

export function hasVersion(table: TableDetails): boolean {
  return table.columns.some((column) => column.name === 'versionnumber');
}

function versionOf(row: Row | undefined): bigint | null {
  const version = row?.values['versionnumber'];
  return typeof version === 'string' ? BigInt(version) : null;
}

function groupByTable(canaries: readonly Canary[]): Map<string, Canary[]> {
  const groups = new Map<string, Canary[]>();
  for (const canary of canaries) groups.set(canary.table, [...(groups.get(canary.table) ?? []), canary]);
  return groups;
}

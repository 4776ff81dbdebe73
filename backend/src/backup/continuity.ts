import type { Row, TableDetails } from '../dataverse/index.ts';
import type { Snapshot } from '../vault/index.ts';
import { readHeartbeat } from './heartbeat.ts';
import type { BackupPlan } from './plan.ts';
import type { BackupPorts } from './run-context.ts';
import type { Canary, RunMark } from './run-mark.ts';

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

async function byCanaries(
  ports: BackupPorts,
  plan: BackupPlan,
  last: { readonly mark: RunMark | null; readonly snapshot: Snapshot | null },
  epoch: number,
): Promise<Continuity> {
  const canaries = last.mark?.canaries ?? (await canariesOfVault(ports, plan, last.snapshot));
  const tables = new Map(plan.tables.map((table) => [table.table, table.details]));
  for (const [name, group] of groupByTable(canaries)) {
    const details = tables.get(name);
    if (details === undefined) continue;
    const behind = await findBehind(ports, details, group);
    if (behind === null) continue;
    const why = `row ${behind.id} of ${name} has a lower row version than captured: the environment was rewound`;
    return { kind: 'new-epoch', epoch: epoch + 1, why };
  }
  return { kind: 'continues', epoch };
}

async function findBehind(
  ports: BackupPorts,
  table: TableDetails,
  canaries: readonly Canary[],
): Promise<Canary | null> {
  const ids = canaries.map((canary) => canary.id);
  const rows = await ports.client.readRows(table, ids, ['versionnumber']);
  const isBehind = (canary: Canary) => {
    const version = versionOf(rows.get(canary.id));
    return version !== null && version < BigInt(canary.version);
  };
  return canaries.find(isBehind) ?? null;
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

import type { Snapshot } from '../vault/index.ts';
import { hasHeartbeat } from './heartbeat.ts';
import type { BackupPlan } from './plan.ts';
import type { BackupPorts } from './run-context.ts';
import type { RunStart } from './run-begin.ts';
import type { TableOutcome } from './table-run.ts';
import { writeRunMark, type Canary, type RunMark } from './run-mark.ts';

/** Every so many snapshots one names all tables, so that nobody has to walk back further. */
export const snapshotsBetweenAllTables = 100;

/** Said before anything is captured: under which id and epoch. A new epoch's canaries are gathered anew. */
export async function beginMark(
  run: BackupPorts & { readonly snapshot: string; readonly epoch: number },
  plan: BackupPlan,
  before: RunMark | null,
  newEpoch: boolean,
): Promise<RunMark> {
  const mark: RunMark = {
    format: 1,
    organizationId: plan.environment.organizationId,
    epoch: run.epoch,
    lastRun: run.snapshot,
    canaries: newEpoch ? [] : (before?.canaries ?? []),
    heartbeats: newEpoch ? [] : (before?.heartbeats ?? []),
    checkedAt: before?.checkedAt ?? [],
    sinceAllTables: before?.sinceAllTables ?? snapshotsBetweenAllTables,
    sweptAt: newEpoch ? {} : (before?.sweptAt ?? {}),
  };
  await writeRunMark(run.control, plan.environment.environmentId, mark);
  return mark;
}

/** What the next run must know of this one. */
export async function endMark(
  ports: BackupPorts,
  plan: BackupPlan,
  { mark, startedAt, chosen }: RunStart,
  ended: {
    readonly written: Snapshot | null;
    readonly results: readonly TableOutcome[];
    readonly endedAt: string;
  },
): Promise<void> {
  const { written } = ended;
  const fresh = ended.results.flatMap((outcome) => outcome.canaries);
  await writeRunMark(ports.control, plan.environment.environmentId, {
    ...mark,
    canaries: newestCanaries([...fresh, ...mark.canaries]),
    heartbeats:
      written === null || !hasHeartbeat(plan)
        ? mark.heartbeats
        : [written.id, ...mark.heartbeats].slice(0, 2),
    checkedAt: written === null ? checkedBy(mark, startedAt, chosen) : [],
    sinceAllTables: sinceAllTables(mark, written),
    sweptAt: {
      ...mark.sweptAt,
      ...Object.fromEntries(
        ended.results.filter(({ swept }) => swept).map(({ folder }) => [folder, startedAt]),
      ),
    },
  });
}

/** A row saved while the run was under way may have missed it, so its start counts; of chosen tables, nothing does. */
function checkedBy(mark: RunMark, startedAt: string, chosen: RunStart['chosen']): string[] {
  return chosen === null ? [...mark.checkedAt, startedAt].slice(-1000) : [...mark.checkedAt];
}

function sinceAllTables(mark: RunMark, written: Snapshot | null): number {
  if (written === null) return mark.sinceAllTables;
  return written.allTables ? 0 : mark.sinceAllTables + 1;
}

/** The twenty with the highest row versions, each row once. */
function newestCanaries(canaries: readonly Canary[]): Canary[] {
  const byRow = new Map<string, Canary>();
  for (const canary of canaries) {
    const id = `${canary.table}:${canary.id}`;
    const known = byRow.get(id);
    if (known === undefined || BigInt(canary.version) > BigInt(known.version)) byRow.set(id, canary);
  }
  const newestFirst = (a: Canary, b: Canary) => (BigInt(a.version) < BigInt(b.version) ? 1 : -1);
  return [...byRow.values()].sort(newestFirst).slice(0, 20);
}

import { noEnvironmentSchema, parseEnvironmentSchema, type EnvironmentSchema } from './environment-schema.ts';
import { proveContinuity } from './continuity.ts';
import { throwIfStopped } from './errors.ts';
import { beginMark } from './keep-mark.ts';
import type { BackupPlan } from './plan.ts';
import type { BackupPorts, RunContext } from './run-context.ts';
import { readRunMark, type RunMark } from './run-mark.ts';
import { readServiceInstant } from './service-time.ts';
import { nextSnapshotId } from './snapshot-id.ts';
import type { Snapshot, TableAtSnapshot } from '../vault/index.ts';

/** What every step of a run must know of its beginning; a plain value, so that another process can go on with it. */
export interface RunStart {
  readonly format: 1;
  /** Id of the snapshot that the run captures under. */
  readonly snapshot: string;
  /** The service's instant. */
  readonly startedAt: string;
  readonly epoch: number;
  /** Why a new epoch began with this run; null: it continues the last one. */
  readonly newEpochBecause: string | null;
  readonly trigger: Snapshot['trigger'];
  /** Only these tables are read, the others are called stale; null: all of the plan. */
  readonly chosen: readonly string[] | null;
  /** The newest snapshot then. */
  readonly before: string | null;
  readonly mark: RunMark;
}

/** What the vault says of the snapshot before a run. */
export interface Before {
  readonly snapshot: Snapshot | null;
  readonly tables: ReadonlyMap<string, TableAtSnapshot>;
  readonly schema: EnvironmentSchema;
}

/**
 * First step of a run: proves that it continues the last one (or begins a new epoch), takes the snapshot's id, and
 * leaves the mark that says so. The caller holds the environment's lease; whoever loses it before the mark is written
 * gets `lease-lost`.
 */
export async function beginRun(
  ports: BackupPorts & Pick<RunContext, 'signal'>,
  plan: BackupPlan,
  options: { readonly trigger: Snapshot['trigger']; readonly tables?: readonly string[] },
): Promise<RunStart> {
  const startedAt = await readServiceInstant(ports, plan);
  const newest = await newestSnapshot(ports);
  const lastMark = await readRunMark(ports.control, plan.environment.environmentId);
  const continuity = await proveContinuity(ports, plan, { mark: lastMark, snapshot: newest });
  const lastRun = later(lastMark?.lastRun ?? null, newest?.id ?? null);
  const snapshot = nextSnapshotId(startedAt, lastRun, ports.random);
  const isNewEpoch = continuity.kind === 'new-epoch';
  throwIfStopped(ports.signal);
  const run = { ...ports, snapshot, epoch: continuity.epoch };
  const mark = await beginMark(run, plan, lastMark, isNewEpoch);
  return {
    format: 1,
    snapshot,
    startedAt,
    epoch: continuity.epoch,
    newEpochBecause: isNewEpoch ? continuity.why : null,
    trigger: options.trigger,
    chosen: options.tables ?? null,
    before: newest?.id ?? null,
    mark,
  };
}

export async function readBefore(ports: BackupPorts, start: RunStart): Promise<Before> {
  if (start.before === null) return { snapshot: null, tables: new Map(), schema: noEnvironmentSchema };
  const snapshot = await ports.vault.snapshots.read(start.before);
  const tables = await ports.vault.snapshots.tablesAt(snapshot);
  const schema = parseEnvironmentSchema(await ports.vault.schemas.readDocument(snapshot.schema));
  return { snapshot, tables, schema };
}

async function newestSnapshot(ports: BackupPorts): Promise<Snapshot | null> {
  for await (const snapshot of ports.vault.snapshots.list()) return snapshot;
  return null;
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

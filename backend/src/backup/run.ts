import pLimit from 'p-limit';
import { DataverseError } from '../dataverse/index.ts';
import { fileTableName, type Snapshot, type TableAtSnapshot, type TableInSnapshot } from '../vault/index.ts';
import { asStale, describeFileTable, describeTable, type FileSeqs, type TableResult } from './assemble.ts';
import { captureContents, countPending, hasContents, type ContentsOutcome } from './contents.ts';
import { proveContinuity } from './continuity.ts';
import {
  nextEnvironmentSchema,
  noEnvironmentSchema,
  parseEnvironmentSchema,
  type EnvironmentSchema,
} from './environment-schema.ts';
import { backupRunning, interrupted } from './errors.ts';
import { writeHeartbeat } from './heartbeat.ts';
import { withLease } from './lease.ts';
import type { BackupPlan, TablePlan } from './plan.ts';
import { openMeter, type BackupPorts, type BackupProgress, type RunContext } from './run-context.ts';
import { beginMark, endMark, snapshotsBetweenAllTables } from './keep-mark.ts';
import { readRunMark, type RunMark } from './run-mark.ts';
import { readServiceInstant } from './service-time.ts';
import { nextSnapshotId } from './snapshot-id.ts';
import { backUpTable, type TableOutcome } from './table-run.ts';

export interface RunOptions {
  readonly trigger: Snapshot['trigger'];
  /** Only these tables of the plan; the others stay as they are and are called stale. */
  readonly tables?: readonly string[];
  readonly onProgress?: (progress: BackupProgress) => void;
  /** See {@link RunContext}; 20,000. */
  readonly rowsPerPart?: number;
  /** Looked at between pages: what was read is committed, and the next run goes on from there. */
  readonly signal?: AbortSignal;
}

export interface BackupResult {
  /** Null: nothing moved, so there is nothing to name. */
  readonly snapshot: Snapshot | null;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly progress: BackupProgress;
  /** Every table that was read, moved or not, by its folder in the vault. */
  readonly tables: readonly TableReport[];
  readonly warnings: readonly string[];
}

export interface TableReport {
  readonly table: string;
  readonly status: TableInSnapshot['status'];
  readonly put: number;
  readonly gone: number;
  readonly filesPending: number;
  readonly warnings: readonly string[];
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

const tablesAtOnce = 4;

/**
 * Backs up an environment as planned: rows and keys, contents, table hashes, and the snapshot that names them last.
 * Throws {@link backupRunning} when a run of this environment is under way anywhere, `interrupted` when stopped.
 */
export async function runBackup(
  plan: BackupPlan,
  ports: BackupPorts,
  options: RunOptions,
): Promise<BackupResult> {
  const { environmentId, friendlyName } = plan.environment;
  const result = await withLease(ports, `${environmentId}/backup`, options.signal, (signal) =>
    runAlone(plan, ports, options, signal),
  );
  if (result === 'held') throw backupRunning(friendlyName);
  return result;
}

/** What the vault and the control container say of the runs before. */
interface Before {
  readonly snapshot: Snapshot | null;
  readonly tables: ReadonlyMap<string, TableAtSnapshot>;
  readonly schema: EnvironmentSchema;
  readonly mark: RunMark | null;
}

async function runAlone(
  plan: BackupPlan,
  ports: BackupPorts,
  options: RunOptions,
  signal: AbortSignal,
): Promise<BackupResult> {
  const startedAt = await readServiceInstant(ports, plan);
  const before = await readBefore(ports, plan);
  const continuity = await proveContinuity(ports, plan, before);
  const lastRun = later(before.mark?.lastRun ?? null, before.snapshot?.id ?? null);
  const snapshot = nextSnapshotId(startedAt, lastRun, ports.random);
  const chosen = plan.tables.filter((table) => options.tables?.includes(table.table) ?? true);
  const meter = openMeter(chosen.length, options.onProgress ?? (() => undefined));
  const { rowsPerPart = 20_000 } = options;
  const run: RunContext = { ...ports, snapshot, epoch: continuity.epoch, rowsPerPart, signal, meter };
  const mark = await beginMark(run, plan, before.mark, continuity.kind === 'new-epoch');
  const results = await backUpTables(run, plan, chosen, before);
  const endedAt = await readServiceInstant(ports, plan);
  const written = await writeSnapshot(run, plan, { options, before, results, startedAt, endedAt });
  await endMark(run, plan, mark, { written, results, endedAt });
  const warnings = continuity.kind === 'new-epoch' ? [`A new epoch began: ${continuity.why}.`] : [];
  warnings.push(...(await beat(run, plan, written?.id ?? before.snapshot?.id ?? null, endedAt)));
  return {
    snapshot: written,
    startedAt,
    endedAt,
    progress: meter.total(),
    tables: results.map(report),
    warnings,
  };
}

async function readBefore(ports: BackupPorts, plan: BackupPlan): Promise<Before> {
  const mark = await readRunMark(ports.control, plan.environment.environmentId);
  for await (const snapshot of ports.vault.snapshots.list()) {
    const tables = await ports.vault.snapshots.tablesAt(snapshot);
    const schema = parseEnvironmentSchema(await ports.vault.schemas.readDocument(snapshot.schema));
    return { snapshot, tables, schema, mark };
  }
  return { snapshot: null, tables: new Map(), schema: noEnvironmentSchema, mark };
}

async function backUpTables(
  run: RunContext,
  plan: BackupPlan,
  chosen: readonly TablePlan[],
  before: Before,
): Promise<TableResult[]> {
  const limit = pLimit(tablesAtOnce);
  const retired = (folder: string) => before.schema.tables[folder]?.retired ?? [];
  const keptDays = plan.environment.expireChangeTrackingInDays;
  const stop = new AbortController();
  const inner = { ...run, signal: AbortSignal.any([run.signal, stop.signal]) };
  const one = async (table: TablePlan): Promise<TableOutcome> => {
    if (inner.signal.aborted) throw interrupted();
    const outcome = await backUpTable(inner, table, retired, keptDays);
    run.meter.add({ tablesDone: 1 });
    return outcome;
  };
  const done = await Promise.allSettled(
    chosen.map((table) =>
      limit(() =>
        one(table).catch((error: unknown) => {
          // One table met what no table survives: the others stop at their next page and keep what they have.
          stop.abort(error);
          throw error;
        }),
      ),
    ),
  );
  throwIfStopped(run, stop.signal);
  const outcomes = done.flatMap((item) => (item.status === 'fulfilled' ? [item.value] : []));
  return captureAllContents(run, plan, outcomes, before);
}

function throwIfStopped(run: RunContext, stopped: AbortSignal): void {
  const reason: unknown = run.signal.reason;
  if (run.signal.aborted)
    throw reason instanceof Error && reason.name !== 'AbortError' ? reason : interrupted();
  if (stopped.aborted) throw stopped.reason;
}

/** One table after the other: their lines go to the same Delta table. */
async function captureAllContents(
  run: RunContext,
  plan: BackupPlan,
  outcomes: readonly TableOutcome[],
  before: Before,
): Promise<TableResult[]> {
  const results: TableResult[] = [];
  for (const outcome of outcomes) {
    const previous = before.tables.get(outcome.folder) ?? null;
    results.push({ outcome, previous, contents: await contentsOf(run, plan.files, outcome, previous) });
  }
  return results;
}

const noContents: ContentsOutcome = {
  stored: 0,
  lost: 0,
  pending: 0,
  bytes: 0,
  requests: 0,
  moved: false,
  errors: [],
};

async function contentsOf(
  run: RunContext,
  withFiles: boolean,
  outcome: TableOutcome,
  previous: TableAtSnapshot | null,
): Promise<ContentsOutcome> {
  const throughSeq = outcome.state?.throughSeq ?? 0;
  if (throughSeq === 0 || outcome.status !== 'read' || !hasContents(outcome.plan.schema)) return noContents;
  // What an unfinished read captured has not been looked through for contents yet.
  const isLookedThrough = previous?.status === 'complete' || previous?.status === 'stale';
  const since = isLookedThrough && previous.files.pending === 0 ? previous.throughSeq : 0;
  if (since === throughSeq) return noContents;
  const table = { folder: outcome.folder, details: outcome.plan.details, throughSeq, since };
  return withFiles ? captureContents(run, table) : countPending(run, table);
}

async function writeSnapshot(
  run: RunContext,
  plan: BackupPlan,
  made: {
    readonly options: RunOptions;
    readonly before: Before;
    readonly results: readonly TableResult[];
    readonly startedAt: string;
    readonly endedAt: string;
  },
): Promise<Snapshot | null> {
  const { before, results, options } = made;
  const tables = await describeTables(run, before, results);
  if (Object.keys(tables).length === 0) return null;
  const chosen = new Set(results.map((result) => result.outcome.folder));
  const all =
    before.snapshot === null || (before.mark?.sinceAllTables ?? Infinity) >= snapshotsBetweenAllTables - 1;
  for (const [folder, previous] of before.tables) {
    if (tables[folder] !== undefined) continue;
    const skipped = options.tables !== undefined && !chosen.has(folder) && folder !== fileTableName;
    if (skipped) tables[folder] = asStale(previous);
    else if (all) tables[folder] = unmoved(previous);
  }
  const entries = results.map(({ outcome }) => outcome).filter((outcome) => outcome.state !== null);
  const schema = await run.vault.schemas.putDocument(nextEnvironmentSchema(before.schema, plan, entries));
  const snapshot: Snapshot = {
    format: 1,
    id: run.snapshot,
    environmentId: plan.environment.environmentId,
    organizationId: plan.environment.organizationId,
    startedAt: made.startedAt,
    endedAt: made.endedAt,
    trigger: options.trigger,
    policy: plan.policy,
    epoch: run.epoch,
    schema,
    previous: before.snapshot?.id ?? null,
    checkedAt: before.mark?.checkedAt ?? [],
    allTables: all,
    tables,
  };
  await run.vault.snapshots.write(snapshot);
  return snapshot;
}

async function describeTables(
  run: RunContext,
  before: Before,
  results: readonly TableResult[],
): Promise<Record<string, TableInSnapshot>> {
  const previous = before.tables.get(fileTableName)?.throughSeq ?? 0;
  const now = (await run.vault.table(fileTableName).state())?.throughSeq ?? 0;
  const files: FileSeqs = { previous, now };
  const tables: Record<string, TableInSnapshot> = {};
  for (const result of results) {
    const table = await describeTable(run.vault, result, files);
    if (table !== null) tables[result.outcome.folder] = table;
  }
  if (now !== previous) {
    tables[fileTableName] = await describeFileTable(
      run.vault,
      before.tables.get(fileTableName) ?? null,
      results,
    );
  }
  return tables;
}

function unmoved({ namedBy: _, ...table }: TableAtSnapshot): TableInSnapshot {
  return { ...table, captured: { put: 0, gone: 0, bytes: 0, requests: 0 } };
}

/** The backup is whole without it: a heartbeat that could not be written is a warning. */
async function beat(
  run: RunContext,
  plan: BackupPlan,
  snapshot: string | null,
  at: string,
): Promise<string[]> {
  if (snapshot === null) return [];
  try {
    await writeHeartbeat(run, plan, { snapshot, at });
    return [];
  } catch (error) {
    if (!(error instanceof DataverseError)) throw error;
    return [`The heartbeat row could not be written, so forms show an older backup: ${error.message}`];
  }
}

function report({ outcome, contents }: TableResult): TableReport {
  const status = {
    read: 'complete',
    unfinished: 'incomplete',
    'not-proved': 'stale',
    failed: 'failed',
  } as const;
  return {
    table: outcome.folder,
    status: status[outcome.status],
    put: outcome.captured.put,
    gone: outcome.captured.gone,
    filesPending: contents.pending,
    warnings: outcome.warnings,
    errors: [...outcome.errors, ...contents.errors],
  };
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

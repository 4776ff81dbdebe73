import pLimit from 'p-limit';
import type { Alert, Snapshot, TableInSnapshot } from '../vault/index.ts';
import { backupRunning, interrupted } from './errors.ts';
import { withLease } from './lease.ts';
import type { BackupPlan } from './plan.ts';
import { beginRun, readBefore, type RunStart } from './run-begin.ts';
import { openMeter, type BackupPorts, type BackupProgress, type RunContext } from './run-context.ts';
import { finishRun } from './run-finish.ts';
import { backUpTable, type TableResult } from './run-table.ts';

export interface RunOptions {
  readonly trigger: Snapshot['trigger'];
  /** Only these tables of the plan; the others stay as they are and are called stale. */
  readonly tables?: readonly string[];
  readonly onProgress?: (progress: BackupProgress) => void;
  /** See {@link RunContext}; 20,000. */
  readonly rowsPerPart?: number;
  /** Called once we are alone in the environment; what it throws ends the run before anything is read. */
  readonly admit?: () => Promise<void>;
  /** Looked at between pages: what was read is committed, and the next run goes on from there. */
  readonly signal?: AbortSignal;
  /** See {@link RunContext}. */
  readonly onAlert?: (alert: Alert) => void;
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
  /** What a person should know of; the snapshot keeps them. */
  readonly alerts: readonly Alert[];
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

async function runAlone(
  plan: BackupPlan,
  ports: BackupPorts,
  options: RunOptions,
  signal: AbortSignal,
): Promise<BackupResult> {
  await options.admit?.();
  const { trigger, tables } = options;
  const chosenTables = tables === undefined ? {} : { tables };
  const start = await beginRun({ ...ports, signal }, plan, { trigger, ...chosenTables });
  const chosen = plan.tables.filter((table) => start.chosen?.includes(table.table) ?? true);
  const meter = openMeter(chosen.length, options.onProgress ?? (() => undefined));
  const { snapshot, epoch } = start;
  const { rowsPerPart = 20_000 } = options;
  const { onAlert = () => undefined } = options;
  const run: RunContext = { ...ports, snapshot, epoch, rowsPerPart, signal, meter, onAlert };
  const results = await backUpTables(run, plan, chosen, start);
  const { startedAt } = start;
  const end = await finishRun(run, plan, start, results);
  return { ...end, startedAt, progress: meter.total(), tables: results.map(reportOf) };
}

async function backUpTables(
  run: RunContext,
  plan: BackupPlan,
  chosen: readonly BackupPlan['tables'][number][],
  start: RunStart,
): Promise<TableResult[]> {
  const limit = pLimit(tablesAtOnce);
  const before = await readBefore(run, start);
  const stop = new AbortController();
  const inner = { ...run, signal: AbortSignal.any([run.signal, stop.signal]) };
  const one = async (table: BackupPlan['tables'][number]): Promise<TableResult> => {
    if (inner.signal.aborted) throw interrupted();
    const result = await backUpTable(inner, plan, table, { start, before });
    run.meter.add({ tablesDone: 1 });
    return result;
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
  return done.flatMap((item) => (item.status === 'fulfilled' ? [item.value] : []));
}

function throwIfStopped(run: RunContext, stopped: AbortSignal): void {
  const reason: unknown = run.signal.reason;
  if (run.signal.aborted)
    throw reason instanceof Error && reason.name !== 'AbortError' ? reason : interrupted();
  if (stopped.aborted) throw stopped.reason;
}

const statusOf = {
  read: 'complete',
  unfinished: 'incomplete',
  'not-proved': 'stale',
  failed: 'failed',
} as const;

/** A table's result as it is shown. */
export function reportOf(result: TableResult): TableReport {
  return {
    table: result.folder,
    status: statusOf[result.status],
    put: result.captured.put,
    gone: result.captured.gone,
    filesPending: result.contents.pending,
    warnings: result.warnings,
    errors: [...result.errors, ...result.contents.errors],
  };
}

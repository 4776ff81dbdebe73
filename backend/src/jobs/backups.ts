import {
  planBackup,
  BackupError,
  quietRunsSince,
  readBackupFacts,
  runBackup,
  type BackupPlan,
  type BackupResult,
} from '../backup/index.ts';
import { InputError, RefusedError, RowbackError } from '../base/errors.ts';
import type { Snapshot } from '../vault/index.ts';
import { alertMessage } from './alerts/notifier.ts';
import type { BackupJob, SnapshotDetails, SnapshotSummary } from './contract.ts';
import type { Environment } from './environment.ts';
import { backupMissing, backupRunning, tablesUnknown } from './errors.ts';
import { listSnapshots, showSnapshot, summaryOf, tablesInVault } from './snapshots.ts';

export interface BackupRequest {
  readonly trigger: Snapshot['trigger'];
  /** Only these tables; the others are called stale. */
  readonly tables?: readonly string[] | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackupJob['progress']) => void;
  /** Rows in a part of a first read; the run's own choice where it is not given. */
  readonly rowsPerPart?: number;
}

/** Reads what the environment has now and plans its backup. Nothing is written. */
export async function planOf(environment: Environment): Promise<BackupPlan> {
  const facts = await readBackupFacts(environment.client, environment.policy);
  return planBackup(facts, environment.policy);
}

/**
 * Plans and runs one backup to its end. Throws what stops the whole of it, and tells the policy's webhooks of it, unless
 * somebody stopped it or another is running.
 */
export async function backUpNow(environment: Environment, request: BackupRequest): Promise<BackupResult> {
  const startedAt = environment.clock.now().toISOString();
  try {
    return await backUp(environment, request);
  } catch (error) {
    if (!isPersonsDoing(error)) tellFailed(environment, startedAt, error);
    await environment.notifier.settled();
    throw error;
  }
}

function isPersonsDoing(error: unknown): boolean {
  return (
    error instanceof InputError ||
    error instanceof RefusedError ||
    (error instanceof BackupError && error.code === 'interrupted')
  );
}

function tellFailed({ name, notifier, clock }: Environment, startedAt: string, error: unknown): void {
  notifier.send({
    id: `failed.${name}.${startedAt}`,
    type: 'backup.failed',
    timestamp: clock.now().toISOString(),
    data: { environment: name, startedAt, error: errorOf(error) },
  });
}

async function backUp(environment: Environment, request: BackupRequest): Promise<BackupResult> {
  const before = environment.measure();
  const plan = await planOf(environment);
  const planned = new Set(plan.tables.map((table) => table.table));
  const unknown = (request.tables ?? []).filter((table) => !planned.has(table));
  if (unknown.length > 0) throw tablesUnknown(unknown);
  const { onProgress, rowsPerPart } = request;
  const { notifier, name, clock } = environment;
  const result = await runBackup(plan, environment, {
    trigger: request.trigger,
    onAlert: (alert) => {
      const [snapshot = ''] = alert.id.split('.');
      const message = alertMessage(name, snapshot, clock.now().toISOString(), alert);
      if (message !== null) notifier.send(message);
    },
    ...(request.tables === undefined ? {} : { tables: request.tables }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(rowsPerPart === undefined ? {} : { rowsPerPart }),
  });
  const requests = environment.measure().requests - before.requests;
  const warnings = [...result.warnings, ...(await notifier.settled())];
  return { ...result, warnings, progress: { ...result.progress, requests } };
}

/** When the last backup ended that read the whole environment, moved or not; null: none has. */
export async function lastBackupAt({ vault, control }: Environment): Promise<string | null> {
  for await (const snapshot of vault.snapshots.list()) {
    const quiet = await quietRunsSince(control, vault.environmentId);
    return [snapshot.endedAt, ...quiet].sort().at(-1) ?? null;
  }
  return null;
}

/**
 * Tells the policy's webhooks that no backup has ended for longer than the policy allows. The id is that of the last
 * backup, so a receiver knows a repetition.
 */
export function tellLate({ name, notifier, clock }: Environment, lastAt: string): void {
  notifier.send({
    id: `late.${name}.${lastAt}`,
    type: 'backup.late',
    timestamp: clock.now().toISOString(),
    data: { environment: name, lastBackupAt: lastAt },
  });
}

/** Backups of one environment, as jobs that go on after the answer. Jobs are remembered while the process runs. */
export class BackupJobs {
  readonly #environment: Environment;
  readonly #stop: AbortSignal;
  readonly #jobs = new Map<string, BackupJob>();
  #running: Promise<void> | null = null;

  /** @param stop ends running jobs at their next safe place. */
  constructor(environment: Environment, stop: AbortSignal) {
    this.#environment = environment;
    this.#stop = stop;
  }

  /** Answers at once; throws `backup-running` while one is under way here. */
  start(request: BackupRequest): Promise<BackupJob> {
    if (this.#running !== null) return Promise.reject(backupRunning(this.#environment.name));
    const job: BackupJob = {
      id: this.#environment.random.uuid(),
      status: 'running',
      startedAt: this.#environment.clock.now().toISOString(),
      endedAt: null,
      snapshot: null,
      progress: { tablesDone: 0, tablesTotal: 0, rows: 0, bytes: 0, requests: 0 },
      error: null,
    };
    this.#keep(job);
    this.#running = this.#run(job, request).finally(() => (this.#running = null));
    return Promise.resolve(job);
  }

  /** Throws `backup-missing`. */
  show(id: string): BackupJob {
    const job = this.#jobs.get(id);
    if (job === undefined) throw backupMissing(id);
    return job;
  }

  /** Resolves when no job is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  listSnapshots(options: {
    readonly limit: number;
    readonly before?: string | undefined;
  }): Promise<SnapshotSummary[]> {
    return listSnapshots(this.#environment.vault, options);
  }

  showSnapshot(id: string): Promise<SnapshotDetails> {
    return showSnapshot(this.#environment.vault, id);
  }

  listTables(): Promise<{ name: string; label: string }[]> {
    return tablesInVault(this.#environment.vault);
  }

  async #run(job: BackupJob, request: BackupRequest): Promise<void> {
    const onProgress = (progress: BackupJob['progress']) => {
      this.#keep({ ...job, progress });
      request.onProgress?.(progress);
    };
    try {
      const result = await backUpNow(this.#environment, { ...request, signal: this.#stop, onProgress });
      this.#keep(await endedJob(this.#environment, job, result));
    } catch (error) {
      const endedAt = this.#environment.clock.now().toISOString();
      this.#keep({ ...this.show(job.id), status: 'failed', endedAt, error: errorOf(error) });
    }
  }

  /** The newest hundred are enough for whoever follows one. */
  #keep(job: BackupJob): void {
    this.#jobs.set(job.id, job);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > 100 && oldest !== undefined) this.#jobs.delete(oldest);
  }
}

async function endedJob(environment: Environment, job: BackupJob, result: BackupResult): Promise<BackupJob> {
  const { snapshot, progress } = result;
  const summary = snapshot === null ? null : await summaryOf(environment.vault, snapshot);
  return {
    ...job,
    status: isWhole(result) ? 'done' : 'partly',
    endedAt: environment.clock.now().toISOString(),
    // The snapshot counts what its tables cost; the run also asked for metadata and for tables that did not move.
    snapshot: summary === null ? null : { ...summary, requests: progress.requests },
    progress,
  };
}

/** Did every table come out complete, with all its contents? */
export function isWhole(result: BackupResult): boolean {
  return result.tables.every((table) => table.status === 'complete' && table.errors.length === 0);
}

function errorOf(error: unknown): NonNullable<BackupJob['error']> {
  if (error instanceof RowbackError) return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal-error', message, hint: 'This is a fault of Rowback. Report it with the log.' };
}

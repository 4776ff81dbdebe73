import type { WorkQueue } from '../../queue/index.ts';
import { assert } from '../../base/assert.ts';
import type { BackupJob, SnapshotDetails, SnapshotSummary } from '../contract.ts';
import type { Environment } from '../environment.ts';
import { backupMissing } from '../errors.ts';
import { listSnapshots, showSnapshot, summaryOf, tablesInVault } from '../snapshots.ts';
import { showProgress } from './show-progress.ts';
import { isActive, readRun, type RunRecord } from './run-record.ts';
import { cancelRun, startRun } from './start-run.ts';

/** Backups of one environment as the API sees them: they travel through the queue, and workers do them. */
export class QueuedBackups {
  readonly #environment: Environment;
  readonly #queue: WorkQueue;

  constructor(environment: Environment, queue: WorkQueue) {
    this.#environment = environment;
    this.#queue = queue;
  }

  /** Answers at once. Throws `backup-running` while one is under way anywhere, `table-unknown`. */
  async start(request: {
    readonly tables?: readonly string[] | undefined;
    readonly trigger: 'api';
  }): Promise<BackupJob> {
    const record = await startRun(this.#environment, this.#queue, request);
    assert(record !== null, 'a run that is asked for is always due');
    return jobOf(this.#environment, record);
  }

  /** Throws `backup-missing`. */
  async show(id: string): Promise<BackupJob> {
    const { control, environmentId } = this.#environment;
    const record = await readRun(control, environmentId, id);
    if (record === null) throw backupMissing(id);
    return jobOf(this.#environment, record);
  }

  /** Throws `backup-missing`, and `backup-not-queued` when it has ended. */
  async cancel(id: string): Promise<BackupJob> {
    await this.show(id);
    return jobOf(this.#environment, await cancelRun(this.#environment, id));
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
}

export async function jobOf(environment: Environment, record: RunRecord): Promise<BackupJob> {
  const { vault } = environment;
  const snapshot = record.snapshot === null ? null : await vault.snapshots.read(record.snapshot);
  const summary = snapshot === null ? null : await summaryOf(vault, snapshot);
  const requests = record.progress?.requests ?? 0;
  return {
    id: record.id,
    // Whoever waits for the end does not care whether a worker has come yet.
    status: record.state === 'queued' ? 'running' : record.state,
    startedAt: record.requestedAt,
    endedAt: record.endedAt,
    // The snapshot counts what its tables cost; the run also asked for metadata and for tables that did not move.
    snapshot: summary === null ? null : { ...summary, requests },
    progress: isActive(record) ? await showProgress(environment, record) : endedProgress(record),
    error: record.error,
  };
}

function endedProgress({ progress }: RunRecord): BackupJob['progress'] {
  const none = { tablesDone: 0, tablesTotal: 0, rows: 0, bytes: 0, requests: 0 };
  return { ...(progress ?? none), waitedSeconds: null, secondsLeft: null, tables: [] };
}

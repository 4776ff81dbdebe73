import type { BackupJob, EnvironmentSummary, SnapshotDetails, SnapshotSummary } from '../jobs/contract.ts';
import type { Environment } from '../jobs/environment.ts';

/** What the API needs of an environment's backups. */
export interface Backups {
  /** Answers at once; the job goes on. One at a time: `backup-running`; `table-unknown`. */
  start(options: {
    readonly tables?: readonly string[] | undefined;
    readonly trigger: 'api';
  }): Promise<BackupJob>;
  /** Throws `backup-missing`. */
  show(backupId: string): Promise<BackupJob>;
  /** Throws `backup-missing`, and `backup-not-queued` when it has ended. */
  cancel(backupId: string): Promise<BackupJob>;
  listSnapshots(options: {
    readonly limit: number;
    readonly before?: string | undefined;
  }): Promise<SnapshotSummary[]>;
  /** Throws `snapshot-missing`. */
  showSnapshot(snapshotId: string): Promise<SnapshotDetails>;
  listTables(): Promise<{ name: string; label: string }[]>;
}

export interface ServedEnvironment {
  readonly environment: Environment;
  readonly backups: Backups;
}

/** The configured environments, opened when first asked for. */
export interface ServedEnvironments {
  list(): Promise<EnvironmentSummary[]>;
  /** Throws `environment-unknown`. */
  open(name: string): Promise<ServedEnvironment>;
}

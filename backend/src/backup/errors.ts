import { RefusedError, RowbackError } from '../base/errors.ts';

/**
 * | code | what happened |
 * | --- | --- |
 * | `interrupted` | somebody stopped the run; the next one goes on from there |
 * | `lease-lost` | the lease of the environment went to somebody else in the middle of the run |
 * | `deletes-not-proved` | rows were missing from a full read and the service still has some of them |
 */
export class BackupError extends RowbackError {
  declare readonly code: 'interrupted' | 'lease-lost' | 'deletes-not-proved';

  constructor(
    code: BackupError['code'],
    message: string,
    options: ConstructorParameters<typeof RowbackError>[2],
  ) {
    super(code, message, options);
  }
}

export function interrupted(): BackupError {
  return new BackupError('interrupted', 'The backup was stopped before it was complete.', {
    hint: 'Start it again: it goes on where it stopped. The vault holds no gap.',
  });
}

export function leaseLost(): BackupError {
  return new BackupError('lease-lost', 'Another process took over this environment during the backup.', {
    hint: 'See that one backup runs at a time; the vault is whole, start the backup again.',
  });
}

/** Before anything is written: who lost the lease must not, another process may be writing already. */
export function throwIfLost(signal: AbortSignal): void {
  const reason: unknown = signal.reason;
  if (signal.aborted && reason instanceof BackupError && reason.code === 'lease-lost') throw reason;
}

/** Why a run ends before it is complete: the lease went to somebody else, or somebody stopped it. */
export function whyStopped(signal: AbortSignal): BackupError {
  return signal.reason instanceof BackupError ? signal.reason : interrupted();
}

/** Before each write of what one process alone may write: whoever was stopped, or lost the lease, writes nothing more. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw whyStopped(signal);
}

export function backupRunning(environment: string): RefusedError {
  return new RefusedError('backup-running', `A backup of ${environment} is running already.`, {
    hint: 'Wait until it ends. After a crash its lock frees itself within a minute.',
  });
}

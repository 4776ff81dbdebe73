import type { Clock } from '../base/clock.ts';
import { RowbackError } from '../base/errors.ts';
import { lastBackupAt, tellLate } from '../jobs/backups.ts';
import type { OpenEnvironments } from './served.ts';
import type { EnvironmentSettings } from '../jobs/settings.ts';

export type ScheduleLog = (line: {
  readonly environment: string;
  readonly event: 'backup-started' | 'backup-skipped' | 'backup-failed' | 'backup-ended' | 'backup-late';
  readonly code: string | null;
  readonly message: string | null;
}) => void;

/**
 * Backs an environment up by its policy's interval until the signal aborts: the first one at once, each following an
 * interval after the one before began. One that is still running, or an environment that is down, is tried again then.
 */
export async function keepBackingUp(
  settings: EnvironmentSettings,
  environments: OpenEnvironments,
  clock: Clock,
  signal: AbortSignal,
  log: ScheduleLog,
): Promise<void> {
  const { name, policy } = settings;
  if (policy.everyMs === null) return;
  let toldOf: string | null = null;
  while (!signal.aborted) {
    const startedAt = clock.now().getTime();
    toldOf = await tellIfLate(settings, environments, toldOf, log);
    await backUpOnce(name, environments, log);
    const leftMs = Math.max(1000, policy.everyMs - (clock.now().getTime() - startedAt));
    await clock.sleep(leftMs, signal).catch(() => undefined);
  }
}

/**
 * A backup is late when none has ended for as many intervals as the policy says: because they fail, or because nobody
 * ran. Said once for each last backup, gives the one that was spoken of. An environment that is down cannot be asked;
 * its failing backup says so itself.
 */
async function tellIfLate(
  { name, policy }: EnvironmentSettings,
  environments: OpenEnvironments,
  toldOf: string | null,
  log: ScheduleLog,
): Promise<string | null> {
  const opened = await environments.open(name).catch(() => null);
  if (opened === null || policy.everyMs === null) return toldOf;
  const { environment } = opened;
  const lastAt = await lastBackupAt(environment).catch((error: unknown) => {
    if (error instanceof RowbackError) return null;
    throw error;
  });
  if (lastAt === null || lastAt === toldOf) return toldOf;
  const agoMs = environment.clock.now().getTime() - Date.parse(lastAt);
  if (agoMs < policy.alerts.lateIntervals * policy.everyMs) return toldOf;
  tellLate(environment, lastAt);
  const message = `no backup has ended since ${lastAt}`;
  log({ environment: name, event: 'backup-late', code: 'backup-late', message });
  return lastAt;
}

async function backUpOnce(
  environment: string,
  environments: OpenEnvironments,
  log: ScheduleLog,
): Promise<void> {
  try {
    const { backups } = await environments.open(environment);
    const job = await backups.start({ trigger: 'schedule' });
    log({ environment, event: 'backup-started', code: null, message: job.id });
    await backups.settled();
    const { status, error } = backups.show(job.id);
    log({ environment, event: 'backup-ended', code: error?.code ?? status, message: error?.message ?? null });
  } catch (error) {
    if (!(error instanceof RowbackError)) throw error;
    const event = error.code === 'backup-running' ? 'backup-skipped' : 'backup-failed';
    log({ environment, event, code: error.code, message: error.message });
  }
}

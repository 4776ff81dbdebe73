import {
  planBackup,
  BackupError,
  quietRunsSince,
  readBackupFacts,
  runBackup,
  type BackupPlan,
  type BackupProgress,
  type BackupResult,
  type TableReport,
} from '../backup/index.ts';
import { InputError, RefusedError, RowbackError } from '../base/errors.ts';
import type { Alert, Snapshot } from '../vault/index.ts';
import { alertMessage } from './alerts/notifier.ts';
import type { BackupJob } from './contract.ts';
import type { Environment } from './environment.ts';
import { policyMatchesNothing, tablesUnknown } from './errors.ts';
import { yieldToQueue } from './runs/abandoned.ts';

export type { BackupProgress };

export interface BackupRequest {
  readonly trigger: Snapshot['trigger'];
  /** Only these tables; the others are called stale. */
  readonly tables?: readonly string[] | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Rows in a part of a first read; the run's own choice where it is not given. */
  readonly rowsPerPart?: number;
}

/** Reads what the environment has now and plans its backup. Nothing is written. Throws `policy-matches-nothing`. */
export async function planOf(environment: Environment): Promise<BackupPlan> {
  const facts = await readBackupFacts(environment.client, environment.policy);
  const plan = planBackup(facts, environment.policy);
  if (plan.tables.length === 0 && plan.excluded.every(({ code }) => code !== 'no-privilege'))
    throw policyMatchesNothing(environment.policy);
  return plan;
}

/** What in the policy means no table: to be said wherever somebody looks. */
export function unmatchedWarnings({ unmatched }: BackupPlan): string[] {
  return unmatched.map(
    (entry) => `The policy names ${entry}, and there is no such table in the environment.`,
  );
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
    if (!isPersonsDoing(error)) tellFailed(environment, startedAt, errorOf(error));
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

export function tellFailed(
  { name, notifier, clock }: Environment,
  startedAt: string,
  error: NonNullable<BackupJob['error']>,
): void {
  notifier.send({
    id: `failed.${name}.${startedAt}`,
    type: 'backup.failed',
    timestamp: clock.now().toISOString(),
    data: { environment: name, startedAt, error },
  });
}

async function backUp(environment: Environment, request: BackupRequest): Promise<BackupResult> {
  const before = environment.measure();
  const plan = await planOf(environment);
  const planned = new Set(plan.tables.map((table) => table.table));
  const unknown = (request.tables ?? []).filter((table) => !planned.has(table));
  if (unknown.length > 0) throw tablesUnknown(unknown);
  const { onProgress, rowsPerPart } = request;
  const { notifier } = environment;
  const result = await runBackup(plan, environment, {
    trigger: request.trigger,
    onAlert: tellAlert(environment),
    admit: () => yieldToQueue(environment),
    ...(request.tables === undefined ? {} : { tables: request.tables }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(rowsPerPart === undefined ? {} : { rowsPerPart }),
  });
  const requests = environment.measure().requests - before.requests;
  const warnings = [...unmatchedWarnings(plan), ...result.warnings, ...(await notifier.settled())];
  return { ...result, warnings, progress: { ...result.progress, requests } };
}

/** Tells the policy's webhooks of an alert at once. */
export function tellAlert({ name, notifier, clock }: Environment): (alert: Alert) => void {
  return (alert) => {
    const [snapshot = ''] = alert.id.split('.');
    const message = alertMessage(name, snapshot, clock.now().toISOString(), alert);
    if (message !== null) notifier.send(message);
  };
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

/** Did every table come out complete, with all its contents? */
export function isWhole(result: BackupResult): boolean {
  return result.tables.every(isWholeTable);
}

export function isWholeTable({ status, errors }: TableReport): boolean {
  return status === 'complete' && errors.length === 0;
}

function errorOf(error: unknown): NonNullable<BackupJob['error']> {
  if (error instanceof RowbackError) return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal-error', message, hint: 'This is a fault of Rowback. Report it with the log.' };
}

import type { Environment } from '../environment.ts';
import { backupQueued, runAbandoned } from '../errors.ts';
import { readProgress } from './progress.ts';
import { RunDocuments } from './run-documents.ts';
import { isActive, readNewestRun, writeRun, type RunRecord } from './run-record.ts';

/** Workers show life every ten seconds at least, whatever they do. */
const abandonedMs = 30_000;

/** Milliseconds since anybody did something for the run. */
export async function quietMs(environment: Environment, record: RunRecord): Promise<number> {
  const { control, environmentId, clock } = environment;
  const { at } = await readProgress(new RunDocuments(control, environmentId, record.id));
  return clock.now().getTime() - Date.parse(at ?? record.requestedAt);
}

/**
 * Asked by a backup in a process, which holds the environment's lease: throws `backup-running` where workers are at a run
 * of the queue. One that nobody works on is over with this: its messages are dropped, and what it read is gone on with.
 */
export async function yieldToQueue(environment: Environment): Promise<void> {
  const { control, environmentId, name, clock } = environment;
  const record = await readNewestRun(control, environmentId);
  if (!isActive(record)) return;
  if ((await quietMs(environment, record)) < abandonedMs) throw backupQueued(name);
  const { code, message, hint } = runAbandoned();
  const endedAt = clock.now().toISOString();
  await writeRun(control, environmentId, {
    ...record,
    state: 'failed',
    endedAt,
    error: { code, message, hint },
  });
}

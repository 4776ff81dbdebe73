import { withLease } from '../../backup/index.ts';
import type { WorkQueue } from '../../queue/index.ts';
import { newSnapshotId, type Snapshot } from '../../vault/index.ts';
import { planOf } from '../backups.ts';
import type { Environment } from '../environment.ts';
import { backupNotQueued, backupRunning, tablesUnknown } from '../errors.ts';
import { quietMs } from './abandoned.ts';
import { printMessage } from './message.ts';
import { RunDocuments } from './run-documents.ts';
import { isActive, readNewestRun, writeRun, type RunRecord } from './run-record.ts';

export interface RunRequest {
  readonly trigger: Snapshot['trigger'];
  readonly tables?: readonly string[] | undefined;
  /** Asked when nobody else can start one: the run before may have begun since the caller looked. */
  readonly isDue?: (last: RunRecord | null) => boolean;
}

/**
 * Starts a run: its record, then the message from which a worker begins it. Null: it was not due any more. Throws
 * `table-unknown`, and `backup-running` when one is under way, in the queue or in a process.
 */
export async function startRun(
  environment: Environment,
  queue: WorkQueue,
  request: RunRequest,
): Promise<RunRecord | null> {
  if (request.tables !== undefined) await checkTables(environment, request.tables);
  return alone(environment, async () => {
    const { control, environmentId } = environment;
    const last = await readNewestRun(control, environmentId);
    if (isActive(last)) throw backupRunning(environment.name);
    if (request.isDue?.(last) === false) return null;
    const record = newRecord(environment, request, last);
    await writeRun(control, environmentId, record);
    await send(environment, queue, record, 'begin');
    return record;
  });
}

/**
 * Ends the run that is under way: workers stop at their next page, what was read is kept, and the next run goes on from
 * there. Throws `backup-not-queued` when there is none, or another than `id`.
 */
export async function cancelRun(environment: Environment, id?: string): Promise<RunRecord> {
  return alone(environment, async () => {
    const record = await readNewestRun(environment.control, environment.environmentId);
    if (!isActive(record) || (id ?? record.id) !== record.id) throw backupNotQueued(environment.name);
    const cancelled = { ...record, state: 'cancelled' as const, endedAt: now(environment) };
    await writeRun(environment.control, environment.environmentId, cancelled);
    return cancelled;
  });
}

/**
 * Messages can be lost with their queue, and a process can end between its record and its message. A run that shows no
 * life for a while gets the messages of what is left again; those that were there all the time do no harm.
 */
export async function reviveRun(
  environment: Environment,
  queue: WorkQueue,
  record: RunRecord,
): Promise<boolean> {
  const documents = new RunDocuments(environment.control, environment.environmentId, record.id);
  // A queue that is not empty: workers are busy with something else, or nobody works.
  if ((await quietMs(environment, record)) < lifelessMs || (await queue.count()) > 0) return false;
  const tables = await documents.tables();
  if (tables === null || (await documents.start()) === null) {
    await send(environment, queue, record, 'begin');
    return true;
  }
  const done = await documents.done();
  const left = tables.filter((table) => !done.has(table));
  for (const table of left) await sendTable(environment, queue, record.id, table);
  if (left.length === 0) await send(environment, queue, record, 'finish');
  return true;
}

const lifelessMs = 10 * 60_000;

export async function sendTable(
  { name }: Environment,
  queue: WorkQueue,
  run: string,
  table: string,
): Promise<void> {
  await queue.send(printMessage({ version: 1, step: 'table', environment: name, run, table }));
}

export async function send(
  { name }: Environment,
  queue: WorkQueue,
  { id }: Pick<RunRecord, 'id'>,
  step: 'begin' | 'finish',
): Promise<void> {
  await queue.send(printMessage({ version: 1, step, environment: name, run: id }));
}

/** Under the lease that a run in one process holds from its beginning to its end. Throws `backup-running`. */
async function alone<R>(environment: Environment, work: () => Promise<R>): Promise<R> {
  for (let tries = 1; ; tries += 1) {
    const result = await withLease(environment, `${environment.environmentId}/backup`, undefined, work);
    if (result !== 'held') return result;
    // A step that takes a moment may hold it; a run in a process holds it longer.
    if (tries === 3) throw backupRunning(environment.name);
    await environment.clock.sleep(1000);
  }
}

async function checkTables(environment: Environment, tables: readonly string[]): Promise<void> {
  const plan = await planOf(environment);
  const planned = new Set(plan.tables.map((table) => table.table));
  const unknown = tables.filter((table) => !planned.has(table));
  if (unknown.length > 0) throw tablesUnknown(unknown);
}

function newRecord(environment: Environment, request: RunRequest, last: RunRecord | null): RunRecord {
  const requestedAt = now(environment);
  const id = newSnapshotId(requestedAt, environment.random);
  return {
    format: 1,
    // Ids sort as runs followed each other, also after a clock was set back.
    id: last === null || id > last.id ? id : `${last.id}-${environment.random.uuid().slice(0, 4)}`.slice(-64),
    environment: environment.name,
    state: 'queued',
    trigger: request.trigger,
    tables: request.tables === undefined ? null : [...request.tables],
    requestedAt,
    endedAt: null,
    snapshot: null,
    error: null,
    progress: null,
  };
}

function now({ clock }: Environment): string {
  return clock.now().toISOString();
}

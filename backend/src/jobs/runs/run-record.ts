import { z } from 'zod';
import type { ControlStore } from '../../vault/index.ts';
import { marksUnder } from './run-documents.ts';

const failure = z.object({ code: z.string(), message: z.string(), hint: z.string() });

/** A run that travels through the queue, as the control container keeps it. */
const runRecord = z.object({
  format: z.literal(1),
  id: z.string(),
  /** Name in the configuration. */
  environment: z.string(),
  state: z.enum(['queued', 'running', 'done', 'partly', 'failed', 'cancelled']),
  trigger: z.enum(['schedule', 'manual', 'api', 'request']),
  /** Only these tables; null: all of the plan. */
  tables: z.array(z.string()).nullable(),
  requestedAt: z.string(),
  endedAt: z.string().nullable(),
  /** The snapshot that it wrote. */
  snapshot: z.string().nullable(),
  error: failure.nullable(),
  /** As they were when it ended. */
  progress: z
    .object({
      tablesDone: z.int(),
      tablesTotal: z.int(),
      rows: z.number(),
      bytes: z.number(),
      requests: z.number(),
    })
    .nullable(),
});
export type RunRecord = z.infer<typeof runRecord>;

export function isActive(
  record: RunRecord | null,
): record is RunRecord & { readonly state: 'queued' | 'running' } {
  return record !== null && (record.state === 'queued' || record.state === 'running');
}

/**
 * The newest run of an environment. There is one at a time, and it is the only one that may work: a message of another
 * one is dropped. Written only by who holds the environment's lease.
 */
export async function readNewestRun(control: ControlStore, environmentId: string): Promise<RunRecord | null> {
  const parsed = runRecord.safeParse(await control.readMark(newestName(environmentId)));
  return parsed.success ? parsed.data : null;
}

/** Also kept under its own id once it has ended, for whoever asks later. */
export async function writeRun(
  control: ControlStore,
  environmentId: string,
  record: RunRecord,
): Promise<void> {
  if (!isActive(record)) await control.writeMark(endedName(environmentId, record.id), record);
  await control.writeMark(newestName(environmentId), record);
}

/** Null: never heard of, or too long ago. */
export async function readRun(
  control: ControlStore,
  environmentId: string,
  id: string,
): Promise<RunRecord | null> {
  const newest = await readNewestRun(control, environmentId);
  if (newest?.id === id) return newest;
  const parsed = runRecord.safeParse(await control.readMark(endedName(environmentId, id)));
  return parsed.success ? parsed.data : null;
}

/** The newest hundred are enough for whoever follows one. */
export async function forgetOldRuns(control: ControlStore, environmentId: string): Promise<void> {
  const names = await marksUnder(control, endedName(environmentId, ''));
  for (const name of names.slice(0, -100)) await control.removeMark(name);
}

export async function readEndedRuns(
  control: ControlStore,
  environmentId: string,
  limit: number,
): Promise<RunRecord[]> {
  const names = (await marksUnder(control, endedName(environmentId, ''))).reverse().slice(0, limit);
  const records = await Promise.all(
    names.map(async (name) => runRecord.safeParse(await control.readMark(name))),
  );
  return records.flatMap((parsed) => (parsed.success ? [parsed.data] : []));
}

function newestName(environmentId: string): string {
  return `${environmentId}/newest-run`;
}

function endedName(environmentId: string, id: string): string {
  return `${environmentId}/ended-runs/${id}`;
}

import { z } from 'zod';
import type { WorkQueue } from '../../queue/index.ts';
import type { BackupJob } from '../contract.ts';
import type { Environment } from '../environment.ts';
import { messageText, parseMessage } from './message.ts';
import { readPause, type Pause } from './pause.ts';
import { jobOf } from './queued-backups.ts';
import { isActive, readEndedRuns, readNewestRun } from './run-record.ts';

export interface Jobs {
  readonly running: BackupJob | null;
  /** The newest ten. */
  readonly ended: readonly BackupJob[];
  readonly paused: Pause | null;
  /** Messages in the queue, of all environments. */
  readonly waiting: number;
  readonly setAside: readonly SetAside[];
}

/** A message that nobody could work on. */
export interface SetAside {
  readonly at: string;
  readonly what: string;
  readonly code: string;
  readonly why: string;
}

const aside = z.object({ taken: z.string(), code: z.string(), message: z.string() });

export async function listJobs(environment: Environment, queue: WorkQueue): Promise<Jobs> {
  const { control, environmentId } = environment;
  const newest = await readNewestRun(control, environmentId);
  const ended = await readEndedRuns(control, environmentId, 10);
  return {
    running: isActive(newest) ? await jobOf(environment, newest) : null,
    ended: await Promise.all(ended.map((record) => jobOf(environment, record))),
    paused: await readPause(control, environmentId),
    waiting: await queue.count(),
    setAside: (await queue.listAside()).map(({ text, setAsideAt }) => shownAside(text, setAsideAt)),
  };
}

function shownAside(text: string, at: string): SetAside {
  const parsed = aside.safeParse(jsonOf(text));
  if (!parsed.success) return { at, what: 'unknown', code: 'message-unknown', why: text.slice(0, 200) };
  const { taken, code, message } = parsed.data;
  const step = parseMessage(taken);
  const what = step === null ? 'unknown' : `${step.environment}, ${messageText(step)}`;
  return { at, what, code, why: message };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

import type { Clock } from '../../base/clock.ts';
import { RowbackError } from '../../base/errors.ts';
import type { WorkQueue } from '../../queue/index.ts';
import { dayIsOver } from '../budget/day-is-over.ts';
import type { Environment } from '../environment.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { tellIfLate } from './late.ts';
import { nextDue } from './next-due.ts';
import { readPause } from './pause.ts';
import { quietUntil } from './quiet-hours.ts';
import { isActive, readNewestRun, type RunRecord } from './run-record.ts';
import { reviveRun, startRun } from './start-run.ts';

export type ScheduleLog = (line: {
  readonly environment: string;
  readonly event: 'backup-started' | 'backup-skipped' | 'backup-failed' | 'backup-revived' | 'backup-late';
  readonly code: string | null;
  readonly message: string | null;
}) => void;

export interface SchedulerPorts {
  readonly queue: WorkQueue;
  readonly open: (environment: string) => Promise<Environment>;
  readonly clock: Clock;
  readonly log: ScheduleLog;
}

const lookEveryMs = 30_000;

/** What was said already: once for each due instant and each last backup, not with every look. */
interface Said {
  readonly skipped: string | null;
  readonly late: string | null;
}

/**
 * Starts an environment's runs as its policy wants them, until the signal aborts. Any number of schedulers may do this
 * at once: a run starts under the environment's lease, and only if it is still due then.
 */
export async function keepScheduling(
  settings: () => EnvironmentSettings,
  ports: SchedulerPorts,
  signal: AbortSignal,
): Promise<void> {
  let said: Said = { skipped: null, late: null };
  while (!signal.aborted) {
    let waitMs = lookEveryMs;
    try {
      ({ said, waitMs } = await look(settings(), ports, said));
    } catch (error) {
      if (!(error instanceof RowbackError)) throw error;
      const { code, message } = error;
      ports.log({ environment: settings().name, event: 'backup-failed', code, message });
    }
    const pauseMs = Math.min(lookEveryMs, Math.max(1000, waitMs));
    await ports.clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}

interface Looked {
  readonly said: Said;
  /** Until it makes sense to look again. */
  readonly waitMs: number;
}

async function look(settings: EnvironmentSettings, ports: SchedulerPorts, said: Said): Promise<Looked> {
  const { policy, name } = settings;
  const { clock, log } = ports;
  if (nextDue(policy, null, clock.now()) === null) return { said, waitMs: lookEveryMs };
  const environment = await ports.open(name);
  const last = await readNewestRun(environment.control, environment.environmentId);
  const due = dueOf(policy, last, clock.now());
  const leftMs = due.getTime() - clock.now().getTime();
  if (leftMs > 0) return { said, waitMs: leftMs };
  const quiet = quietUntil(policy.quiet, clock.now());
  if (quiet !== null && !isActive(last)) return sayQuiet(ports, name, quiet, said);
  const { toldOf: late, isNews } = await tellIfLate(environment, policy, said.late);
  const message = `no backup has ended since ${late ?? 'the first'}`;
  if (isNews) log({ environment: name, event: 'backup-late', code: 'backup-late', message });
  const skipped = await startOrSkip(environment, ports, policy, last);
  if (skipped === null) return { said: { skipped, late }, waitMs: 1000 };
  const now = `${due.toISOString()} ${skipped.code}`;
  if (said.skipped !== now)
    log({ environment: name, event: 'backup-skipped', code: skipped.code, message: skipped.message });
  return { said: { skipped: now, late }, waitMs: skipped.waitMs };
}

/** Nobody waits for a backup in quiet hours, so none is late either. */
function sayQuiet({ clock, log }: SchedulerPorts, environment: string, until: Date, said: Said): Looked {
  const skipped = `quiet ${until.toISOString()}`;
  const message = `quiet hours until ${until.toISOString()}`;
  if (said.skipped !== skipped) log({ environment, event: 'backup-skipped', code: 'quiet-hours', message });
  return { said: { ...said, skipped }, waitMs: until.getTime() - clock.now().getTime() };
}

interface Skipped {
  readonly code: string;
  readonly message: string;
  readonly waitMs: number;
}

async function startOrSkip(
  environment: Environment,
  ports: SchedulerPorts,
  policy: EnvironmentSettings['policy'],
  last: RunRecord | null,
): Promise<Skipped | null> {
  const { control, environmentId, name } = environment;
  const { queue, log } = ports;
  if (isActive(last)) {
    const revived = await reviveRun(environment, queue, last);
    if (revived) log({ environment: name, event: 'backup-revived', code: null, message: last.id });
    return { code: 'backup-running', message: `the run ${last.id} has not ended`, waitMs: 1000 };
  }
  const pause = await readPause(control, environmentId);
  if (pause !== null) {
    const message = `${pause.by} paused the environment at ${pause.since}`;
    return { code: 'backup-paused', message, waitMs: lookEveryMs };
  }
  if (await dayIsOver(environment, policy, ports.clock.now())) {
    const message = `the ${policy.dailyRequests} requests of 24 hours are used up`;
    return { code: 'dataverse-daily-budget', message, waitMs: lookEveryMs };
  }
  return start(environment, ports, policy);
}

async function start(
  environment: Environment,
  { queue, clock, log }: SchedulerPorts,
  policy: EnvironmentSettings['policy'],
): Promise<Skipped | null> {
  const { name } = environment;
  const isDue = (last: RunRecord | null) => dueOf(policy, last, clock.now()) <= clock.now();
  try {
    const run = await startRun(environment, queue, { trigger: 'schedule', isDue });
    if (run !== null) log({ environment: name, event: 'backup-started', code: null, message: run.id });
    return null;
  } catch (error) {
    if (!(error instanceof RowbackError) || error.code !== 'backup-running') throw error;
    return { code: error.code, message: error.message, waitMs: lookEveryMs };
  }
}

function dueOf(policy: EnvironmentSettings['policy'], last: RunRecord | null, now: Date): Date {
  return nextDue(policy, last === null ? null : new Date(last.requestedAt), now) ?? now;
}

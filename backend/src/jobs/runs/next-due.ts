import { Cron } from 'croner';

/** When a policy wants its backups; both null: only on request. */
export interface Schedule {
  readonly everyMs: number | null;
  /** Five fields, in UTC. */
  readonly cron?: string | null;
}

/**
 * The instant from which the next run is due; null: never. What was missed while nobody ran is one run: it is due since
 * the first missed instant, and the next one follows from when that run begins.
 */
export function nextDue(schedule: Schedule, last: Date | null, now: Date): Date | null {
  const cron = schedule.cron ?? null;
  if (cron !== null)
    return new Cron(cron, { timezone: 'UTC', paused: true }).nextRun(before(last, now) ?? now);
  if (schedule.everyMs === null) return null;
  const since = before(last, now);
  return since === null ? now : new Date(since.getTime() + schedule.everyMs);
}

/** A last run in the future: the clock was set back, and waiting until it comes round again could take years. */
function before(last: Date | null, now: Date): Date | null {
  return last !== null && last > now ? now : last;
}

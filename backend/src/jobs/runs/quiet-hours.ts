import { Cron } from 'croner';
import type { QuietHours } from '../settings.ts';

/** The end of the quiet hours in which `now` falls, the latest where there are several; null: it falls in none. */
export function quietUntil(hours: readonly QuietHours[], now: Date): Date | null {
  const ends = hours.map((one) => endOf(one, now)).filter((end) => end !== null);
  return ends.sort((a, b) => b.getTime() - a.getTime())[0] ?? null;
}

/** Hours that began last and are not over. Where they go past midnight `days` are those on which they begin. */
function endOf({ from, to, days, timeZone }: QuietHours, now: Date): Date | null {
  // Runs before the reference, so that the very minute in which they begin belongs to them.
  const reference = new Date(now.getTime() + 1000);
  const [start] = daily(from, days ?? [], timeZone).previousRuns(1, reference);
  const end = start === undefined ? null : daily(to, [], timeZone).nextRun(start);
  return end !== null && now < end ? end : null;
}

function daily(time: string, days: readonly string[], timezone: string): Cron {
  const [hour, minute] = time.split(':').map(Number);
  const on = days.length === 0 ? '*' : days.join(',');
  return new Cron(`${minute} ${hour} * * ${on}`, { timezone, paused: true });
}

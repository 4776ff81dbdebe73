/** Arithmetic on days and months in UTC, the caller's time zone. All instants are milliseconds since 1970. */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** From the first instant on, up to but without the second. */
export type Range = readonly [from: number, to: number];

export function startOfDay(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** Weeks begin on Sunday. */
export function startOfWeek(ms: number): number {
  const day = startOfDay(ms);
  return day - new Date(day).getUTCDay() * DAY_MS;
}

export function startOfMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

export function startOfYear(ms: number): number {
  return Date.UTC(new Date(ms).getUTCFullYear(), 0, 1);
}

/** The same day and time some months later; the last day of a month that is too short for it. */
export function addMonths(ms: number, months: number): number {
  const date = new Date(ms);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const following = new Date(first);
  const days = new Date(Date.UTC(following.getUTCFullYear(), following.getUTCMonth() + 1, 0)).getUTCDate();
  return first + (Math.min(date.getUTCDate(), days) - 1) * DAY_MS + (ms - startOfDay(ms));
}

/** The week of the year as SQL Server counts: the first is that of January 1st, and weeks begin on Sunday. */
export function weekOfYear(ms: number): number {
  const first = startOfYear(ms);
  return Math.floor((startOfWeek(ms) - startOfWeek(first)) / (7 * DAY_MS)) + 1;
}

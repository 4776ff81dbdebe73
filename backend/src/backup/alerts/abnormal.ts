import { median, medianAbsoluteDeviation } from 'simple-statistics';

/** One run in a table's past: how many rows moved, and over how long a time. */
export interface PastRun {
  readonly rows: number;
  /** Hours since the run before. */
  readonly hours: number;
}

/** From how much on a policy calls a change too much whatever the table's past; null: only the past decides. */
export interface Threshold {
  /** At least so many rows. */
  readonly rows: number | null;
  /** At least such a part of the table's rows, above 0 and at most 100. */
  readonly percent: number | null;
}

/** How much moved in this run. */
export interface Moved extends PastRun {
  /** Rows of the table before the run. */
  readonly tableRows: number;
}

/** Why a count is too high, with the count from which on it would have been. */
export interface Abnormal {
  readonly because: 'rows' | 'percent' | 'past';
  readonly limit: number;
}

/** Fewer runs say nothing about what is usual. */
export const runsToJudgeBy = 20;
/** A handful of rows is nobody's disaster, however quiet the table: below this neither percent nor past decide. */
const rowsToSpeakOf = 20;
/** Usual cut for modified z-scores (Iglewicz and Hoaglin, 1993). */
const score = 3.5;
/** Makes the median absolute deviation of a normal distribution its standard deviation. */
const toDeviation = 1.4826;
/** Of logarithms. A table that moves by the same number of rows each time may still move by three times as many. */
const leastDeviation = 0.33;

/**
 * Is this more than the policy or the table's own past lets us expect? Counts are compared as logarithms of one more,
 * because what moves in a table spreads over orders of magnitude, and by median and median absolute deviation, because
 * earlier disasters must not make the next one look usual. A run that covers more time than usual may move more in
 * proportion. Null: nothing unusual.
 */
export function judge(now: Moved, past: readonly PastRun[], threshold: Threshold): Abnormal | null {
  if (now.rows === 0) return null;
  if (threshold.rows !== null && now.rows >= threshold.rows)
    return { because: 'rows', limit: threshold.rows };
  if (now.rows < rowsToSpeakOf) return null;
  const part = threshold.percent === null ? null : Math.ceil((now.tableRows * threshold.percent) / 100);
  if (part !== null && now.rows >= Math.max(part, 1)) return { because: 'percent', limit: part };
  const limit = usualLimit(past, now.hours);
  return limit !== null && now.rows > Math.max(limit, rowsToSpeakOf) ? { because: 'past', limit } : null;
}

/** The most that a run over so many hours moves as a rule; null where the past is too short to say. */
function usualLimit(past: readonly PastRun[], hours: number): number | null {
  if (past.length < runsToJudgeBy) return null;
  // Most runs of a quiet table move nothing. Those that did say more, once there are enough of them.
  const moving = past.filter((run) => run.rows > 0);
  const usual = Math.max(limitOf(past), moving.length >= runsToJudgeBy / 2 ? limitOf(moving) : 0);
  const stretch = hours / Math.max(median(past.map((run) => run.hours)), 1 / 3600);
  return Math.ceil(usual * Math.max(1, stretch));
}

function limitOf(runs: readonly PastRun[]): number {
  const logarithms = runs.map((run) => Math.log1p(run.rows));
  const deviation = Math.max(toDeviation * medianAbsoluteDeviation(logarithms), leastDeviation);
  return Math.expm1(median(logarithms) + score * deviation);
}

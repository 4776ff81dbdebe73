import type { Values } from '../base/value.ts';
import type { GoneReason } from '../vault/index.ts';
import { rowsRetainedSince } from './retention-runs.ts';
import type { TableRound } from './table-round.ts';

/** A row of the vault that the service no longer has, and when the service said so. */
export interface GoneRow {
  readonly key: string;
  readonly date: string;
}

/** Rows whose last values are looked at together. */
const rowsAtOnce = 1000;

/**
 * What the platform's column of tables with long-term retention says: 0 live, 1 on the way out. A run of a retention
 * policy marks its rows first, copies them, and deletes them as anybody would, so that the list of changes shows a
 * delete. (Microsoft Learn, "Dataverse long term data retention overview".)
 */
const dataState = 'msft_datastate';
/**
 * Seconds that a row of an elastic table lives, from its last modification on; then the platform removes it. Empty: it
 * stays. (Microsoft Learn, "Elastic tables for developers", time to live.)
 */
const timeToLive = 'ttlinseconds';
/** The service's `Date` names a second, and a row may have ended within it. */
const dateMs = 1000;

/**
 * Which of the rows nobody deleted, and what became of them instead.
 *
 * `expired`: by the last version in the vault its time to live had run out. `retained`: that version carries the mark of
 * long-term retention. A row that was marked and taken between two backups carries none: such rows are taken for retained
 * only if runs of the table's retention policies since the last capture took at least as many as are unexplained;
 * otherwise somebody deleted some of them, nobody can tell which, and all of them count as deleted.
 *
 * Rows that are not in the answer were deleted, as far as is known. Looks at versions that are committed.
 */
export async function goneReasons(
  round: TableRound,
  rows: readonly GoneRow[],
): Promise<ReadonlyMap<string, GoneReason>> {
  const reasons = new Map<string, GoneReason>();
  const mayBeRetained = round.schema.columns.some(({ name }) => name === dataState);
  const mayExpire = round.schema.columns.some(({ name }) => name === timeToLive);
  if (!mayBeRetained && !mayExpire) return reasons;
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const dates = new Map(rows.slice(at, at + rowsAtOnce).map(({ key, date }) => [key, date]));
    for (const [key, head] of await round.table.headsOf(dates.keys(), round.log.throughSeq)) {
      const reason = head.op === 'put' ? reasonIn(head.values, dates.get(key) ?? '') : null;
      if (reason !== null) reasons.set(key, reason);
    }
  }
  const unexplained = rows.filter(({ key }) => !reasons.has(key));
  if (!mayBeRetained || unexplained.length === 0) return reasons;
  const marked = [...reasons.values()].filter((reason) => reason === 'retained').length;
  const taken = (await rowsRetainedSince(round)) - marked;
  if (taken < unexplained.length) return reasons;
  for (const { key } of unexplained) reasons.set(key, 'retained');
  return reasons;
}

function reasonIn(values: Values, date: string): GoneReason | null {
  if (values[dataState] === 1) return 'retained';
  const endMs = endOf(values);
  return endMs !== null && endMs < Date.parse(date) + dateMs ? 'expired' : null;
}

/** When a row ends by itself; null: never. */
function endOf(values: Values): number | null {
  const seconds = values[timeToLive];
  const modified = values['modifiedon'];
  if (typeof seconds !== 'number' || seconds < 0 || typeof modified !== 'string') return null;
  return Date.parse(modified) + seconds * 1000;
}

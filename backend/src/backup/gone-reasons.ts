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
 * Which of the rows nobody deleted, and what became of them instead: moved to long-term retention. That is so where the
 * last version in the vault carries the mark. A row that was marked and taken between two backups carries none: such rows
 * are taken for retained only if runs of the table's retention policies since the last capture took at least as many as
 * are unexplained; otherwise somebody deleted some of them, nobody can tell which, and all of them count as deleted.
 *
 * Rows that are not in the answer were deleted, as far as is known. Looks at versions that are committed.
 */
export async function goneReasons(
  round: TableRound,
  rows: readonly GoneRow[],
): Promise<ReadonlyMap<string, GoneReason>> {
  const reasons = new Map<string, GoneReason>();
  if (rows.length === 0 || !round.schema.columns.some(({ name }) => name === dataState)) return reasons;
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const keys = rows.slice(at, at + rowsAtOnce).map(({ key }) => key);
    for (const [key, head] of await round.table.headsOf(keys, round.log.throughSeq)) {
      if (head.op === 'put' && isMarked(head.values)) reasons.set(key, 'retained');
    }
  }
  const unexplained = rows.filter(({ key }) => !reasons.has(key));
  if (unexplained.length === 0) return reasons;
  const taken = (await rowsRetainedSince(round)) - reasons.size;
  if (taken < unexplained.length) return reasons;
  for (const { key } of unexplained) reasons.set(key, 'retained');
  return reasons;
}

function isMarked(values: Values): boolean {
  return Number(values[dataState] ?? 0) === 1;
}

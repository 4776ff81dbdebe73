import { keyOf } from '../vault/index.ts';
import { columnsToRead } from './columns.ts';
import { interrupted } from './errors.ts';
import { printBookmark } from './read-state.ts';
import { bookmark, keepable } from './round-events.ts';
import type { TableRound } from './table-round.ts';
import type { ReadRow } from './version-log.ts';

/** Rows that are compared with the vault at once. */
const rowsPerComparison = 1000;
const rowsPerPage = 5000;
/** Rows may come to light later than others that were created after them. */
const overlapMs = 60 * 60 * 1000;
/** Before the first row of any environment. */
const beginning = '1900-01-01T00:00:00Z';

/**
 * A table whose rows are only ever added (audit): those created since `after` (an instant; null: all), and in the hour
 * before it, in the order of their creation. Rows that the vault has already are not written again. No row is ever
 * called gone: the service deletes the oldest when their time is over, and they stay in the vault. A read that stops
 * leaves a position behind, from which the next one goes on.
 */
export async function readAppended(round: TableRound, after: string | null, isNew: boolean): Promise<void> {
  const { client, meter } = round.run;
  const { details } = round.plan;
  const from = after === null ? beginning : new Date(Date.parse(after) - overlapMs).toISOString();
  const orderBy = `createdon asc,${round.schema.primaryId} asc`;
  const rows: ReadRow[] = [];
  let highest = after;
  let count = 0;
  const found = client.readWhere(details, columnsToRead(round.schema), `createdon ge ${from}`, { orderBy });
  for await (const row of found) {
    rows.push({ key: keyOf(round.schema, row.values), row: keepable(round, row) });
    highest = later(highest, row.values['createdon']);
    count += 1;
    if (rows.length < rowsPerComparison) continue;
    await putPart(round, rows.splice(0));
    await keepPosition(round, highest);
  }
  await putPart(round, rows);
  meter.add({ requests: Math.max(1, Math.ceil(count / rowsPerPage)) });
  await round.log.commit({ token: markOf(round, highest), position: null }, isNew);
}

async function putPart(round: TableRound, rows: readonly ReadRow[]): Promise<void> {
  round.run.meter.add({ rows: rows.length });
  await round.log.putChanged(rows);
}

async function keepPosition(round: TableRound, highest: string | null): Promise<void> {
  const { run, log } = round;
  const position = markOf(round, highest);
  if (log.pending >= run.rowsPerPart) await log.commit({ position });
  if (!run.signal.aborted) return;
  await log.commit({ position });
  throw interrupted();
}

/** The same text as long as nothing was added, so that a quiet table writes no commit. */
function markOf(round: TableRound, highest: string | null): string | null {
  return highest === null ? null : printBookmark({ ...bookmark(round, '', highest), after: highest });
}

function later(highest: string | null, createdOn: unknown): string | null {
  if (typeof createdOn !== 'string') return highest;
  if (highest !== null && Date.parse(createdOn) <= Date.parse(highest)) return highest;
  // Written anew: as read it may be a view of a whole page.
  return Buffer.from(createdOn).toString();
}

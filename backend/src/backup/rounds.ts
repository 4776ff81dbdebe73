import { keyOf, type VersionMark } from '../vault/index.ts';
import { interrupted } from './errors.ts';
import { goneReasons, type GoneRow } from './gone-reasons.ts';
import { KeySet } from './key-set.ts';
import { proveMissing, stillThere } from './missing.ts';
import { printBookmark, tokenIsOld, type Bookmark, type CompareReason } from './read-state.ts';
import { bookmark, events, scanMark, stopIfAborted } from './round-events.ts';
import type { TableRound } from './table-round.ts';
import type { ReadRow } from './version-log.ts';

/** Rows that are compared with the vault at once. */
const rowsPerComparison = 1000;

/**
 * The first read of a table: every row is new. It goes on from `from`, and leaves a position behind at the end of a
 * part. Gives the bookmark for the changes that come after; null where the table has no change tracking.
 */
export async function readFirst(round: TableRound, from: Bookmark | null): Promise<Bookmark | null> {
  const { log } = round;
  let next: Bookmark | null = null;
  let date = '';
  for await (const event of events(round, from?.link ?? null)) {
    if (event.kind === 'row') await log.put({ key: keyOf(round.schema, event.values), row: event });
    if (event.kind !== 'page-end') continue;
    date = event.date;
    if (event.deltaLink !== undefined) next = bookmark(round, event.deltaLink, event.date);
    if (event.nextLink === undefined) continue;
    const position = printBookmark(bookmark(round, event.nextLink, event.date));
    if (log.pending >= round.run.rowsPerPart) await log.commit({ position });
    if (round.run.signal.aborted) {
      await log.commit({ position });
      throw interrupted();
    }
  }
  await log.commit({ token: tokenOf(next ?? scanMark(round, date)), position: null }, true);
  return next;
}

/**
 * What changed since a token. Every row and tombstone is compared with the vault, so that a round that was cut short
 * can simply be read again. A live item outranks a tombstone of the same key in the same round, unless the row is not
 * there when it is looked up. Leaves the old token in place when the look proves nothing, so that the next run sees the
 * tombstone again.
 */
export async function readChangesSince(round: TableRound, since: Bookmark): Promise<'proved' | 'not-proved'> {
  const { log } = round;
  const rows: ReadRow[] = [];
  const gone: GoneRow[] = [];
  const live = new KeySet();
  let next: Bookmark | null = null;
  let items = 0;
  for await (const event of events(round, since.link)) {
    if (event.kind === 'page-end') {
      if (event.deltaLink !== undefined) next = bookmark(round, event.deltaLink, event.date);
      stopIfAborted(round);
      continue;
    }
    items += 1;
    if (event.kind === 'gone') gone.push({ key: event.id, date: event.date });
    else {
      const key = keyOf(round.schema, event.values);
      live.add(key);
      rows.push({ key, row: event });
    }
    if (rows.length >= rowsPerComparison) await log.putChanged(rows.splice(0));
  }
  await log.putChanged(rows);
  const unproved = await putGone(round, gone, live);
  if (unproved > 0) {
    await log.commit();
    round.warn(
      `${unproved} rows came as live and as deleted, and the right to read all rows was lost meanwhile; none of them was recorded as deleted`,
    );
    return 'not-proved';
  }
  if (next === null) return 'proved';
  const moved = items > 0 || tokenIsOld(since, next.at, round.keptDays);
  await log.commit(moved ? { token: printBookmark(next) } : {});
  return 'proved';
}

/**
 * Keys that were never captured, or are gone already, say nothing new. Gives how many came as live rows too and could
 * not be looked up.
 */
async function putGone(round: TableRound, all: readonly GoneRow[], live: KeySet): Promise<number> {
  if (all.length === 0) return 0;
  const gone = [...new Map(all.map((item) => [item.key, item])).values()];
  // Puts of this round must be in the vault before heads can show that one outranks a tombstone.
  if (round.log.pending > 0) await round.log.commit();
  const lost: GoneRow[] = [];
  let unproved = 0;
  for (let at = 0; at < gone.length; at += rowsPerComparison) {
    const chunk = new Map(gone.slice(at, at + rowsPerComparison).map((item) => [item.key, item]));
    const puts = [...(await round.log.marks([...chunk.keys()]))].filter(([, mark]) => mark.op === 'put');
    // A live item that says what the vault has already leaves no version of this run behind.
    const isDoubted = ([key, mark]: [string, VersionMark]) =>
      mark.snapshot === round.run.snapshot || live.has(key);
    const doubted = new Set(puts.filter(isDoubted).map(([key]) => key));
    const alive = await stillThere(round, [...doubted]);
    if (alive === null) unproved += doubted.size;
    for (const [key] of puts) {
      const item = chunk.get(key);
      if (item !== undefined && !(alive ?? doubted).has(key)) lost.push(item);
    }
  }
  await writeGone(round, lost, 'deleted');
  return unproved;
}

/** With the reason, where it is known that nobody deleted them. */
export async function writeGone(
  round: TableRound,
  rows: readonly GoneRow[],
  found: 'deleted' | 'missing',
): Promise<void> {
  const reasons = await goneReasons(round, rows);
  for (const { key, date } of rows) await round.log.gone(key, reasons.get(key) ?? found, date);
}

/**
 * Every row is read and compared with the vault; what the vault has and the service has not is gone, once that is
 * proved. Leaves the old token in place when it could not be proved, so that the next run looks again.
 */
export async function readAndCompare(
  round: TableRound,
  because: CompareReason,
): Promise<'proved' | 'not-proved'> {
  const { log, table } = round;
  const before = log.throughSeq;
  const seen = new KeySet();
  const rows: ReadRow[] = [];
  let next: Bookmark | null = null;
  let date = '';
  for await (const event of events(round, null)) {
    if (event.kind === 'row') {
      const key = keyOf(round.schema, event.values);
      seen.add(key);
      rows.push({ key, row: event });
      if (rows.length >= rowsPerComparison) await log.putChanged(rows.splice(0));
    }
    if (event.kind !== 'page-end') continue;
    date = event.date;
    if (event.deltaLink !== undefined) next = bookmark(round, event.deltaLink, event.date);
    stopIfAborted(round);
  }
  await log.putChanged(rows);
  const proof = await putMissing(round, table.keysAt(before), seen, date);
  const token = proof === 'proved' ? { token: tokenOf(next ?? scanMark(round, date)) } : {};
  await log.commit({ ...token, position: null }, because === 'columns-moved' || because === 'new-epoch');
  return proof;
}

/** Writes off the captured rows that a read of the whole table did not show, once that is proved. */
export async function putMissing(
  round: TableRound,
  captured: AsyncIterable<string>,
  seen: KeySet,
  date: string,
): Promise<'proved' | 'not-proved'> {
  const proof = await proveMissing(round, captured, seen);
  if (proof.kind === 'not-proved') round.warn(proof.why);
  else {
    const rows = proof.keys.map((key) => ({ key, date }));
    await writeGone(round, rows, 'missing');
  }
  return proof.kind;
}

function tokenOf(mark: Bookmark | null): string | null {
  return mark === null ? null : printBookmark(mark);
}

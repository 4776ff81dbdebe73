import { keyText, type Row, type RowKey } from '../dataverse/index.ts';
import type { VersionMark } from '../vault/index.ts';
import { interrupted } from './errors.ts';
import { KeySet } from './key-set.ts';
import { proveMissing } from './missing.ts';
import { readByKeys } from './read-by-keys.ts';
import { parseBookmark } from './read-state.ts';
import { readChangesSince, writeGone } from './rounds.ts';
import { snapshotInstant } from './snapshot-id.ts';
import type { TableRound } from './table-round.ts';

/** What a sweep found that the list of changes had not shown. */
export interface SweepFindings {
  /** When the run began. */
  readonly at: string;
  /** Rows that were new or other than captured. */
  readonly put: number;
  /** Rows that were not there any more. */
  readonly gone: number;
}

const everyMs = 24 * 60 * 60 * 1000;
/** Keys that are compared with the vault together: each time all keys of the table are looked through. */
const keysAtOnce = 20_000;
/** Keys that the service gives at once. */
const keysPerPage = 5000;
/** Rows that are read again together. */
const rowsAtOnce = 1000;
/**
 * The service lists no change while an older transaction is open, for how long is not documented: what was saved so
 * lately may simply not be listed yet, and is left to the next run.
 */
const settledMs = 10 * 60 * 1000;

/** `sweptAt`: when all rows of the table were last compared with the vault; undefined: nobody knows. */
export function sweepIsDue(sweptAt: string | undefined, now: string): boolean {
  return sweptAt === undefined || Date.parse(now) - Date.parse(sweptAt) >= everyMs;
}

/**
 * Compares the keys and row versions of a whole table with the vault, right after its changes were read. What differs
 * may have been saved or deleted since: so the changes are read once more, and only what still differs then was missed
 * by the list of changes. Such rows are captured, and rows that are not there are gone, under the same proof as after a
 * full read. A row that moves again while this goes on is left to the next run. Null: it came to no end.
 */
export async function sweep(round: TableRound): Promise<SweepFindings | null> {
  const { log, table } = round;
  const before = log.throughSeq;
  const seen = new KeySet();
  const { unlike, date } = await unlikeRows(round, seen);
  const token = parseBookmark((await table.state())?.token ?? null);
  if (token === null || (await readChangesSince(round, token)) === 'not-proved') return null;
  const put = await putMissed(round, unlike);
  const gone = await putMissing(round, { captured: table.keysAt(before), seen, date });
  await log.commit();
  return { at: snapshotInstant(round.run.snapshot), put, gone };
}

/** Rows that the vault does not have in the version that the service names; `seen` takes up all keys. */
async function unlikeRows(
  round: TableRound,
  seen: KeySet,
): Promise<{ readonly unlike: ReadonlyMap<string, RowKey>; readonly date: string }> {
  const { client, meter, signal } = round.run;
  const unlike = new Map<string, RowKey>();
  let batch: RowKey[] = [];
  const compare = async (): Promise<void> => {
    for (const [key, row] of await stillUnlike(round, new Map(batch.map((one) => [keyText(one), one]))))
      unlike.set(key, row);
    batch = [];
  };
  let date = snapshotInstant(round.run.snapshot);
  for await (const row of client.readKeys(round.plan.details)) {
    seen.add(keyText(row));
    batch.push(row);
    date = row.date;
    if (batch.length < keysAtOnce) continue;
    if (signal.aborted) throw interrupted();
    await compare();
  }
  await compare();
  meter.add({ requests: Math.max(1, Math.ceil(seen.size / keysPerPage)), rows: seen.size });
  return { unlike, date };
}

async function stillUnlike(
  round: TableRound,
  rows: ReadonlyMap<string, RowKey>,
): Promise<Map<string, RowKey>> {
  const marks = await round.log.marks([...rows.keys()]);
  return new Map([...rows].filter(([key, row]) => !isLike(marks.get(key), row)));
}

/** A table without row versions tells only that the row is there. */
function isLike(mark: VersionMark | undefined, { version }: RowKey): boolean {
  return mark?.op === 'put' && (version === null || mark.rowVersion === version);
}

async function putMissed(round: TableRound, unlike: ReadonlyMap<string, RowKey>): Promise<number> {
  const { signal } = round.run;
  const before = round.log.counts.put;
  const suspects = [...unlike];
  for (let at = 0; at < suspects.length; at += rowsAtOnce) {
    if (signal.aborted) throw interrupted();
    const missed = await stillUnlike(round, new Map(suspects.slice(at, at + rowsAtOnce)));
    if (missed.size === 0) continue;
    const rows = await readByKeys(round, [...missed.keys()]);
    const settled = [...rows].filter(([key, row]) => isSettled(row, missed.get(key)?.version ?? null));
    await round.log.putChanged(settled.map(([key, row]) => ({ key, row })));
  }
  return round.log.counts.put - before;
}

/** Not saved again since the keys were read, nor shortly before. */
function isSettled({ values, date }: Row, seen: string | null): boolean {
  const { versionnumber, modifiedon } = values;
  if (seen !== null && versionnumber !== seen) return false;
  return typeof modifiedon !== 'string' || Date.parse(date) - Date.parse(modifiedon) >= settledMs;
}

async function putMissing(
  round: TableRound,
  {
    captured,
    seen,
    date,
  }: { readonly captured: AsyncIterable<string>; readonly seen: KeySet; readonly date: string },
): Promise<number> {
  const proof = await proveMissing(round, notKnownGone(round, captured, seen), seen);
  if (proof.kind === 'not-proved') {
    round.warn(proof.why);
    return 0;
  }
  const rows = proof.keys.map((key) => ({ key, date }));
  await writeGone(round, rows, 'missing');
  return rows.length;
}

/** Without the rows that the changes since have shown to be gone. */
async function* notKnownGone(
  round: TableRound,
  captured: AsyncIterable<string>,
  seen: KeySet,
): AsyncIterable<string> {
  const unseen: string[] = [];
  for await (const key of captured) if (!seen.has(key)) unseen.push(key);
  for (let at = 0; at < unseen.length; at += keysAtOnce) {
    const marks = await round.log.marks(unseen.slice(at, at + keysAtOnce));
    for (const [key, mark] of marks) if (mark.op === 'put') yield key;
  }
}

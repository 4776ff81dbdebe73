import { keyOf } from '../vault/index.ts';
import { KeySet } from './key-set.ts';
import { readByKeys } from './read-by-keys.ts';
import { putMissing } from './rounds.ts';
import { keyEvents, stopIfAborted } from './round-events.ts';
import type { TableRound } from './table-round.ts';

/** Keys that are compared with the vault at once: the vault answers so many in one query. */
const keysPerComparison = 2000;
/** Rows that are read by their keys and compared at once. */
const rowsPerComparison = 1000;
/** Of more rows that moved, or of a larger share of the table, a full read costs less than asking for each. */
const movedAtMost = { rows: 20_000, share: 0.1, butAlways: 1000 };

/**
 * Changes of a table of which the service keeps no list: keys and row versions of all rows are read, and by their keys
 * the rows whose version is another one than the vault holds. Whether it is higher says nothing: the versions of
 * elastic tables are times, and those of a rewound environment begin lower. What the vault has and the service has not
 * is gone, once that is proved.
 *
 * `too-many`: so much moved that the table is better read in full; nothing was written.
 */
export async function scanVersions(round: TableRound): Promise<'proved' | 'not-proved' | 'too-many'> {
  const { log, table } = round;
  const before = log.throughSeq;
  const seen = new KeySet();
  const moved: string[] = [];
  const versions = new Map<string, string | null>();
  let date = '';
  for await (const event of keyEvents(round)) {
    if (event.kind === 'row') {
      const key = keyOf(round.schema, event.values);
      const version = event.values['versionnumber'];
      seen.add(key);
      versions.set(key, typeof version === 'string' ? version : null);
    }
    if (event.kind === 'page-end') {
      date = event.date;
      stopIfAborted(round);
    }
    if (versions.size < keysPerComparison) continue;
    moved.push(...(await movedOf(round, versions)));
    versions.clear();
    if (moved.length > movedAtMost.rows) return 'too-many';
  }
  moved.push(...(await movedOf(round, versions)));
  if (moved.length > Math.max(movedAtMost.butAlways, seen.size * movedAtMost.share)) return 'too-many';
  await putMoved(round, moved);
  const proof = await putMissing(round, table.keysAt(before), seen, date);
  await log.commit();
  return proof;
}

/** Keys whose version the vault does not hold; a row without a version may have moved. */
async function movedOf(
  { log }: TableRound,
  versions: ReadonlyMap<string, string | null>,
): Promise<readonly string[]> {
  const marks = await log.marks([...versions.keys()]);
  const isHeld = ([key, version]: readonly [string, string | null]) => {
    const mark = marks.get(key);
    return mark?.op === 'put' && version !== null && mark.rowVersion === version;
  };
  // Written anew: as read it may be a view of a whole page.
  return [...versions].filter((one) => !isHeld(one)).map(([key]) => Buffer.from(key).toString());
}

/** A row that is not there any more was deleted since its key was read: the next scan misses it. */
async function putMoved(round: TableRound, moved: readonly string[]): Promise<void> {
  for (let at = 0; at < moved.length; at += rowsPerComparison) {
    stopIfAborted(round);
    const rows = await readByKeys(round, moved.slice(at, at + rowsPerComparison));
    await round.log.putChanged(
      [...rows.values()].map((row) => ({ key: keyOf(round.schema, row.values), row })),
    );
  }
}

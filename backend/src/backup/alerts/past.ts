import type { Snapshot, TableInSnapshot, Vault } from '../../vault/index.ts';
import type { PastRun } from './abnormal.ts';

/** Snapshots looked back over. */
const snapshotsBack = 100;
/** Runs looked back over: quiet ones take no snapshot, and a long quiet time would drown what happened before it. */
const runsBack = 500;

/** What moved in the runs of late, by table. */
export interface Past {
  /** Newest last; runs in which the table did not move count as zero. */
  of(folder: string, operation: 'put' | 'gone'): readonly PastRun[];
  /** Instant of the last run; null: there was none. */
  readonly lastAt: string | null;
}

/** One run: the snapshot it wrote, or only the instant at which it found nothing. */
interface Run {
  readonly at: number;
  readonly snapshot: Snapshot | null;
}

/**
 * The runs before this one, from the snapshots that they left. `checkedAt` are the runs since the newest snapshot in
 * which nothing moved.
 */
export async function readPast(vault: Vault, checkedAt: readonly string[]): Promise<Past> {
  const runs: Run[] = checkedAt.map(quietRun);
  let snapshots = 0;
  for await (const snapshot of vault.snapshots.list()) {
    runs.push({ at: Date.parse(snapshot.endedAt), snapshot }, ...snapshot.checkedAt.map(quietRun));
    snapshots += 1;
    if (snapshots >= snapshotsBack || runs.length >= runsBack) break;
  }
  runs.sort((a, b) => a.at - b.at);
  return {
    of: (folder, operation) => seriesOf(runs, folder, operation),
    lastAt: runs.length === 0 ? null : new Date(runs.at(-1)?.at ?? 0).toISOString(),
  };
}

function quietRun(at: string): Run {
  return { at: Date.parse(at), snapshot: null };
}

/** A run that did not read the table, or not to its end, says nothing; nor does the oldest, which has none before it. */
function seriesOf(runs: readonly Run[], folder: string, operation: 'put' | 'gone'): PastRun[] {
  const series: PastRun[] = [];
  let lastAt: number | null = null;
  for (const { at, snapshot } of runs) {
    const table = snapshot?.tables[folder];
    if (table !== undefined && table.status !== 'complete') continue;
    const rows = table === undefined ? 0 : movedIn(table, operation);
    if (lastAt !== null) series.push({ rows, hours: (at - lastAt) / 3_600_000 });
    lastAt = at;
  }
  return series;
}

/** Rows that went to long-term retention, or whose time was over, are no measure for deletes. */
function movedIn({ captured }: TableInSnapshot, operation: 'put' | 'gone'): number {
  return operation === 'gone' ? (captured.deleted ?? captured.gone) : captured.put;
}

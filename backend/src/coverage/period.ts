import type { Snapshot, Vault } from '../vault/index.ts';

/** What happened between two instants, as the snapshots tell it. */
export interface Period {
  readonly from: string;
  readonly to: string;
  readonly snapshots: number;
  /** Runs in which nothing moved. */
  readonly quietRuns: number;
  /** Between the starts of two runs that follow each other. */
  readonly longestGap: { readonly ms: number; readonly from: string; readonly to: string } | null;
  /** Tables that were not complete for a while. */
  readonly disturbed: readonly {
    readonly table: string;
    readonly status: string;
    readonly from: string;
    /** Start of the first run in which it was complete again; null: it was still so at the end. */
    readonly to: string | null;
    readonly why: string;
  }[];
  readonly alerts: readonly { readonly snapshot: string; readonly code: string; readonly message: string }[];
}

/** Snapshots that began in the period, oldest first. */
export async function snapshotsIn(vault: Vault, from: string, to: string): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for await (const snapshot of vault.snapshots.list()) {
    if (snapshot.startedAt > to) continue;
    if (snapshot.startedAt < from) break;
    found.push(snapshot);
  }
  return found.reverse();
}

export function periodOf(snapshots: readonly Snapshot[], from: string, to: string): Period {
  const quiet = snapshots.flatMap(({ checkedAt }) => checkedAt.filter((at) => at >= from && at <= to));
  return {
    from,
    to,
    snapshots: snapshots.length,
    quietRuns: quiet.length,
    longestGap: longestGap([...snapshots.map(({ startedAt }) => startedAt), ...quiet].sort()),
    disturbed: disturbances(snapshots),
    alerts: snapshots.flatMap(({ id, alerts }) =>
      (alerts ?? []).map(({ code, message }) => ({ snapshot: id, code, message })),
    ),
  };
}

function longestGap(runs: readonly string[]): Period['longestGap'] {
  let longest: Period['longestGap'] = null;
  for (const [index, to] of runs.entries()) {
    const from = runs[index - 1];
    if (from === undefined) continue;
    const ms = Date.parse(to) - Date.parse(from);
    if (longest === null || ms > longest.ms) longest = { ms, from, to };
  }
  return longest;
}

/** A snapshot names a table when its status changes, so between two that name it nothing changed. */
function disturbances(snapshots: readonly Snapshot[]): Period['disturbed'] {
  const ended: Period['disturbed'][number][] = [];
  const open = new Map<string, Period['disturbed'][number]>();
  for (const snapshot of snapshots) {
    for (const [table, { status, errors }] of Object.entries(snapshot.tables)) {
      const before = open.get(table);
      if (before?.status === status) continue;
      if (before !== undefined) ended.push({ ...before, to: snapshot.startedAt });
      open.delete(table);
      if (status === 'complete') continue;
      const why = errors[0]?.message ?? (status === 'stale' ? 'the run did not read it' : '');
      open.set(table, { table, status, from: snapshot.startedAt, to: null, why });
    }
  }
  return [...ended, ...open.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
}

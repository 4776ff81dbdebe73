/** The counts that `RetrieveTotalRecordCount` tells are taken at most once in this time. */
const SNAPSHOT_MS = 24 * 3600 * 1000;

/** How many rows a table had when somebody last counted, up to a day ago. */
export class RowCounts {
  readonly #now: () => number;
  readonly #counts = new Map<string, { readonly count: number; readonly takenAtMs: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The count of the last snapshot; `count` is asked where there is none or it is a day old. */
  of(table: string, count: () => number): number {
    const now = this.#now();
    const known = this.#counts.get(table);
    if (known !== undefined && now - known.takenAtMs < SNAPSHOT_MS) return known.count;
    const taken = { count: count(), takenAtMs: now };
    this.#counts.set(table, taken);
    return taken.count;
  }
}

import type { Row } from '../dataverse/index.ts';
import type {
  CommitOptions,
  GoneReason,
  RowVersion,
  TableSchema,
  TableState,
  TableWriter,
  VaultTable,
} from '../vault/index.ts';
import type { RunContext } from './run-context.ts';
import { sameValues } from './same-values.ts';

/** A row as read, under the key that the vault knows it by. */
export interface ReadRow {
  readonly key: string;
  readonly row: Row;
}

/**
 * Writes what a round read into one table of the vault: opens the writer when there is something to write, compares
 * with what the vault holds, counts.
 */
export class VersionLog {
  readonly #run: RunContext;
  readonly #table: VaultTable;
  readonly #schema: TableSchema;
  readonly #schemaId: string;
  readonly #ignoreVersion: boolean;
  #state: TableState | null;
  #throughSeq: number;
  #writer: TableWriter | null = null;
  #counts = { put: 0, gone: 0, bytes: 0 };
  #newest: { readonly id: string; readonly version: string }[] = [];

  constructor(
    run: RunContext,
    table: VaultTable,
    schema: { readonly value: TableSchema; readonly id: string },
    state: TableState | null,
  ) {
    this.#run = run;
    this.#table = table;
    this.#schema = schema.value;
    this.#schemaId = schema.id;
    this.#state = state;
    this.#throughSeq = state?.throughSeq ?? 0;
    // After a rewind the platform hands out row versions that it used before: they prove nothing.
    this.#ignoreVersion = state !== null && state.epoch < run.epoch;
  }

  get counts(): { readonly put: number; readonly gone: number; readonly bytes: number } {
    return this.#counts;
  }

  /** Up to twenty of the rows put, those with the highest row versions. */
  get newest(): readonly { readonly id: string; readonly version: string }[] {
    return this.#newest;
  }

  /** Committed so far, by this run too. */
  get throughSeq(): number {
    return this.#throughSeq;
  }

  get pending(): number {
    return this.#writer?.pending ?? 0;
  }

  async put({ key, row }: ReadRow): Promise<void> {
    await (await this.#open()).put(key, row.values, row.date);
    this.#counts.put += 1;
    this.#remember(row);
  }

  async gone(key: string, why: GoneReason, date: string): Promise<void> {
    await (await this.#open()).gone(key, why, date);
    this.#counts.gone += 1;
  }

  /** Writes those rows whose newest captured version says something else. */
  async putChanged(rows: readonly ReadRow[]): Promise<void> {
    const newest = new Map(rows.map((row) => [row.key, row]));
    const heads = await this.heads([...newest.keys()]);
    for (const row of newest.values()) {
      if (!this.#isCaptured(heads.get(row.key), row.row)) await this.put(row);
    }
  }

  /** Newest committed versions by key. */
  async heads(keys: readonly string[]): Promise<Map<string, RowVersion>> {
    if (this.#throughSeq === 0 || keys.length === 0) return new Map();
    return this.#table.headsOf(keys, this.#throughSeq);
  }

  /** Rows, token and position in one commit. `force`: also when there is nothing new (a moved schema or epoch). */
  async commit(options: CommitOptions = {}, force = false): Promise<void> {
    if (this.#writer === null && !force && !movesBookmark(options, this.#state)) return;
    const committed = await (await this.#open()).commit(options);
    this.#throughSeq = committed.throughSeq;
    this.#counts.bytes += committed.bytes;
    this.#run.meter.add({ bytes: committed.bytes });
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }

  #isCaptured(head: RowVersion | undefined, row: Row): boolean {
    if (head?.op !== 'put') return false;
    return sameValues(this.#schema.columns, head.values, row.values, { ignoreVersion: this.#ignoreVersion });
  }

  #remember(row: Row): void {
    const version = row.values['versionnumber'];
    if (typeof version !== 'string') return;
    const lowest = this.#newest.at(-1);
    if (this.#newest.length === 20 && lowest !== undefined && BigInt(lowest.version) >= BigInt(version))
      return;
    // Written anew: as read it may be a view of a whole page, and these are kept while the run lasts.
    const all = [...this.#newest, { id: row.id, version: String(BigInt(version)) }];
    this.#newest = all.sort((a, b) => (BigInt(a.version) < BigInt(b.version) ? 1 : -1)).slice(0, 20);
  }

  async #open(): Promise<TableWriter> {
    this.#writer ??= await this.#table.append({
      snapshot: this.#run.snapshot,
      epoch: this.#run.epoch,
      schema: this.#schema,
      schemaId: this.#schemaId,
      after: this.#state?.version ?? -1,
    });
    return this.#writer;
  }
}

function movesBookmark(options: CommitOptions, state: TableState | null): boolean {
  const moves = (next: string | null | undefined, kept: string | null) => next !== undefined && next !== kept;
  return moves(options.token, state?.token ?? null) || moves(options.position, state?.position ?? null);
}

import { isReference, type Value } from '../base/value.ts';
import type { Row } from '../dataverse/index.ts';
import type {
  CommitOptions,
  GoneReason,
  RowVersion,
  TableSchema,
  TableState,
  TableWriter,
  VaultTable,
  VersionMark,
} from '../vault/index.ts';
import { movedColumns } from './continue-schema.ts';
import { throwIfLost } from './errors.ts';
import { KeySet } from './key-set.ts';
import type { RunContext } from './run-context.ts';
import { sameValues } from './same-values.ts';

/** A row as read, under the key that the vault knows it by. */
export interface ReadRow {
  readonly key: string;
  readonly row: Row;
}

const usersRemembered = 20;

/** What a run wrote into one table. */
interface Counts {
  readonly put: number;
  readonly gone: number;
  /** Of the rows gone, those that somebody deleted. */
  readonly deleted: number;
  /** Rows more than before; null: not known, because rows were put without a look at the vault. */
  readonly live: number | null;
  /** How many of the rows put each user saved last; those with the most rows. */
  readonly lastSavedBy: Readonly<Record<string, number>>;
  readonly bytes: number;
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
  readonly #admit: () => Promise<void>;
  #state: TableState | null;
  #throughSeq: number;
  #writer: TableWriter | null = null;
  #counts = { put: 0, gone: 0, deleted: 0, bytes: 0 };
  /** Null: not known, because rows were put without a look at the vault. */
  #live: number | null = 0;
  readonly #savedBy = new Map<string, number>();
  /** Rows that were not there before and were put by this run, so that one that comes twice counts once. */
  readonly #born = new KeySet();
  /** By id of an earlier schema. */
  readonly #moved = new Map<string, ReadonlySet<string>>();
  #newest: { readonly id: string; readonly version: string }[] = [];

  /**
   * @param options `admit` is asked before rows are committed; what it throws keeps them out. `ignoreVersion`: a row
   * whose version alone is another one says what the vault has already.
   */
  constructor(
    run: RunContext,
    table: VaultTable,
    schema: { readonly value: TableSchema; readonly id: string },
    state: TableState | null,
    options: { readonly admit: () => Promise<void>; readonly ignoreVersion: boolean },
  ) {
    this.#run = run;
    this.#table = table;
    this.#schema = schema.value;
    this.#schemaId = schema.id;
    this.#state = state;
    this.#admit = options.admit;
    this.#throughSeq = state?.throughSeq ?? 0;
    this.#ignoreVersion = options.ignoreVersion;
  }

  get counts(): Counts {
    const most = [...this.#savedBy].sort(([, a], [, b]) => b - a).slice(0, usersRemembered);
    return { ...this.#counts, live: this.#live, lastSavedBy: Object.fromEntries(most) };
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

  /** Without a look at what the vault has of the row. */
  async put(row: ReadRow): Promise<void> {
    this.#live = null;
    await this.#write(row);
  }

  /** `key` must be a row of the vault that is there. */
  async gone(key: string, why: GoneReason, date: string): Promise<void> {
    await (await this.#open()).gone(key, why, date);
    this.#counts.gone += 1;
    if (why === 'deleted' || why === 'missing') this.#counts.deleted += 1;
    if (this.#live !== null) this.#live -= 1;
  }

  /** Writes those rows whose newest captured version says something else. */
  async putChanged(rows: readonly ReadRow[]): Promise<void> {
    const newest = new Map(rows.map((row) => [row.key, row]));
    const marks = await this.marks([...newest.keys()]);
    const unsure = [...newest.values()].filter(({ key }) => this.#mustCompare(marks.get(key)));
    const heads = await this.#heads(unsure.map(({ key }) => key));
    for (const row of newest.values()) {
      const mark = marks.get(row.key);
      const head = heads.get(row.key);
      if (head === undefined ? isMarked(mark, row.row) : await this.#isCaptured(head, row.row)) continue;
      if (mark?.op !== 'put') this.#bear(row.key);
      await this.#write(row);
    }
  }

  /** Newest committed versions by key, without their values. */
  async marks(keys: readonly string[]): Promise<Map<string, VersionMark>> {
    if (this.#throughSeq === 0 || keys.length === 0) return new Map();
    return this.#table.marksOf(keys, this.#throughSeq);
  }

  /** Rows, token and position in one commit. `force`: also when there is nothing new (a moved schema or epoch). */
  async commit(options: CommitOptions = {}, force = false): Promise<void> {
    if (this.#writer === null && !force && !movesBookmark(options, this.#state)) return;
    if (this.pending > 0) await this.#admit();
    throwIfLost(this.#run.signal);
    const committed = await (await this.#open()).commit(options);
    this.#throughSeq = committed.throughSeq;
    this.#counts.bytes += committed.bytes;
    this.#run.meter.add({ bytes: committed.bytes });
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }

  async #write({ key, row }: ReadRow): Promise<void> {
    await (await this.#open()).put(key, row.values, row.date);
    this.#counts.put += 1;
    this.#remember(row);
    this.#count(row.values['modifiedby']);
  }

  #count(by: Value | undefined): void {
    if (!isReference(by)) return;
    const known = this.#savedBy.get(by.id);
    // Copied: as read it may be a view of a whole page.
    if (known === undefined) this.#savedBy.set(Buffer.from(by.id).toString(), 1);
    else this.#savedBy.set(by.id, known + 1);
  }

  #bear(key: string): void {
    if (this.#live === null || this.#born.has(key)) return;
    this.#born.add(key);
    this.#live += 1;
  }

  async #heads(keys: readonly string[]): Promise<Map<string, RowVersion>> {
    return keys.length === 0 ? new Map() : this.#table.headsOf(keys, this.#throughSeq);
  }

  /**
   * A row version names a row's content only within an epoch, and within the columns of one schema. A row without one,
   * or captured before a rewind or with other columns, is compared by its values.
   */
  #mustCompare(mark: VersionMark | undefined): boolean {
    if (mark?.op !== 'put') return false;
    return mark.rowVersion === null || mark.epoch !== this.#run.epoch || mark.schema !== this.#schemaId;
  }

  async #isCaptured(head: RowVersion, row: Row): Promise<boolean> {
    if (head.op !== 'put') return false;
    const moved = await this.#movedSince(head.schema);
    const options = { ignoreVersion: this.#ignoreVersion, moved };
    return sameValues(this.#schema.columns, head.values, row.values, options);
  }

  async #movedSince(schemaId: string): Promise<ReadonlySet<string>> {
    const known = this.#moved.get(schemaId);
    if (known !== undefined) return known;
    const moved = movedColumns(await this.#run.vault.schemas.read(schemaId), this.#schema);
    this.#moved.set(schemaId, moved);
    return moved;
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

function isMarked(mark: VersionMark | undefined, row: Row): boolean {
  return mark?.op === 'put' && mark.rowVersion === row.values['versionnumber'];
}

function movesBookmark(options: CommitOptions, state: TableState | null): boolean {
  const moves = (next: string | null | undefined, kept: string | null) => next !== undefined && next !== kept;
  return moves(options.token, state?.token ?? null) || moves(options.position, state?.position ?? null);
}

import type { Clock } from '../base/clock.ts';
import type { RestoreDocuments } from '../vault/index.ts';
import { restoreRunning } from './errors.ts';
import type { Outcome } from './result.ts';
import { journalName, readJournal, type JournalEntry } from './store.ts';

type Ended = Extract<JournalEntry, { kind: 'ended' }>;
export type Left = NonNullable<Ended['left']>;

/**
 * What a run has done so far, written down as it goes: numbered documents, put-if-absent. Two runs of one plan meet at
 * the first number that both want, and the second one stops.
 */
export class Journal {
  readonly #documents: RestoreDocuments;
  readonly #clock: Clock;
  readonly #about: { readonly table: string; readonly id: string };
  readonly #entries: JournalEntry[];

  private constructor(
    documents: RestoreDocuments,
    clock: Clock,
    about: { readonly table: string; readonly id: string },
    entries: JournalEntry[],
  ) {
    this.#documents = documents;
    this.#clock = clock;
    this.#about = about;
    this.#entries = entries;
  }

  static async open(
    documents: RestoreDocuments,
    clock: Clock,
    about: { readonly table: string; readonly id: string },
  ): Promise<Journal> {
    return new Journal(documents, clock, about, await readJournal(documents));
  }

  /** Null: nothing has run yet. */
  get startedAt(): string | null {
    return this.#entries.find(({ kind }) => kind === 'started')?.at ?? null;
  }

  ended(step: number): Ended | null {
    return this.#endings().find((entry) => entry.step === step) ?? null;
  }

  /** What the newest of these steps left behind; null: none of them wrote. */
  lastLeft(steps: readonly number[]): Left | null {
    return (
      this.#endings().findLast((entry) => steps.includes(entry.step) && entry.left !== null)?.left ?? null
    );
  }

  async start(by: string): Promise<void> {
    await this.#write({ kind: 'started', at: this.#now(), by });
  }

  async writing(step: number): Promise<void> {
    await this.#write({ kind: 'writing', at: this.#now(), step });
  }

  async end(step: number, outcome: Outcome, left: Left | null): Promise<void> {
    await this.#write({ kind: 'ended', at: this.#now(), step, outcome, left });
  }

  #endings(): Ended[] {
    return this.#entries.filter((entry) => entry.kind === 'ended');
  }

  #now(): string {
    return this.#clock.now().toISOString();
  }

  async #write(entry: JournalEntry): Promise<void> {
    const stored = await this.#documents.write(journalName(this.#entries.length + 1), entry);
    if (stored === 'exists') throw restoreRunning(this.#about.table, this.#about.id);
    this.#entries.push(entry);
  }
}

/** Whether a run of this restore has begun. */
export async function isStarted(documents: RestoreDocuments): Promise<boolean> {
  return (await documents.read(journalName(1))) !== null;
}

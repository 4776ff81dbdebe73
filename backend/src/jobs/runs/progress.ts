import { z } from 'zod';
import type { Meter } from '../../backup/index.ts';
import type { Clock } from '../../base/clock.ts';
import type { Measure } from '../../dataverse/index.ts';
import type { RunDocuments } from './run-documents.ts';

const tableProgress = z.object({
  state: z.enum(['reading', 'done', 'failed']),
  rows: z.number(),
  bytes: z.number(),
  requests: z.number(),
  /** When this line moved last. */
  at: z.string(),
});
export type TableProgress = z.infer<typeof tableProgress>;

/** What one worker did in one run. */
const workerProgress = z.object({
  format: z.literal(1),
  at: z.string(),
  /** Milliseconds for which it was told to wait by the service. */
  throttledMs: z.number(),
  /** To the service, those for metadata included. */
  requests: z.int(),
  tables: z.record(z.string(), tableProgress),
});
type WorkerProgress = z.infer<typeof workerProgress>;

export interface RunProgress {
  readonly tables: ReadonlyMap<string, TableProgress>;
  readonly throttledMs: number;
  readonly requests: number;
  /** The last sign of life; null: none yet. */
  readonly at: string | null;
}

/** Of all workers together; a table that two had in turn is as the one says that has it last. */
export async function readProgress(documents: RunDocuments): Promise<RunProgress> {
  const tables = new Map<string, TableProgress>();
  let at: string | null = null;
  let throttledMs = 0;
  let requests = 0;
  for (const document of await documents.progress()) {
    const parsed = workerProgress.safeParse(document);
    if (!parsed.success) continue;
    throttledMs += parsed.data.throttledMs;
    requests += parsed.data.requests;
    if (at === null || parsed.data.at > at) at = parsed.data.at;
    for (const [table, progress] of Object.entries(parsed.data.tables)) {
      const known = tables.get(table);
      if (known === undefined || isNewer(progress, known)) tables.set(table, progress);
    }
  }
  return { tables, throttledMs, requests, at };
}

function isNewer(one: TableProgress, other: TableProgress): boolean {
  if ((one.state === 'reading') !== (other.state === 'reading')) return one.state !== 'reading';
  return one.at > other.at;
}

const writeEveryMs = 3000;

/** Keeps what this worker does in a run, and writes it down now and then: nobody needs it by the page. */
export class ProgressKeeper {
  readonly #documents: RunDocuments;
  readonly #worker: string;
  readonly #clock: Clock;
  readonly #measure: () => Measure;
  readonly #before: Measure;
  readonly #tables = new Map<string, TableProgress>();
  #writtenMs = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(documents: RunDocuments, worker: string, clock: Clock, measure: () => Measure) {
    this.#documents = documents;
    this.#worker = worker;
    this.#clock = clock;
    this.#measure = measure;
    this.#before = measure();
  }

  /** Tables that this worker touched in the run. */
  meterOf(table: string): Meter {
    let total = { tablesDone: 0, tablesTotal: 1, rows: 0, bytes: 0, requests: 0 };
    return {
      add: (what) => {
        total = {
          ...total,
          rows: total.rows + (what.rows ?? 0),
          bytes: total.bytes + (what.bytes ?? 0),
          requests: total.requests + (what.requests ?? 0),
        };
        this.#set(table, { state: 'reading', ...total });
        if (this.#clock.now().getTime() - this.#writtenMs >= writeEveryMs) void this.#write();
      },
      total: () => total,
    };
  }

  /** What was asked since the last table, too. */
  async flush(): Promise<void> {
    await this.#write();
  }

  async ended(table: string, state: 'done' | 'failed'): Promise<void> {
    const known = this.#tables.get(table) ?? { rows: 0, bytes: 0, requests: 0 };
    this.#set(table, { ...known, state });
    await this.#write();
  }

  #set(table: string, { state, rows, bytes, requests }: Omit<TableProgress, 'at'>): void {
    this.#tables.set(table, { state, rows, bytes, requests, at: this.#clock.now().toISOString() });
  }

  /** One after the other, so that an older one never comes to lie over a newer one. */
  #write(): Promise<void> {
    this.#writtenMs = this.#clock.now().getTime();
    this.#writing = this.#writing
      .then(() => this.#documents.writeProgress(this.#worker, this.#document()))
      // Progress is for people who watch: work that goes well does not end because it could not be told.
      .catch(() => undefined);
    return this.#writing;
  }

  #document(): WorkerProgress {
    const now = this.#measure();
    return {
      format: 1,
      at: this.#clock.now().toISOString(),
      throttledMs: now.waitedMs - this.#before.waitedMs,
      requests: now.requests - this.#before.requests,
      tables: Object.fromEntries(this.#tables),
    };
  }
}

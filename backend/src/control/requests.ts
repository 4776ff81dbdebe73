import pLimit from 'p-limit';
import type { TableDetails } from '../dataverse/index.ts';
import { DataverseError, type Row } from '../dataverse/index.ts';
import type { Environment } from '../jobs/environment.ts';
import { answer, failure, resultText } from './answer.ts';
import { readRequest, requestColumns, requestLifetimeMs, requestStatus } from './request.ts';
import { restoreRows, type RestoreRows } from './restore-rows.ts';
import { Waker } from './waker.ts';

export interface RequestsOptions {
  readonly environment: Environment;
  /** Waiting time between looks while people use forms; half a second. */
  readonly busyMs?: number;
  /** The longest wait, when nobody does; 5 seconds. */
  readonly idleMs?: number;
  /** Told of what goes wrong outside of a single request, and of errors that are not ours. */
  readonly onError: (error: unknown) => void;
}

export interface Requests {
  /** Look now: a webhook says that a request came. */
  wake(): void;
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>;
}

const pageSize = 20;
const atOnce = 4;
/** A result is cleared this long after it was delivered. */
const keepResultMs = 15 * 60 * 1000;
const clearEveryMs = 60 * 1000;
/**
 * Looks are this many times closer together than the time since the last request (or since the start): half a second for
 * six minutes, two seconds after 24 minutes, five after an hour. At that pace it is 17,280 calls a day, which fits into
 * the 25,000 that all application users of the smallest tenant share:
 * https://learn.microsoft.com/power-platform/admin/api-request-limits-allocations
 */
const looksPerQuietTime = 720;
/** Without our solution there are no requests; it may be installed any time. */
const lookForSolutionMs = 60 * 1000;

/**
 * Serves the request rows of one environment until it is stopped. A request runs at most once, ever: its document in the
 * vault is put if absent before anything else is looked at.
 */
export function startRequests(options: RequestsOptions): Requests {
  const waker = new Waker(options.environment.clock);
  const loop = serve(options, waker);
  return {
    wake: () => waker.wake(),
    stop: async () => {
      waker.stop();
      await loop;
    },
  };
}

async function serve(options: RequestsOptions, waker: Waker): Promise<void> {
  const { busyMs = 500, idleMs = 5000 } = options;
  const { clock } = options.environment;
  let lastFoundAt = clock.now().getTime();
  let server: RequestServer | null = null;
  while (!waker.stopped) {
    try {
      server ??= await RequestServer.open(options);
      if (server === null) {
        await waker.sleep(lookForSolutionMs);
        continue;
      }
      const found = await server.look();
      const now = clock.now().getTime();
      if (found > 0) lastFoundAt = now;
      await server.clearOld();
      await waker.sleep(Math.min(idleMs, Math.max(busyMs, (now - lastFoundAt) / looksPerQuietTime)));
    } catch (error) {
      // The next look may find the service again; until then at the slowest pace.
      options.onError(error);
      await waker.sleep(idleMs);
    }
  }
  await server?.drain();
}

class RequestServer {
  readonly #environment: Environment;
  readonly #details: TableDetails;
  readonly #rows: RestoreRows;
  readonly #onError: (error: unknown) => void;
  readonly #limit = pLimit(atOnce);
  readonly #running = new Map<string, Promise<void>>();
  #clearedAt = 0;

  private constructor(options: RequestsOptions, details: TableDetails, restores: TableDetails | null) {
    this.#environment = options.environment;
    this.#onError = options.onError;
    this.#details = details;
    this.#rows = restoreRows(options.environment, restores);
  }

  /** Null: our solution is not installed. */
  static async open(options: RequestsOptions): Promise<RequestServer | null> {
    const { client } = options.environment;
    const installed = new Set((await client.readTables()).map(({ name }) => name));
    if (!installed.has('rowback_request')) return null;
    const [details] = await client.readTableDetails(['rowback_request']);
    const [restores] = installed.has('rowback_restore')
      ? await client.readTableDetails(['rowback_restore'])
      : [];
    return details === undefined ? null : new RequestServer(options, details, restores ?? null);
  }

  /** Starts what is waiting; gives how many requests that were. */
  async look(): Promise<number> {
    const { client } = this.#environment;
    const options = { orderBy: 'createdon desc', top: pageSize };
    let found = 0;
    for await (const row of client.readWhere(
      this.#details,
      requestColumns,
      'rowback_requeststatus eq null',
      options,
    )) {
      if (this.#running.has(row.id)) continue;
      found += 1;
      const done = this.#limit(() => this.#serveRow(row)).finally(() => this.#running.delete(row.id));
      this.#running.set(row.id, done);
    }
    return found;
  }

  async drain(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #serveRow(row: Row): Promise<void> {
    try {
      await this.#serve(row);
    } catch (error) {
      // The row cannot be written now: whoever waits sees no answer, and asks again with a new request.
      this.#onError(error);
    }
  }

  async #serve(row: Row): Promise<void> {
    const { vault, environmentId } = this.#environment;
    const taken = await vault.takeRequest(row.id, { id: row.id, takenAt: row.date, values: row.values });
    if (!taken) return await this.#endOrphan(row);
    try {
      const request = readRequest(row.id, row.values, { environmentId, now: row.date });
      await this.#write(row.id, { rowback_requeststatus: requestStatus.working });
      const text = resultText(await answer(this.#environment, this.#rows, request));
      await this.#write(row.id, { rowback_result: text, rowback_requeststatus: requestStatus.done });
    } catch (error) {
      const told = failure(error);
      if (told.error.code === 'internal-error') this.#onError(error);
      await this.#write(row.id, {
        rowback_result: JSON.stringify(told),
        rowback_requeststatus: requestStatus.failed,
      });
    }
  }

  /** Taken by a process that is gone: never run again. A young one may be in another process's hands. */
  async #endOrphan(row: Row): Promise<void> {
    const createdOn = row.values['createdon'];
    const ageMs = typeof createdOn === 'string' ? Date.parse(row.date) - Date.parse(createdOn) : Infinity;
    if (ageMs < requestLifetimeMs) return;
    await this.#write(row.id, { rowback_requeststatus: requestStatus.failed });
  }

  async #write(id: string, values: Row['values']): Promise<void> {
    try {
      await this.#environment.client.updateRow(this.#details, id, values);
    } catch (error) {
      // The person deleted the request meanwhile: nobody waits for the answer.
      if (!(error instanceof DataverseError && error.kind === 'not-found')) throw error;
    }
  }

  /** Backed-up values do not stay in the environment's own tables. */
  async clearOld(): Promise<void> {
    const { clock, client } = this.#environment;
    const now = clock.now().getTime();
    if (now - this.#clearedAt < clearEveryMs) return;
    this.#clearedAt = now;
    const before = new Date(now - keepResultMs).toISOString();
    const filter = `rowback_result ne null and modifiedon lt ${before}`;
    for await (const row of client.readWhere(this.#details, ['rowback_requeststatus'], filter, {
      top: pageSize,
    })) {
      await this.#write(row.id, { rowback_result: null });
    }
  }
}

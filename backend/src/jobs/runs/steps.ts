import {
  backUpTable,
  beginRun,
  failedTable,
  finishRun,
  readBefore,
  reportOf,
  throwIfLost,
  throwIfStopped,
  withLease,
  type Before,
  type RunStart,
  type TableResult,
} from '../../backup/index.ts';
import type { WorkQueue } from '../../queue/index.ts';
import { isWholeTable, planOf, tellAlert, tellFailed } from '../backups.ts';
import type { Environment } from '../environment.ts';
import { tablesUnknown } from '../errors.ts';
import type { RunMessage } from './message.ts';
import { ProgressKeeper, readProgress, type RunProgress } from './progress.ts';
import { RunDocuments, forgetDocuments } from './run-documents.ts';
import { forgetOldRuns, isActive, readNewestRun, writeRun, type RunRecord } from './run-record.ts';
import { send, sendTable } from './start-run.ts';

/** `again`: somebody else holds what the step needs; `dropped`: of a run that is over, or done before. */
export type StepOutcome = 'done' | 'again' | 'dropped';

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** The steps of one run, as one worker does them. Each is safe to repeat, and safe beside its own repetition. */
export class RunSteps {
  readonly run: string;
  readonly #environment: Environment;
  readonly #queue: WorkQueue;
  readonly #documents: RunDocuments;
  readonly #progress: ProgressKeeper;
  #known: Promise<{ readonly start: RunStart; readonly before: Before } | null> | null = null;

  constructor(environment: Environment, queue: WorkQueue, run: string, worker: string) {
    this.run = run;
    this.#environment = environment;
    this.#queue = queue;
    this.#documents = new RunDocuments(environment.control, environment.environmentId, run);
    this.#progress = new ProgressKeeper(this.#documents, worker, environment.clock, () =>
      environment.measure(),
    );
  }

  /** @param signal the worker is to stop, or lost the message. */
  async do(message: RunMessage, signal: AbortSignal): Promise<StepOutcome> {
    if (!(await this.isRunning())) return 'dropped';
    switch (message.step) {
      case 'begin':
        return this.#alone(signal, (_, inner) => this.#begin(inner));
      case 'table':
        return this.#table(message.table, signal);
      case 'finish':
        return this.#alone(signal, (_, inner) => this.#finish(inner));
    }
  }

  /** Nobody came to an end with this step: the run goes on without it where it can, and says so. */
  async giveUp(message: RunMessage, failure: Failure, signal: AbortSignal): Promise<StepOutcome> {
    if (!(await this.isRunning())) return 'dropped';
    if (message.step === 'table') return this.#giveUpTable(message.table, failure, signal);
    return this.#alone(signal, async (record) => {
      await this.#end({ ...record, state: 'failed', error: failure });
      tellFailed(this.#environment, record.requestedAt, failure);
      return 'done';
    });
  }

  /** Says that somebody is at this run. */
  async showLife(): Promise<void> {
    await this.#progress.flush();
  }

  /** Still the run that may work in this environment? */
  async isRunning(): Promise<boolean> {
    return isActive(await this.#record());
  }

  async #record(): Promise<RunRecord | null> {
    const { control, environmentId } = this.#environment;
    const record = await readNewestRun(control, environmentId);
    return record?.id === this.run ? record : null;
  }

  /** Steps at both ends of a run: under the environment's lease, with the record as it is then. */
  async #alone(
    signal: AbortSignal,
    work: (record: RunRecord, signal: AbortSignal) => Promise<StepOutcome>,
  ): Promise<StepOutcome> {
    const name = `${this.#environment.environmentId}/backup`;
    const outcome = await withLease(this.#environment, name, signal, async (inner) => {
      const record = await this.#record();
      return isActive(record) ? work(record, inner) : 'dropped';
    });
    return outcome === 'held' ? 'again' : outcome;
  }

  async #begin(signal: AbortSignal): Promise<StepOutcome> {
    const { control, environmentId } = this.#environment;
    const record = await this.#record();
    if (record === null) return 'dropped';
    if ((await this.#documents.start()) === null) await this.#writeBeginning(record, signal);
    throwIfStopped(signal);
    await writeRun(control, environmentId, { ...record, state: 'running' });
    const tables = (await this.#documents.tables()) ?? [];
    const done = await this.#documents.done();
    const left = tables.filter((table) => !done.has(table));
    for (const table of left) await sendTable(this.#environment, this.#queue, this.run, table);
    if (left.length === 0) await send(this.#environment, this.#queue, record, 'finish');
    return 'done';
  }

  async #writeBeginning(record: RunRecord, signal: AbortSignal): Promise<void> {
    const { control, environmentId } = this.#environment;
    await forgetDocuments(control, environmentId, this.run);
    const plan = await planOf(this.#environment);
    const { trigger, tables } = record;
    const chosen = plan.tables.filter((table) => tables?.includes(table.table) ?? true);
    const unknown = (tables ?? []).filter((name) => !chosen.some((table) => table.table === name));
    if (unknown.length > 0) throw tablesUnknown(unknown);
    const start = await beginRun({ ...this.#environment, signal }, plan, {
      trigger,
      ...(tables === null ? {} : { tables }),
    });
    throwIfStopped(signal);
    await this.#documents.writeBeginning(start, plan, chosen);
  }

  async #table(table: string, signal: AbortSignal): Promise<StepOutcome> {
    if ((await this.#documents.done()).has(table)) {
      await this.#finishIfLast();
      return 'dropped';
    }
    const outcome = await this.#withTable(table, signal, async (inner) => {
      const result = await this.#readTable(table, inner);
      throwIfStopped(inner);
      await this.#documents.writeResult(result);
      await this.#progress.ended(table, result.errors.length === 0 ? 'done' : 'failed');
    });
    if (outcome === 'held') return 'again';
    await this.#finishIfLast();
    return 'done';
  }

  /** Two processes never write one table: not of the same run, nor one that has not heard yet that its run is over. */
  #withTable<R>(
    table: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<R>,
  ): Promise<R | 'held'> {
    return withLease(this.#environment, `${this.#environment.environmentId}/tables/${table}`, signal, work);
  }

  async #readTable(table: string, signal: AbortSignal): Promise<TableResult> {
    const begun = await this.#begun();
    const plan = await this.#documents.plan([table]);
    const [planned] = plan.tables;
    if (planned === undefined) throw tablesUnknown([table]);
    const { snapshot, epoch } = begun.start;
    const meter = this.#progress.meterOf(table);
    const onAlert = tellAlert(this.#environment);
    const run = { ...this.#environment, snapshot, epoch, rowsPerPart: 20_000, signal, meter, onAlert };
    try {
      return await backUpTable(run, plan, planned, begun);
    } catch (error) {
      // Whoever stopped us said why; that the read was interrupted follows from it.
      throwIfLost(signal);
      throw error;
    }
  }

  async #giveUpTable(table: string, failure: Failure, signal: AbortSignal): Promise<StepOutcome> {
    const outcome = await this.#withTable(table, signal, async () => {
      if ((await this.#documents.done()).has(table)) return;
      const { start, before } = await this.#begun();
      const [planned] = (await this.#documents.plan([table])).tables;
      if (planned === undefined) throw tablesUnknown([table]);
      const ports = { vault: this.#environment.vault, snapshot: start.snapshot };
      const { code, message } = failure;
      await this.#documents.writeResult(await failedTable(ports, planned, before, { code, message }));
      await this.#progress.ended(table, 'failed');
    });
    if (outcome === 'held') return 'again';
    await this.#finishIfLast();
    return 'done';
  }

  /** Whoever leaves the last result asks for the end; two who do so at the same time both ask, which does no harm. */
  async #finishIfLast(): Promise<void> {
    const tables = (await this.#documents.tables()) ?? [];
    const done = await this.#documents.done();
    const record = await this.#record();
    if (record !== null && tables.every((table) => done.has(table)))
      await send(this.#environment, this.#queue, record, 'finish');
  }

  async #finish(signal: AbortSignal): Promise<StepOutcome> {
    const record = await this.#record();
    const tables = await this.#documents.tables();
    if (record === null || tables === null) return 'dropped';
    const results = await this.#documents.results(tables);
    if (results.length < tables.length) return 'dropped';
    const { start } = await this.#begun();
    const ports = { ...this.#environment, onAlert: tellAlert(this.#environment), signal };
    const end = await finishRun(ports, await this.#documents.plan(tables), start, results);
    const whole = results.map(reportOf).every(isWholeTable);
    throwIfStopped(signal);
    await this.#end({
      ...record,
      state: whole ? 'done' : 'partly',
      snapshot: end.snapshot?.id ?? null,
    });
    return 'done';
  }

  /** The record says that the run is over; what it left behind is taken away after that. */
  async #end(record: RunRecord): Promise<void> {
    const { control, environmentId, clock } = this.#environment;
    await this.#progress.flush();
    const progress = totalOf(await readProgress(this.#documents), (await this.#documents.tables()) ?? []);
    await writeRun(control, environmentId, { ...record, endedAt: clock.now().toISOString(), progress });
    await forgetDocuments(control, environmentId, null);
    await forgetOldRuns(control, environmentId);
  }

  /** What every table of the run needs to know, read once. */
  async #begun(): Promise<{ readonly start: RunStart; readonly before: Before }> {
    this.#known ??= this.#readBeginning().catch((error: unknown) => {
      this.#known = null;
      throw error;
    });
    const known = await this.#known;
    if (known === null) throw new TypeError(`the run ${this.run} has tables and no beginning`);
    return known;
  }

  async #readBeginning(): Promise<{ readonly start: RunStart; readonly before: Before } | null> {
    const start = await this.#documents.start();
    return start === null ? null : { start, before: await readBefore(this.#environment, start) };
  }
}

export function totalOf(
  { tables, requests }: RunProgress,
  planned: readonly string[],
): NonNullable<RunRecord['progress']> {
  const all = [...tables.values()];
  const sum = (of: (table: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    tablesDone: all.filter((table) => table.state !== 'reading').length,
    tablesTotal: planned.length,
    rows: sum((table) => table.rows),
    bytes: sum((table) => table.bytes),
    requests,
  };
}

import pLimit from 'p-limit';
import type { BackupPlan, RunStart, TablePlan, TableResult } from '../../backup/index.ts';
import { assert } from '../../base/assert.ts';
import type { ControlStore } from '../../vault/index.ts';

/** The plan without its tables, which are kept one by one: whoever reads a table needs only that one. */
interface PlanHead {
  readonly plan: Omit<BackupPlan, 'tables'>;
  readonly tables: readonly string[];
  /** The service's own counts, up to a day old; where it knows one. */
  readonly expectedRows: Readonly<Record<string, number>>;
}

/**
 * What the steps of a run leave for each other under `<environment>/runs/<run>/` of the control container. Our own
 * documents, written and read by the same version or one beside it; gone when the run has ended.
 */
export class RunDocuments {
  readonly #control: ControlStore;
  readonly #folder: string;

  constructor(control: ControlStore, environmentId: string, run: string) {
    this.#control = control;
    this.#folder = `${environmentId}/runs/${run}/`;
  }

  /** The tables that the run reads, sorted; null: it has not begun. */
  async tables(): Promise<readonly string[] | null> {
    return (await this.#head())?.tables ?? null;
  }

  async expectedRows(): Promise<Readonly<Record<string, number>>> {
    return (await this.#head())?.expectedRows ?? {};
  }

  /** The start comes last: with it the run has begun. */
  async writeBeginning(start: RunStart, plan: BackupPlan, tables: readonly TablePlan[]): Promise<void> {
    const limit = pLimit(atOnce);
    const write = (table: TablePlan) => this.#write(`plan/${table.table}`, table);
    await Promise.all(tables.map((table) => limit(() => write(table))));
    const { tables: _, ...rest } = plan;
    const expectedRows = Object.fromEntries(
      tables.flatMap(({ table, approximateRows }) =>
        approximateRows === null ? [] : [[table, approximateRows]],
      ),
    );
    const head: PlanHead = { plan: rest, tables: tables.map((table) => table.table), expectedRows };
    await this.#write('plan', head);
    await this.#write('start', start);
  }

  async start(): Promise<RunStart | null> {
    // Our own document: its form is that of the writer.
    return (await this.#read('start')) as RunStart | null;
  }

  /** The plan with only these tables in it. */
  async plan(tables: readonly string[]): Promise<BackupPlan> {
    const head = await this.#head();
    assert(head !== null, `${this.#folder}plan is missing`);
    const limit = pLimit(atOnce);
    const planned = await Promise.all(tables.map((table) => limit(() => this.#read(`plan/${table}`))));
    // Our own documents again.
    return { ...head.plan, tables: planned.filter((table) => table !== null) as TablePlan[] };
  }

  async writeResult(result: TableResult): Promise<void> {
    await this.#write(`result/${result.table}`, result);
  }

  /** Tables that have a result. */
  async done(): Promise<ReadonlySet<string>> {
    const folder = `${this.#folder}result/`;
    const names = await marksUnder(this.#control, folder);
    return new Set(names.map((name) => name.slice(folder.length)));
  }

  async results(tables: readonly string[]): Promise<TableResult[]> {
    const limit = pLimit(atOnce);
    const read = tables.map((table) => limit(() => this.#read(`result/${table}`)));
    return (await Promise.all(read)).filter((result) => result !== null) as TableResult[];
  }

  async writeProgress(worker: string, progress: unknown): Promise<void> {
    await this.#write(`progress/${worker}`, progress);
  }

  async progress(): Promise<unknown[]> {
    const names = await marksUnder(this.#control, `${this.#folder}progress/`);
    return Promise.all(names.map((name) => this.#control.readMark(name)));
  }

  async #head(): Promise<PlanHead | null> {
    return (await this.#read('plan')) as PlanHead | null;
  }

  #read(name: string): Promise<unknown> {
    return this.#control.readMark(this.#folder + name);
  }

  #write(name: string, document: unknown): Promise<void> {
    return this.#control.writeMark(this.#folder + name, document);
  }
}

const atOnce = 8;

/** Documents of runs that are over, also of those whose last step was killed before it cleaned up. */
export async function forgetDocuments(
  control: ControlStore,
  environmentId: string,
  keep: string | null,
): Promise<void> {
  const limit = pLimit(atOnce);
  const names = await marksUnder(control, `${environmentId}/runs/`);
  const over = names.filter((name) => keep === null || !name.startsWith(`${environmentId}/runs/${keep}/`));
  await Promise.all(over.map((name) => limit(() => control.removeMark(name))));
}

export async function marksUnder(control: ControlStore, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of control.listMarks(prefix)) names.push(name);
  return names;
}

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../../demo/child.ts';
import { root } from '../../demo/project-folder.ts';
import type { Environment } from '../../src/jobs/environment.ts';
import { readRun, type RunRecord } from '../../src/jobs/runs/run-record.ts';
import { startRun } from '../../src/jobs/runs/start-run.ts';
import { writeConfiguration } from './rowback-process.ts';
import type { OpenedWorld, World } from './world.ts';

/** Taking a message and asking for the first page takes a worker so long at least. */
const inTableMs = 250;
const main = join(root, 'backend/dist/src/main.js');

/** Workers as `rowback serve --role worker --tables 1` starts them, each a process, over a container of their own. */
export class Fleet {
  readonly #opened: OpenedWorld;
  readonly #workers: readonly Child[];
  readonly #folder: string;

  private constructor(opened: OpenedWorld, workers: readonly Child[], folder: string) {
    this.#opened = opened;
    this.#workers = workers;
    this.#folder = folder;
  }

  /** @param share `policy.share` of the workers */
  static async start(
    world: World,
    count: number,
    { tables, share }: { readonly tables: readonly string[]; readonly share: number },
  ): Promise<Fleet> {
    const container = `bench${randomBytes(4).toString('hex')}`;
    const folder = await mkdtemp(join(tmpdir(), 'rowback-workers-'));
    const opened = await world.open({ container, policy: { include: tables, share }, sharing: true });
    const environment = { policy: { share, tables: { include: tables } } };
    const start = (number: number) => {
      // A folder for each: they would not share a machine.
      const path = writeConfiguration(world, folder, { container, environment });
      const args = [main, 'serve', '--role', 'worker', '--tables', '1', '--json', '--config', path];
      const scratch = { ROWBACK_SCRATCH: join(folder, String(number)) };
      return startChild(`worker ${number}`, args, { ...process.env, ...scratch });
    };
    const workers = await Promise.all(Array.from({ length: count }, (_, index) => start(index + 1)));
    return new Fleet(opened, workers, folder);
  }

  /** A run of these tables, from its record to its end. Throws when it is not whole. */
  async run(tables: readonly string[]): Promise<{ readonly seconds: number; readonly run: RunRecord }> {
    const { environment, storage } = this.#opened;
    const started = await startRun(environment, await storage.queue(), { trigger: 'manual', tables });
    if (started === null) throw new Error('a run that is asked for is always due');
    for (;;) {
      await sleep(100);
      const run = await readRun(environment.control, environment.environmentId, started.id);
      if (run?.endedAt == null) continue;
      if (run.state !== 'done')
        throw new Error(`the run ended as ${run.state}: ${JSON.stringify(run.error)}`);
      return { seconds: (Date.parse(run.endedAt) - Date.parse(run.requestedAt)) / 1000, run };
    }
  }

  get environment(): Environment {
    return this.#opened.environment;
  }

  /** Ends a worker by SIGKILL in the middle of a table: a moment after it said that it is done with one. */
  async killOne(): Promise<void> {
    const [worker] = this.#workers;
    const lines = worker?.process.stderr;
    if (worker === undefined || lines == null) throw new Error('no worker that says what it does');
    await new Promise<void>((resolve) => {
      lines.on('data', (bytes: Buffer) => {
        if (bytes.toString('utf8').includes('"step":"table ')) resolve();
      });
    });
    await sleep(inTableMs);
    worker.process.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.#opened.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

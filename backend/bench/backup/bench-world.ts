import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { propertyOf, selectList } from '../../src/dataverse/index.ts';
import { startWorld, type World } from '../../test/support/world.ts';
import type { BenchTable, SideJob, SideName, SideResult } from './job.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('run-side.js', import.meta.url));

/** Tables of 150 columns made by the simulator, which is a process of its own like Azurite and each side. */
export class BenchWorld {
  readonly world: World;
  readonly tables: readonly BenchTable[];
  readonly #token: string;

  private constructor(world: World, tables: readonly BenchTable[], token: string) {
    this.world = world;
    this.tables = tables;
    this.#token = token;
  }

  /** @param latency a multiple of the service model's; 0 answers at once */
  static async start(rows: readonly number[], latency: number): Promise<BenchWorld> {
    const names = rows.map((_, index) => `new_bench${index + 1}`);
    const generate = names.flatMap((name, index) => ['--generate', `${name}:${rows[index]}:150`]);
    const world = await startWorld(['--no-gzip', '--latency', String(latency), ...generate]);
    const opened = await world.open();
    const details = await opened.environment.client.readTableDetails(names);
    await opened.close();
    const tables = details.map((table): BenchTable => {
      const columns = new Set(selectList(table));
      const chosen = table.columns.filter(({ name }) => columns.has(name)).map(propertyOf);
      const properties = [...new Set([...chosen, table.primaryId ?? ''])].sort();
      const count = rows[names.indexOf(table.name)] ?? 0;
      return { name: table.name, entitySet: table.entitySet ?? '', rows: count, properties };
    });
    return new BenchWorld(world, tables, world.token);
  }

  /** A side's work in a fresh process, over these tables. */
  async side(side: SideName, atOnce: number, tables = this.tables): Promise<SideResult> {
    const settings = { ...this.world.settings, container: `bench${randomBytes(4).toString('hex')}` };
    const job: SideJob = { side, settings, token: this.#token, tables, atOnce };
    const running = run(process.execPath, [main, JSON.stringify(job)], { maxBuffer: 2 ** 24 });
    const { stdout } = await running.catch((error: { stderr?: string }) => {
      // Its own message repeats the whole job, the sign-in of the pretend environment included.
      throw new Error(`${side} failed: ${error.stderr ?? 'it did not start'}`);
    });
    return JSON.parse(stdout) as SideResult; // the line that run-side prints
  }

  stop(): Promise<void> {
    return this.world.stop();
  }
}

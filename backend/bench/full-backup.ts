import { BenchWorld } from './backup/bench-world.ts';
import type { SideResult } from './backup/job.ts';
import type { Benchmark, Measured } from './benchmark.ts';
import { rounded } from './pages/run-job.ts';

/** The service allows more; this is how many tables are read at once on both sides. */
const atOnce = 8;
const defaultRows = 1_000_000;

/**
 * A first backup of eight tables of 150 columns. With the service model's latency beside a reader that throws the same
 * pages away; without it beside a plain exporter, by rows for a second of one core. `ROWBACK_BENCH_ROWS` makes it smaller.
 */
export const fullBackup: Benchmark = {
  name: 'full-backup',
  about: 'a first backup beside fetching the same pages, and beside a plain exporter (a million rows)',
  run: async (tell): Promise<Measured> => {
    const rows = Number(process.env['ROWBACK_BENCH_ROWS'] ?? defaultRows);
    const each = Array.from({ length: 8 }, () => Math.ceil(rows / 8));
    const withLatency = await inWorld(each, 1, async (world) => {
      const discard = told(tell, 'fetch with latency', await world.side('discard', atOnce));
      const ours = told(tell, 'backup with latency', await world.side('rowback', atOnce));
      return { discard, ours };
    });
    const without = await inWorld(each, 0, async (world) => {
      const exporter = told(tell, 'plain exporter', await world.side('exporter', atOnce));
      const ours = told(tell, 'backup', await world.side('rowback', atOnce));
      return { exporter, ours };
    });
    const one = await inWorld([rows], 0, async (world) =>
      told(tell, 'one table', await world.side('rowback', atOnce)),
    );
    const figures = {
      vsFetchWithLatency: rounded(withLatency.ours.seconds / withLatency.discard.seconds),
      vsPlainExporterPerCore: rounded(perCore(without.ours) / perCore(without.exporter)),
      oneTableSeconds: rounded(one.seconds),
    };
    const raw = { rows, withLatency, without, oneTable: one };
    // Bars are for the whole size: small tables show the start of a run and little else.
    if (rows < defaultRows) return { figures, raw };
    return { figures, raw, bars: { vsPlainExporterPerCore: 4 }, ceilings: { vsFetchWithLatency: 1.1 } };
  },
};

async function inWorld<R>(
  rows: readonly number[],
  latency: number,
  work: (world: BenchWorld) => Promise<R>,
): Promise<R> {
  const world = await BenchWorld.start(rows, latency);
  try {
    return await work(world);
  } finally {
    await world.stop();
  }
}

function told(tell: (line: string) => void, what: string, result: SideResult): SideResult {
  const { rows, seconds, cpuSeconds, requests, bytes } = result;
  tell(
    `${what}: ${rows} rows in ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} core seconds, ${requests} requests, ${(bytes / 2 ** 20).toFixed(1)} MiB written`,
  );
  return result;
}

function perCore({ rows, cpuSeconds }: SideResult): number {
  return rows / cpuSeconds;
}

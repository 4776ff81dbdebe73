import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet } from '../test/support/worker-fleet.ts';
import { startWorld, type World } from '../test/support/world.ts';
import type { Benchmark, Measured } from './benchmark.ts';
import { rounded } from './pages/run-job.ts';

const rowsEach = Number(process.env['ROWBACK_BENCH_ROWS'] ?? 5000);
const tableCount = Number(process.env['ROWBACK_BENCH_TABLES'] ?? 40);
/** As long as the window of the service, so that whoever ignored the share would be far above it. */
const shareSeconds = Number(process.env['ROWBACK_BENCH_SECONDS'] ?? 300);
const isWhole = rowsEach >= 5000 && tableCount >= 40 && shareSeconds >= 300;

/** Little enough that what is measured is waiting for the service, and not this machine's cores. */
const columns = 21;
const delayMs = 400;
const share = 0.25;
/** What one web server takes of one user in 300 seconds. */
const limit = { requests: 6000, windowSeconds: 300 };

const names = Array.from({ length: tableCount }, (_, index) => `new_bench${index + 1}`);
/** Each worker has signed in and read metadata before its work is measured. */
const warmUp = Array.from({ length: 12 }, (_, index) => `new_warm${index + 1}`);

/**
 * The same first backup by one, two and four worker processes, each of which reads one table at a time with one request
 * under way. Then four of them with a quarter of the limits, on a service that answers at once, run after run.
 */
export const workers: Benchmark = {
  name: 'workers',
  about: 'one backup by one, two and four worker processes, and what four use of a share that is set',
  run: async (tell): Promise<Measured> => {
    const seconds = await withWorld(['--delay', String(delayMs)], rowsEach, async (world) => {
      const measured: Record<number, number> = {};
      for (const count of [1, 2, 4]) {
        measured[count] = await firstBackup(world, count);
        tell(
          `${count} workers: ${measured[count].toFixed(1)} s for ${tableCount} tables of ${rowsEach} rows`,
        );
      }
      return measured;
    });
    const used = await withWorld(['--limits'], 1, (world) => underShare(world));
    tell(
      `four workers: ${used.greatest} requests in ${limit.windowSeconds} s at most, ${used.refused} refused`,
    );
    const figures = {
      speedup2: rounded((seconds[1] ?? 0) / (seconds[2] ?? 1)),
      speedup4: rounded((seconds[1] ?? 0) / (seconds[4] ?? 1)),
      shareUsed: rounded(used.greatest / limit.requests),
    };
    const raw = { tables: tableCount, rows: rowsEach, seconds, share: { ...used, ofLimit: share } };
    // Of a fraction more than the share the ceiling would be reached, of the share itself it is not.
    const ceilings = { shareUsed: share + 1 / limit.requests };
    return isWhole
      ? { figures, raw, bars: { speedup2: 1.6, speedup4: 2.5 }, ceilings }
      : { figures, raw, ceilings };
  },
};

async function withWorld<R>(
  options: readonly string[],
  rows: number,
  work: (world: World) => Promise<R>,
): Promise<R> {
  const many = names.flatMap((name) => ['--generate', `${name}:${rows}:${columns}`]);
  const few = warmUp.flatMap((name) => ['--generate', `${name}:1:${columns}`]);
  const world = await startWorld(['--no-gzip', '--empty', ...options, ...many, ...few]);
  try {
    return await work(world);
  } finally {
    await world.stop();
  }
}

async function firstBackup(world: World, count: number): Promise<number> {
  const fleet = await Fleet.start(world, count, { tables: [...names, ...warmUp], share: 1 });
  try {
    await fleet.run(warmUp);
    const { seconds } = await fleet.run(names);
    return seconds;
  } finally {
    await fleet.stop();
  }
}

/** Counts at the simulator, each second, until the time is over. */
async function underShare(world: World) {
  const fleet = await Fleet.start(world, 4, { tables: names, share });
  const untilMs = performance.now() + shareSeconds * 1000;
  const isOver = () => performance.now() >= untilMs;
  let runs = 0;
  try {
    const backups = async () => {
      for (; !isOver(); runs += 1) await fleet.run(names);
    };
    const counts: Counts[] = [{ atMs: performance.now(), accepted: 0, refused: 0 }];
    const counting = async () => {
      for (; !isOver(); await sleep(1000)) counts.push(await countsOf(world));
    };
    await Promise.race([Promise.all([counting(), backups()]), sleep(shareSeconds * 1000)]);
    counts.push(await countsOf(world));
    const { accepted, refused } = counts.at(-1)!; // pushed right before
    return { runs, seconds: shareSeconds, accepted, refused, greatest: greatestWindow(counts) };
  } finally {
    await fleet.stop();
  }
}

interface Counts {
  readonly atMs: number;
  readonly accepted: number;
  readonly refused: number;
}

async function countsOf(world: World): Promise<Counts> {
  const [environment] = world.settings.environments;
  const answer = await fetch(`${environment?.url ?? ''}/_simulator/traffic`);
  // The simulator documents this answer.
  const { accepted, refused } = (await answer.json()) as {
    accepted: number;
    refused: Readonly<Record<string, number>>;
  };
  const all = Object.values(refused).reduce((sum, count) => sum + count, 0);
  return { atMs: performance.now(), accepted, refused: all };
}

/** Requests in the fullest window: between two looks that lie no further apart than it is long. */
function greatestWindow(counts: readonly Counts[]): number {
  const within = ({ atMs }: Counts, last: Counts) => last.atMs - atMs <= limit.windowSeconds * 1000;
  return Math.max(
    ...counts.map((last) => last.accepted - (counts.find((first) => within(first, last))?.accepted ?? 0)),
  );
}

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import type { Benchmark, Measured } from './benchmark.ts';
import type { ClientName } from './throttled/clients.ts';
import type { Condition, Usage } from './throttled/service.ts';

/** Threads at the same time: enough for a machine of two cores that others use too. */
const threads = 4;

const conditions: readonly Condition[] = [
  { servers: 1, headers: 'honest', seed: 1 },
  { servers: 1, headers: 'hidden', seed: 2 },
  { servers: 1, headers: 'false', seed: 3 },
  { servers: 3, headers: 'hidden', seed: 5 },
  { servers: 3, headers: 'false', seed: 6 },
];

/**
 * How much of what service protection allows each client uses, on one web server and on three, from second 300 to 1,200.
 * A request costs a few milliseconds of execution, so that the limit of 6,000 requests binds and not that of time.
 */
export const throttled: Benchmark = {
  name: 'throttled',
  about: 'requests used of those that service protection allows, and refused; beside two other loops',
  run: async (tell): Promise<Measured> => {
    const inTurn = pLimit(threads);
    const run = (name: ClientName, condition: Condition) =>
      inTurn(async (): Promise<Run> => {
        const started = performance.now();
        const usage = await inThread(name, condition);
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        const { servers, headers } = condition;
        const figures = `${percent(usage.usedOfAllowed)} used, ${percent(usage.refused)} refused`;
        tell(`${name}, ${servers} servers, headers ${headers}: ${figures} (${seconds} s)`);
        return { name, ...condition, ...usage };
      });
    const plain = [3, 1].map((servers): Condition => ({ servers, headers: 'honest', seed: 1 }));
    // The longest first.
    const runs = await Promise.all([
      ...plain.map((condition) => run('dynamicsWebApi', condition)),
      ...conditions.map((condition) => run('ours', condition)),
      ...plain.map((condition) => run('fixedConcurrency', condition)),
    ]);
    const figures = {
      ...worst('ours', '', runs),
      ...worst('fixedConcurrency', 'fixedConcurrency', runs),
      ...worst('dynamicsWebApi', 'dynamicsWebApi', runs),
    };
    return { figures, raw: { runs }, bars: { usedOfAllowed: 0.95 }, ceilings: { refused: 0.01 } };
  },
};

/** Each run has a clock of its own, so they may go beside each other without disturbing what they measure. */
async function inThread(client: ClientName, condition: Condition): Promise<Usage> {
  const worker = new Worker(new URL('./throttled/run.js', import.meta.url), {
    workerData: { client, condition },
  });
  // Rejects with what was thrown in the thread.
  const [usage] = (await once(worker, 'message')) as [Usage];
  await worker.terminate();
  return usage;
}

type Run = Condition & Usage & { readonly name: ClientName };

/** The worst of all conditions and of each number of servers: `usedOfAllowed`, `usedOfAllowed1`, …, for others with prefix. */
function worst(name: ClientName, prefix: string, runs: readonly Run[]): Record<string, number> {
  const figure = (suffix: string, some: readonly Run[]) => ({
    [named(prefix, `usedOfAllowed${suffix}`)]: rounded(Math.min(...some.map((run) => run.usedOfAllowed))),
    [named(prefix, `refused${suffix}`)]: rounded(Math.max(...some.map((run) => run.refused))),
  });
  const its = runs.filter((run) => run.name === name);
  const on = (servers: number) => its.filter((run) => run.servers === servers);
  return { ...figure('', its), ...figure('1', on(1)), ...figure('3', on(3)) };
}

function named(prefix: string, figure: string): string {
  return prefix === '' ? figure : prefix + figure.charAt(0).toUpperCase() + figure.slice(1);
}

function rounded(part: number): number {
  return Math.round(part * 100_000) / 100_000;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(2)} %`;
}

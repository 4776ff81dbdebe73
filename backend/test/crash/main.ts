import { isDeepStrictEqual } from 'node:util';
import { seeded } from '../support/seeded.ts';
import type { Death } from './counting-proxy.ts';
import { startKilledWorld, type KilledWorld } from './killed-world.ts';

/**
 * `npm run crash -- [--times 40] [--seed N]`: backups of six small tables by the real command line, against simulator and
 * emulator in processes of their own, killed by SIGKILL at a call drawn from the seed, half of them first backups. After
 * each the next run must leave a vault that verify accepts and that equals the environment. Ends with 1 where one does not.
 */
const option = (name: string, usual: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const times = option('times', 40);
const seed = option('seed', Date.now() % 1_000_000);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function complete(world: KilledWorld, container: string): Promise<number> {
  const { calls, ran } = await world.backUp(container, null);
  if (ran.exitCode !== 0) throw new Error(`a run that nobody disturbed ended so: ${JSON.stringify(ran)}`);
  return calls;
}

/** Kills one run and judges the next; gives what was wrong. */
async function killOnce(world: KilledWorld, container: string, death: Death): Promise<string> {
  const { diedAt, ran } = await world.backUp(container, death);
  if (diedAt === null && ran.exitCode !== 0) throw new Error(`it failed unkilled: ${JSON.stringify(ran)}`);
  await complete(world, container);
  const [found, wanted] = [await world.verified(container), await world.undisturbed()];
  if (!isDeepStrictEqual(found, wanted))
    throw new Error(`the vault is not the environment:\n${JSON.stringify({ found, wanted }, null, 2)}`);
  return diedAt ?? `nothing: it had ended before (${ran.exitCode})`;
}

const fraction = seeded(seed);
say(`seed ${seed}, ${times} kills`);
const world = await startKilledWorld();
let failed = 0;
try {
  const lasting = world.newContainer();
  const callsOfFirst = await complete(world, lasting);
  await world.change('before');
  const callsOfNext = await complete(world, lasting);
  say(`${callsOfFirst} calls in a first backup, ${callsOfNext} in one that follows`);
  for (let time = 1; time <= times; time += 1) {
    const isFirst = fraction() < 0.5;
    const phase = fraction() < 0.5 ? 'before' : 'after';
    const atCall = 1 + Math.floor(fraction() * (isFirst ? callsOfFirst : callsOfNext));
    if (!isFirst) await world.change(`change ${time}`);
    const container = isFirst ? world.newContainer() : lasting;
    const what = `${time}: ${isFirst ? 'first' : 'next'} backup, ${phase} call ${atCall}`;
    try {
      say(`${what}: ${await killOnce(world, container, { atCall, phase })}`);
    } catch (error) {
      failed += 1;
      say(`${what}: FAILED: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
} finally {
  await world.stop();
}
say(`${times - failed} passed, ${failed} failed; again with --seed ${seed}`);
process.exitCode = failed === 0 ? 0 : 1;

import { verifyVault } from '../../src/verify/index.ts';
import { Fleet } from '../support/worker-fleet.ts';
import { startWorld } from '../support/world.ts';

/**
 * `npm run killed-worker`: two workers, each a process of `rowback serve`, on one run of eight tables; one is killed by
 * SIGKILL in the middle of a table. The run must end whole, with every row, in a vault that verify accepts. Takes a minute or two:
 * what a dead worker held comes back to the queue after one. Ends with 1 where it does not hold.
 */
const rows = 5000;
/** A message is its worker's for a minute. */
const heldSeconds = 55;
const tables = Array.from({ length: 8 }, (_, index) => `new_kill${index + 1}`);
const generate = tables.flatMap((name) => ['--generate', `${name}:${rows}:21`]);
const world = await startWorld(['--empty', '--delay', '200', ...generate]);
try {
  const fleet = await Fleet.start(world, 2, { tables, share: 1 });
  try {
    const [{ seconds, run }] = await Promise.all([fleet.run(tables), fleet.killOne()]);
    if (seconds < heldSeconds) throw new Error('whoever was killed held no message');
    const { vault } = fleet.environment;
    const snapshot = await vault.snapshots.read(run.snapshot ?? '');
    if (snapshot === null) throw new Error('the run left no snapshot');
    const named = await vault.snapshots.tablesAt(snapshot);
    for (const table of tables) {
      const { status, rowCount } = named.get(table) ?? {};
      if (status !== 'complete' || rowCount !== rows)
        throw new Error(`${table} is ${status} with ${rowCount} rows of ${rows}`);
    }
    const { findings } = await verifyVault(vault, { readData: true });
    const damage = findings.filter(({ severity }) => severity === 'damage');
    if (damage.length > 0) throw new Error(`verify found damage: ${JSON.stringify(damage, null, 2)}`);
    process.stdout.write(`One of two workers was killed; the run was whole after ${seconds.toFixed(0)} s.\n`);
  } finally {
    await fleet.stop();
  }
} finally {
  await world.stop();
}

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { backUpNow } from '../src/jobs/backups.ts';
import { openParquetEngine } from '../src/vault/index.ts';
import { startWorld, type World } from './support/world.ts';

const include = ['businessunit', 'email'];

let world: World;
beforeAll(async () => {
  world = await startWorld([], 'memory');
}, 120_000);
afterAll(() => world.stop());

test('rows too long for the engine fail their table by name and not the run, and more memory makes it whole', async () => {
  const usual = await world.open({ policy: { include } });
  await backUpNow(usual.environment, { trigger: 'manual' });
  await world.outsider.send('POST', 'emails', { subject: 'long', description: 'x'.repeat(900_000) });
  const scratch = join(usual.storage.scratch, 'small');
  const engine = await openParquetEngine({ scratch, memoryMb: 20, threads: 1 });
  const small = await world.open({ storage: { ...usual.storage, engine }, policy: { include } });
  const failed = await backUpNow(small.environment, { trigger: 'manual' });
  expect(failed.tables).toMatchObject([
    { table: 'businessunit', status: 'complete', errors: [] },
    { table: 'email', status: 'failed', errors: [{ code: 'engine-memory' }] },
  ]);
  expect(failed.snapshot?.tables['email']).toMatchObject({
    status: 'stale',
    errors: [{ code: 'engine-memory' }],
  });
  await small.environment.close();
  engine.close();
  const whole = await backUpNow(usual.environment, { trigger: 'manual' });
  expect(whole.tables).toMatchObject([
    { table: 'businessunit', status: 'complete' },
    { table: 'email', status: 'complete', put: 1, errors: [] },
  ]);
  await usual.close();
}, 60_000);

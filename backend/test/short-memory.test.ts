import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { backUpNow } from '../src/jobs/backups.ts';
import { VaultError } from '../src/vault/errors.ts';
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

test('a table whose hash the engine cannot make fails by name after its rows, and the next run makes it whole', async () => {
  const usual = await world.open({ policy: { include }, container: 'unhashed' });
  let failures = 0;
  const engine = {
    ...usual.storage.engine,
    rows(sql: string, before?: readonly string[]) {
      // The query of the table hash, and no other.
      if (!sql.includes('head_key') || failures > 0) return usual.storage.engine.rows(sql, before);
      failures += 1;
      throw new VaultError('engine-memory', 'No memory.', { hint: 'Give it more.' });
    },
  };
  const small = await world.open({
    storage: { ...usual.storage, engine },
    policy: { include },
    container: 'unhashed',
  });
  const failed = await backUpNow(small.environment, { trigger: 'manual' });
  expect(failures).toBe(1);
  expect(failed.tables.map(({ status }) => status).sort()).toEqual(['complete', 'failed']);
  const broken = failed.tables.find(({ status }) => status === 'failed');
  expect(broken?.errors).toMatchObject([{ code: 'engine-memory' }]);
  expect(failed.snapshot?.tables[broken?.table ?? '']).toMatchObject({ status: 'failed', throughSeq: 0 });
  await small.environment.close();
  const whole = await backUpNow(usual.environment, { trigger: 'manual' });
  expect(whole.tables.map(({ status }) => status)).toEqual(['complete', 'complete']);
  const mended = whole.snapshot?.tables[broken?.table ?? ''];
  expect(mended).toMatchObject({ status: 'complete', tableHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(mended?.rowCount).toBeGreaterThan(0);
  await usual.close();
}, 60_000);

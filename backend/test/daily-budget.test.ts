import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backUpNow } from '../src/jobs/backups.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld([], 'memory');
}, 120_000);
afterAll(() => world.stop());

test('a backup on a day that is used up says so of its tables and ends; people are still answered', async () => {
  const policy = { include: ['contact'], dailyRequests: 1 };
  // What this process asks is counted for the next.
  await (await world.open({ policy, sharing: true })).close();
  const opened = await world.open({ policy, sharing: true });
  const { environment } = opened;
  const result = await backUpNow(environment, { trigger: 'manual' });
  const codes = result.tables.map(({ table, status, errors }) => [
    table,
    status,
    errors.map(({ code }) => code),
  ]);
  expect(codes).toEqual([['contact', 'failed', ['dataverse-daily-budget']]]);
  expect(await environment.client.whoAmI()).toMatchObject({ userId: expect.any(String) });
  environment.usePolicy({ ...environment.policy, dailyRequests: null });
  const next = await backUpNow(environment, { trigger: 'manual' });
  expect(next.tables).toMatchObject([{ table: 'contact', status: 'complete', errors: [] }]);
  await opened.close();
}, 60_000);

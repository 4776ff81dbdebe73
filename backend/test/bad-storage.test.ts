import { RestError } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Storage } from '../src/jobs/open.ts';
import { translateAzureError } from '../src/vault/index.ts';
import { verifyVault } from '../src/verify/index.ts';
import { emptyStorage } from './support/moments.ts';
import { startWorld, type World } from './support/world.ts';

const include = ['businessunit', 'contact'];

let world: World;
beforeAll(async () => {
  world = await startWorld([], 'memory');
}, 120_000);
afterAll(() => world.stop());

/** After so many blobs every further one is answered as Azure answers; reading goes on. */
function failingAfter(storage: Storage, writes: number, status: number, code: string): Storage {
  let left = writes;
  const putIfAbsent: Storage['store']['putIfAbsent'] = async (name, body) => {
    left -= 1;
    if (left >= 0) return storage.store.putIfAbsent(name, body);
    const error = new RestError('refused', { statusCode: status, code });
    throw translateAzureError(error, `Writing ${name}`, name);
  };
  return { ...storage, store: { ...storage.store, putIfAbsent } };
}

test.each([
  [507, 'InsufficientStorage', 'storage-full', 5],
  [403, 'InsufficientAccountPermissions', 'storage-refused', 4],
  [503, 'ServerBusy', 'storage-busy', 1],
])(
  'a run that meets %d %s ends with %s after %d blobs, and the next one is whole',
  async (status, code, ours, writes) => {
    const opened = await world.open({ container: 'template' });
    const storage = emptyStorage(opened.storage);
    await opened.environment.close();
    const failing = failingAfter(storage, writes, status, code);
    const bad = await world.open({ storage: failing, policy: { include } });
    const request = { trigger: 'manual' } as const;
    await expect(backUpNow(bad.environment, request)).rejects.toMatchObject({
      code: ours,
      hint: expect.any(String),
    });
    if (status === 403)
      await expect(backUpNow(bad.environment, request)).rejects.toMatchObject({
        hint: expect.stringContaining('closed to writes'),
      });
    const newest = bad.environment.vault.snapshots.resolve({ kind: 'latest' });
    await expect(newest).rejects.toMatchObject({ code: 'no-snapshot-yet' });
    await bad.environment.close();
    const good = await world.open({ storage, policy: { include } });
    const { tables } = await backUpNow(good.environment, request);
    expect(tables.map(({ table, status: became }) => [table, became])).toEqual(
      include.map((table) => [table, 'complete']),
    );
    const { findings } = await verifyVault(good.environment.vault, { readData: true });
    expect(findings.filter(({ severity }) => severity === 'damage')).toEqual([]);
    await good.environment.close();
  },
  60_000,
);

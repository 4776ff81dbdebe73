import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { BackupResult } from '../src/backup/index.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Environment } from '../src/jobs/environment.ts';
import { recordHistory } from '../src/jobs/records.ts';
import { startWorld, type World } from './support/world.ts';

/** The platform restores the environment to an earlier moment between two backups, and says nothing to anybody. */

let world: World;
let origin = '';
beforeAll(async () => {
  world = await startWorld([], 'memory');
  origin = world.settings.environments[0]?.url ?? '';
}, 120_000);
afterAll(() => world.stop());
let container = 0;
beforeEach(() => {
  container += 1;
});

async function inVault<R>(work: (environment: Environment) => Promise<R>): Promise<R> {
  const policy = { include: ['businessunit', 'contact', 'account'] };
  const opened = await world.open({ container: `rewind${container}`, policy });
  try {
    return await work(opened.environment);
  } finally {
    await opened.close();
  }
}
const backUp = (): Promise<BackupResult> =>
  inVault((environment) => backUpNow(environment, { trigger: 'manual' }));

/** Takes the moment; gives the way back to it. */
async function takeMoment(): Promise<() => Promise<void>> {
  const post = (path: string) =>
    fetch(`${origin}/_simulator/checkpoints${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
  const taken = (await (await post('')).json()) as { id: string };
  return async () => {
    expect((await post(`/${taken.id}/restore`)).ok).toBe(true);
  };
}

async function create(lastname: string, contactid = randomUUID()): Promise<string> {
  await world.outsider.send('POST', 'contacts', { contactid, lastname });
  return contactid;
}
const rename = (id: string, lastname: string) =>
  world.outsider.send('PATCH', `contacts(${id})`, { lastname }, { 'if-match': '*' });
const remove = (id: string) => world.outsider.send('DELETE', `contacts(${id})`);

/** Names by id, of the vault's newest state and of the service. */
async function bothStates(): Promise<[Map<string, unknown>, Map<string, unknown>]> {
  const inService = new Map<string, unknown>();
  const answer = await world.outsider.send('GET', 'contacts?$select=lastname');
  const { value } = (await answer.json()) as { value: { contactid: string; lastname: unknown }[] };
  for (const { contactid, lastname } of value) inService.set(contactid, lastname);
  const vaulted = await inVault(async ({ vault }) => {
    const state = new Map<string, unknown>();
    const newest = await vault.snapshots.resolve({ kind: 'latest' });
    const at = await vault.snapshots.tableAt(newest, 'contact');
    for await (const { key, values } of vault.table('contact').scan(at?.throughSeq ?? 0))
      state.set(key, values['lastname']);
    return state;
  });
  return [vaulted, inService];
}

describe('a rewind by the platform between two backups', () => {
  test('loses nothing of what was captured, and is reported with the rows it took away', async () => {
    const [edited, deleted] = [await create('Edited once'), await create('Deleted later')];
    await backUp();
    const goBack = await takeMoment();
    await rename(edited, 'Edited twice');
    await remove(deleted);
    const created = await create('Created after');
    const { snapshot: last } = await backUp();
    await goBack();

    const after = await backUp();
    expect(after.warnings.join()).toContain('new epoch');
    const [vaulted, inService] = await bothStates();
    expect(vaulted).toEqual(inService);
    expect(after.snapshot?.epoch).toBe((last?.epoch ?? 0) + 1);
    const alerts = after.snapshot?.alerts ?? [];
    expect(alerts.map(({ id }) => id.replace(/^[^.]+\./, '')).sort()).toEqual([
      'environment-rewound',
      'environment-rewound.contact.gone',
      'environment-rewound.contact.put',
    ]);

    await inVault(async (environment) => {
      // What the rewind took away is found by the alerts' selections, and is in the snapshot that they name.
      const table = environment.vault.table('contact');
      for (const [operation, ids] of [
        ['put', [edited, deleted]],
        ['gone', [created]],
      ] as const) {
        const selection = alerts.find((alert) => alert.selection?.operation === operation)?.selection;
        if (selection === null || selection === undefined) throw new Error(`no selection of ${operation}`);
        expect(selection).toMatchObject({ before: last?.id, rows: ids.length });
        const keys: string[] = [];
        for await (const key of table.changedKeys(selection.afterSeq, selection.throughSeq)) keys.push(key);
        const heads = await table.marksOf(keys, selection.throughSeq);
        expect(keys.filter((key) => heads.get(key)?.op === operation).sort()).toEqual([...ids].sort());
        const then = await table.headsOf(ids, selection.afterSeq);
        expect(ids.map((id) => then.get(id)?.op)).toEqual(operation === 'put' ? ['put', 'gone'] : ['put']);
      }
      const { versions } = await recordHistory(
        environment,
        { table: 'contact', id: edited },
        { kind: 'operator', name: 'test' },
      );
      expect(versions).toHaveLength(3);
    });
    expect((await backUp()).snapshot).toBeNull();
  }, 120_000);

  test('is seen although rows written since have higher row versions again', async () => {
    const kept = await create('Kept');
    await backUp();
    const goBack = await takeMoment();
    const created = await create('Vanishes');
    await rename(kept, 'Lost edit');
    await backUp();
    await goBack();
    // The same row is written until its row version is past the one captured.
    for (let i = 0; i < 10; i += 1) await rename(kept, `Other ${i}`);
    const after = await backUp();
    expect(after.warnings.join()).toContain('new epoch');
    const [vaulted, inService] = await bothStates();
    expect(vaulted).toEqual(inService);
    expect(vaulted.has(created)).toBe(false);
  }, 120_000);

  test('is not suspected because the newest rows were deleted or edited', async () => {
    const ids = [await create('Short-lived'), await create('Edited')] as const;
    await backUp();
    await remove(ids[0]);
    await rename(ids[1], 'Edited again');
    const after = await backUp();
    expect(after.warnings).toEqual([]);
    await rename(ids[1], 'Edited once more');
    expect((await backUp()).warnings).toEqual([]);
    const [vaulted, inService] = await bothStates();
    expect(vaulted).toEqual(inService);
  }, 120_000);
});

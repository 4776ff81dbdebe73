import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { BackupResult } from '../src/backup/index.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Environment } from '../src/jobs/environment.ts';
import { usualAlertPolicy } from '../src/jobs/alerts/policy.ts';
import type { Policy } from '../src/jobs/settings.ts';
import { startWorld, type World } from './support/world.ts';

const secret = `whsec_${randomBytes(24).toString('base64')}`;
let world: World;
let receiver: Server;
let hook = '';
let status = 204;
const received: { type: string; data: { alert: { code: string } } }[] = [];

beforeAll(async () => {
  world = await startWorld([], 'memory');
  receiver = createServer((request, response) => {
    void text(request).then((body) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]));
      received.push(new Webhook(secret).verify(body, headers) as (typeof received)[number]);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  if (address === null || typeof address === 'string') throw new TypeError('the receiver has no port');
  hook = `http://127.0.0.1:${address.port}/`;
}, 120_000);
afterAll(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await world.stop();
});

let container = 0;

/** A world of its own in storage; backs up as often as asked. */
async function inNewVault<R>(
  policy: Partial<Policy>,
  work: (backUp: () => Promise<BackupResult>, environment: Environment) => Promise<R>,
): Promise<R> {
  container += 1;
  const webhooks = [{ url: hook, secret: { kind: 'literal' as const, value: secret } }];
  const alerts = { ...usualAlertPolicy, webhooks, ...policy.alerts };
  const opened = await world.open({
    container: `alerts${container}`,
    policy: { include: ['businessunit', 'contact'], ...policy, alerts },
  });
  try {
    return await work(() => backUpNow(opened.environment, { trigger: 'manual' }), opened.environment);
  } finally {
    await opened.close();
  }
}

async function createContacts(count: number, lastname: string): Promise<string[]> {
  const ids = Array.from(
    { length: count },
    () => `${randomBytes(4).toString('hex')}-0000-4000-8000-000000000001`,
  );
  for (const contactid of ids) await world.outsider.send('POST', 'contacts', { contactid, lastname });
  return ids;
}

describe('many rows deleted between two backups', () => {
  test('are an alert in the snapshot and at the webhook, from which the rows can be had as they were', async () => {
    const ids = await createContacts(30, 'Soon gone');
    await inNewVault({}, async (backUp, environment) => {
      expect((await backUp()).alerts).toEqual([]);
      for (const id of ids) await world.outsider.send('DELETE', `contacts(${id})`);
      const { snapshot, warnings } = await backUp();
      expect(warnings).toEqual([]);
      expect(snapshot?.alerts).toMatchObject([{ code: 'many-deleted', table: 'contact', expected: null }]);
      expect(received.splice(0)).toMatchObject([
        { type: 'alert.many-deleted', data: { snapshot: snapshot?.id, alert: snapshot?.alerts?.[0] } },
      ]);
      const selection = snapshot?.alerts?.[0]?.selection;
      if (selection === null || selection === undefined) throw new Error('it names no rows');
      const table = environment.vault.table(selection.table);
      const keys: string[] = [];
      for await (const key of table.changedKeys(selection.afterSeq, selection.throughSeq)) keys.push(key);
      const heads = await table.headsOf(keys, selection.throughSeq);
      const gone = keys.filter((key) => heads.get(key)?.op === selection.operation).sort();
      expect(gone).toEqual([...ids].sort());
      const before = await environment.vault.snapshots.read(selection.before);
      const then = await environment.vault.snapshots.tableAt(before, selection.table);
      for (const version of (await table.headsOf(gone, then?.throughSeq ?? 0)).values())
        expect(version).toMatchObject({ op: 'put', values: { lastname: 'Soon gone' } });
    });
  }, 60_000);

  test('by a job that the policy knows are kept in the snapshot and not sent', async () => {
    const ids = await createContacts(25, 'Known job');
    const allow = [{ tables: ['contact'], by: [], operations: ['deleted' as const], why: 'yearly clean-up' }];
    await inNewVault({ alerts: { ...usualAlertPolicy, allow } }, async (backUp) => {
      await backUp();
      for (const id of ids) await world.outsider.send('DELETE', `contacts(${id})`);
      const { snapshot } = await backUp();
      expect(snapshot?.alerts).toMatchObject([{ code: 'many-deleted', expected: 'yearly clean-up' }]);
      expect(received.splice(0)).toEqual([]);
    });
  }, 60_000);
});

test('a receiver that is down is a warning, and gets the alert with the next try', async () => {
  const ids = await createContacts(25, 'Down');
  await inNewVault({}, async (backUp, environment) => {
    await backUp();
    for (const id of ids) await world.outsider.send('DELETE', `contacts(${id})`);
    status = 503;
    const { warnings } = await backUp();
    expect(warnings).toEqual([expect.stringContaining('answered 503')]);
    expect(warnings.join()).not.toContain(secret);
    received.splice(0);
    status = 204;
    // The first try again is due five seconds after the first one.
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    expect(await environment.notifier.sendDue()).toMatchObject([{ outcome: 'delivered' }]);
    expect(received.splice(0)).toMatchObject([{ type: 'alert.many-deleted' }]);
  });
}, 60_000);

test('a table that the policy leaves out from now on is said once, and called stale', async () => {
  container += 1;
  const name = `alerts${container}`;
  const run = async (include: string[]) => {
    const opened = await world.open({ container: name, policy: { include } });
    try {
      return await backUpNow(opened.environment, { trigger: 'manual' });
    } finally {
      await opened.close();
    }
  };
  await run(['businessunit', 'contact']);
  const { snapshot } = await run(['businessunit']);
  expect(snapshot?.alerts).toMatchObject([{ code: 'table-lost', table: 'contact' }]);
  expect(snapshot?.tables['contact']).toMatchObject({ status: 'stale' });
  expect((await run(['businessunit'])).snapshot).toBeNull();
}, 60_000);

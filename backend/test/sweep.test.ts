import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { BackupResult } from '../src/backup/index.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import { coverageOf } from '../src/jobs/coverage.ts';
import type { Environment } from '../src/jobs/environment.ts';
import { startWorld, type OpenedWorld, type World } from './support/world.ts';

const dayMs = 24 * 3_600_000;

let world: World;
beforeAll(async () => {
  world = await startWorld(['--size', '1'], 'memory');
}, 120_000);
afterAll(async () => {
  await opened?.close();
  await world.stop();
});

let opened: OpenedWorld | null = null;
let environment: Environment;
/** Stands between the product and the service; null: it stays out of it. */
let between: ((url: string, pass: () => Promise<Response>) => Promise<Response>) | null = null;
let sweeps = 0;
let container = 0;
beforeEach(async () => {
  await opened?.close();
  between = null;
  sweeps = 0;
  container += 1;
  opened = await world.open({
    container: `sweep${container}`,
    policy: { include: ['businessunit', 'account'] },
    fetch: (input, init) => {
      const url = decodeURIComponent(input instanceof Request ? input.url : String(input));
      if (isOfKeys(url)) sweeps += 1;
      const pass = () => fetch(input, init);
      return between === null ? pass() : between(url, pass);
    },
  });
  environment = opened.environment;
});

const isOfKeys = (url: string) => /accounts\?\$select=(accountid,)?versionnumber(,accountid)?$/.test(url);
const isOfChanges = (url: string) => url.includes('/accounts?') && url.includes('deltatoken');
const isLookUp = (url: string) => url.includes('/accounts?') && url.includes('$filter');

const backUp = () => backUpNow(environment, { trigger: 'manual' });

async function create(name: string): Promise<string> {
  const made = await world.outsider.send('POST', 'accounts', { name });
  return /\(([0-9a-f-]{36})\)/.exec(made.headers.get('odata-entityid') ?? '')?.[1] ?? '';
}

const rename = (id: string, name: string) =>
  world.outsider.send('PATCH', `accounts(${id})`, { name }, { 'if-match': '*' });
const remove = (id: string) => world.outsider.send('DELETE', `accounts(${id})`);
const head = (id: string) => environment.vault.table('account').at(id, Number.MAX_SAFE_INTEGER);

const alertsOf = ({ snapshot }: BackupResult) => (snapshot?.alerts ?? []).map(({ code }) => code);

async function warningsOf(): Promise<string[]> {
  const { report } = await coverageOf(environment, { snapshot: null, from: null, to: null });
  return (report.tables.find(({ table }) => table === 'account')?.warnings ?? []).map(({ code }) => code);
}

/** The answer without some of its rows, or without any. */
async function without(pass: () => Promise<Response>, ids?: readonly string[]): Promise<Response> {
  const answer = await pass();
  const body = (await answer.json()) as { readonly value: readonly { accountid?: string; id?: string }[] };
  const value = body.value.filter((row) => ids?.includes(row.accountid ?? row.id ?? '') === false);
  const headers = { date: answer.headers.get('date') ?? '' };
  return Response.json({ ...body, value }, { headers });
}

describe('changes that the list of changes leaves out', () => {
  test('are found within a day, captured, and told in an alert and in the coverage report', async () => {
    const [kept = '', changed = '', deleted = ''] = [
      await create('Kept'),
      await create('Old'),
      await create('Soon gone'),
    ];
    // A run looks at the newest twenty of each, to know a rewound environment: these are none of them.
    for (let at = 0; at < 20; at += 1) await create('Newer');
    await backUp();
    await rename(changed, 'New');
    await remove(deleted);
    const made = await create('Made');
    await create('Shown');
    between = (url, pass) => (isOfChanges(url) ? without(pass, [changed, deleted, made]) : pass());
    expect((await backUp()).tables).toContainEqual(
      expect.objectContaining({ table: 'account', put: 1, gone: 0 }),
    );
    between = null;
    // Lost for good: the token is beyond them.
    expect((await backUp()).snapshot).toBeNull();
    expect(sweeps).toBe(0);
    await world.letPass(dayMs);
    const result = await backUp();
    expect(sweeps).toBe(1);
    expect(await head(changed)).toMatchObject({ op: 'put', values: { name: 'New' } });
    expect(await head(made)).toMatchObject({ op: 'put', values: { name: 'Made' } });
    expect(await head(deleted)).toMatchObject({ op: 'gone', why: 'missing' });
    expect(await environment.vault.table('account').history(kept)).toHaveLength(1);
    expect(alertsOf(result)).toContain('feed-fault');
    const alert = result.snapshot?.alerts?.find(({ code }) => code === 'feed-fault');
    expect(alert?.figures).toEqual({ put: 2, gone: 1 });
    expect(await warningsOf()).toContain('feed-fault');
    // Once: the next sweep finds nothing, and the report forgets it after a while.
    await world.letPass(dayMs);
    expect((await backUp()).snapshot).toBeNull();
    expect(sweeps).toBe(2);
  });

  test('are not seen in what people save and delete while the sweep goes on', async () => {
    const [changed = '', deleted = '', later = ''] = [
      await create('Old'),
      await create('Soon gone'),
      await create('Later'),
    ];
    await backUp();
    await world.letPass(dayMs);
    let made = '';
    between = async (url, pass) => {
      if (isOfKeys(url)) {
        // Between the list of changes and the keys.
        await rename(changed, 'New');
        await remove(deleted);
        made = await create('Made');
        const answer = await pass();
        // And between the keys and the second look at the list.
        await rename(later, 'Changed later');
        return answer;
      }
      return pass();
    };
    const result = await backUp();
    expect(sweeps).toBe(1);
    expect(alertsOf(result)).toEqual([]);
    expect(await head(changed)).toMatchObject({ op: 'put', values: { name: 'New' } });
    expect(await head(later)).toMatchObject({ op: 'put', values: { name: 'Changed later' } });
    expect(await head(made)).toMatchObject({ op: 'put', values: { name: 'Made' } });
    expect(await head(deleted)).toMatchObject({ op: 'gone', why: 'deleted' });
    expect(await warningsOf()).toEqual([]);
  });

  test('are not seen in what is saved so lately that it may not be listed yet', async () => {
    const id = await create('Old');
    await backUp();
    await world.letPass(dayMs);
    await rename(id, 'Not listed yet');
    between = (url, pass) => (isOfChanges(url) ? without(pass) : pass());
    const result = await backUp();
    expect(sweeps).toBe(1);
    expect(alertsOf(result)).toEqual([]);
  });
});

describe('a sweep that cannot be trusted calls nothing gone', () => {
  test('rows that do not come and are there all the same', async () => {
    const id = await create('There');
    await backUp();
    await world.letPass(dayMs);
    between = async (url, pass) => (isOfKeys(url) ? without(pass) : pass());
    const result = await backUp();
    expect(sweeps).toBe(1);
    expect(result.snapshot).toBeNull();
    expect(await head(id)).toMatchObject({ op: 'put' });
  });

  test.each([0, 1])('a right that is lost meanwhile, look %i', async (look) => {
    const id = await create('There');
    await backUp();
    await world.letPass(dayMs);
    let isBlind = false;
    let looks = 0;
    between = async (url, pass) => {
      if (isOfKeys(url)) isBlind = true;
      if (isBlind && url.includes('RetrieveUserSetOfPrivilegesByNames') && looks++ >= look)
        return Response.json({ RolePrivileges: [{ PrivilegeName: 'prvReadAccount', Depth: 'Basic' }] });
      return isBlind && (isOfKeys(url) || isLookUp(url)) ? without(pass) : pass();
    };
    const result = await backUp();
    expect(result.snapshot).toBeNull();
    const account = result.tables.find(({ table }) => table === 'account');
    expect(account?.warnings).toEqual([expect.stringContaining('the right to read all rows was lost')]);
    expect(await head(id)).toMatchObject({ op: 'put' });
  });

  test('keys that cannot be read cost nothing but the sweep, which the next run makes', async () => {
    const id = await create('Old');
    await backUp();
    await world.letPass(dayMs);
    await rename(id, 'New');
    const error = { code: '0x80040216', message: 'no keys today' };
    between = (url, pass) =>
      isOfKeys(url) ? Promise.resolve(Response.json({ error }, { status: 400 })) : pass();
    const result = await backUp();
    expect(result.snapshot?.tables['account']?.status).toBe('complete');
    expect(await head(id)).toMatchObject({ op: 'put', values: { name: 'New' } });
    between = null;
    await backUp();
    expect(sweeps).toBe(2);
  });
});

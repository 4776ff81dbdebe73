import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { BackupResult } from '../src/backup/index.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import { usualAlertPolicy } from '../src/jobs/alerts/policy.ts';
import type { Environment } from '../src/jobs/environment.ts';
import { planRestore } from '../src/jobs/restores.ts';
import { startWorld, type OpenedWorld, type World } from './support/world.ts';

const hourMs = 3_600_000;
/** So many deletes are an alert. */
const many = 3;

let world: World;
beforeAll(async () => {
  world = await startWorld(['--special-tables', '--size', '1'], 'memory');
  await world.outsider.send('POST', `EntityDefinitions(LogicalName='account')/Attributes`, {
    '@odata.type': 'Microsoft.Dynamics.CRM.IntegerAttributeMetadata',
    SchemaName: 'msft_DataState',
    RequiredLevel: { Value: 'None' },
    DisplayName: { LocalizedLabels: [{ Label: 'Data State', LanguageCode: 1033 }] },
  });
}, 120_000);
afterAll(async () => {
  await world.stop();
});

let opened: OpenedWorld;
let environment: Environment;
let refused: RegExp | null = null;
let container = 0;
beforeEach(async () => {
  await opened?.close();
  refused = null;
  container += 1;
  opened = await world.open({
    container: `gone${container}`,
    policy: {
      include: ['businessunit', 'account', 'demo_journal', 'demo_reading'],
      alerts: { ...usualAlertPolicy, deleted: { rows: many, percent: null } },
    },
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (refused?.test(url) !== true) return fetch(input, init);
      const error = { code: '0x80040220', message: 'Principal user is missing prvReadretentionoperation.' };
      return Promise.resolve(Response.json({ error }, { status: 403 }));
    },
  });
  environment = opened.environment;
  // What the test before did is over, also for a clock that counts seconds.
  await world.letPass(2000);
});
afterAll(async () => {
  await opened?.close();
});

const backUp = () => backUpNow(environment, { trigger: 'manual' });

async function createAccounts(name: string, count = many): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const made = await world.outsider.send('POST', 'accounts', { name });
    ids.push(/\(([0-9a-f-]{36})\)/.exec(made.headers.get('odata-entityid') ?? '')?.[1] ?? '');
  }
  return ids;
}

/** A retention policy for the accounts of one name, which runs now: it marks them, and an hour later moves them. */
async function retain(name: string): Promise<void> {
  const condition = `<condition attribute="name" operator="eq" value="${name}"/>`;
  await world.outsider.send('POST', 'retentionconfigs', {
    name,
    entitylogicalname: 'account',
    criteria: `<fetch><entity name="account"><attribute name="accountid"/><filter>${condition}</filter></entity></fetch>`,
  });
  // What is due is done before the next request.
  await world.outsider.get('WhoAmI');
}

async function remove(ids: readonly string[]): Promise<void> {
  for (const id of ids) await world.outsider.send('DELETE', `accounts(${id})`);
}

async function reasons(table: string, keys: readonly string[]): Promise<string[]> {
  const heads = await environment.vault.table(table).headsOf(keys, Number.MAX_SAFE_INTEGER);
  return [...new Set([...heads.values()].map((head) => (head.op === 'gone' ? head.why : head.op)))];
}

const alertsOf = ({ snapshot }: BackupResult) => (snapshot?.alerts ?? []).map(({ code }) => code);

describe('rows that a retention policy took away', () => {
  test('are not deleted ones where the last version was marked, and a plan says so first', async () => {
    const ids = await createAccounts('Marked');
    await backUp();
    await retain('Marked');
    await backUp();
    const [id = ''] = ids;
    const marked = await environment.vault.table('account').at(id, Number.MAX_SAFE_INTEGER);
    expect(marked).toMatchObject({ op: 'put', values: { msft_datastate: 1 } });
    await world.letPass(2 * hourMs);
    const result = await backUp();
    expect(await reasons('account', ids)).toEqual(['retained']);
    expect(alertsOf(result)).toEqual([]);
    expect(result.snapshot?.tables['account']?.captured).toMatchObject({ gone: many, deleted: 0 });
    const { plan } = await planRestore(
      environment,
      { table: 'account', id, overwrite: false },
      { kind: 'operator', name: 'test' },
    );
    expect(plan.sideEffects[0]).toContain('moved it to long-term retention');
    const row = plan.rows.find((one) => one.id === id);
    expect(row?.columns.map(({ name }) => name)).not.toContain('msft_datastate');
  });

  test('are told from those that somebody deleted meanwhile', async () => {
    const taken = await createAccounts('Marked too');
    const deleted = await createAccounts('Deleted by hand');
    await backUp();
    await retain('Marked too');
    await backUp();
    await world.letPass(2 * hourMs);
    await remove(deleted);
    const result = await backUp();
    expect(await reasons('account', taken)).toEqual(['retained']);
    expect(await reasons('account', deleted)).toEqual(['deleted']);
    expect(result.snapshot?.alerts).toMatchObject([{ code: 'many-deleted', figures: { rows: many } }]);
    const plan = (body: Parameters<typeof planRestore>[1]) =>
      planRestore(environment, body, { kind: 'operator', name: 'test' });
    const planned = await plan({ table: 'account', id: deleted[0] ?? '', overwrite: false });
    expect(planned.plan.sideEffects.join()).not.toContain('retention');
  });

  test('are known by the run that took them where they were marked and moved between two backups', async () => {
    const ids = await createAccounts('Between');
    await backUp();
    await retain('Between');
    await world.letPass(2 * hourMs);
    const result = await backUp();
    expect(await reasons('account', ids)).toEqual(['retained']);
    expect(alertsOf(result)).toEqual([]);
  });

  test('hide no deletes: when more are gone than the run took, all of them count as deleted', async () => {
    const ids = [...(await createAccounts('Between too')), ...(await createAccounts('By hand', 1))];
    await backUp();
    await retain('Between too');
    await world.letPass(2 * hourMs);
    await remove(ids.slice(-1));
    const result = await backUp();
    expect(await reasons('account', ids)).toEqual(['deleted']);
    expect(alertsOf(result)).toEqual(['many-deleted']);
  });

  test('hide no deletes that come after a run whose rows are in the vault', async () => {
    const deleted = await createAccounts('Later by hand');
    await createAccounts('Before that');
    await backUp();
    await retain('Before that');
    await world.letPass(2 * hourMs);
    await backUp();
    await world.letPass(2000);
    await remove(deleted);
    const result = await backUp();
    expect(await reasons('account', deleted)).toEqual(['deleted']);
    expect(alertsOf(result)).toEqual(['many-deleted']);
  });

  test('count as deleted where the runs may not be read, with a warning', async () => {
    const ids = await createAccounts('Unseen');
    await backUp();
    await retain('Unseen');
    await world.letPass(2 * hourMs);
    refused = /retentionoperations\?/;
    const result = await backUp();
    expect(await reasons('account', ids)).toEqual(['deleted']);
    const account = result.tables.find(({ table }) => table === 'account');
    expect(account).toMatchObject({
      status: 'complete',
      warnings: [expect.stringContaining('retention runs could not be read')],
    });
  });

  test('are found by a full read as well', async () => {
    const [row] = (await world.outsider.get('demo_journals?$select=demo_journalid'))['value'] as {
      demo_journalid: string;
    }[];
    await backUp();
    await world.outsider.send('POST', 'retentionconfigs', { name: 'all', entitylogicalname: 'demo_journal' });
    await world.outsider.get('WhoAmI');
    await world.letPass(2 * hourMs);
    await backUp();
    expect(await reasons('demo_journal', [row?.demo_journalid ?? ''])).toEqual(['retained']);
  });
});

describe('elastic rows whose time to live is over', () => {
  const keyOf = (name: string) => `${idFrom(name)}|${name}`;

  async function createReadings(names: readonly string[], ttlinseconds: number | null): Promise<string[]> {
    for (const name of names) {
      const row = { demo_readingid: idFrom(name), partitionid: name, demo_name: name, ttlinseconds };
      await world.outsider.send('POST', 'demo_readings', row);
    }
    return names.map(keyOf);
  }

  test('have expired, and are no deletes', async () => {
    const ended = await createReadings(['a1', 'a2', 'a3', 'a4'], 3600);
    const lasting = await createReadings(['a5'], 100 * 3600);
    await backUp();
    await world.letPass(2 * hourMs);
    const result = await backUp();
    expect(await reasons('demo_reading', ended)).toEqual(['expired']);
    expect(await reasons('demo_reading', lasting)).toEqual(['put']);
    expect(alertsOf(result)).toEqual([]);
    expect(result.snapshot?.tables['demo_reading']?.captured).toMatchObject({ gone: 4, deleted: 0 });
  });

  test('are told from rows that had time left, or no end, when somebody deleted them', async () => {
    const names = ['b1', 'b2', 'b3'];
    const deleted = await createReadings(names, 3 * 3600);
    const endless = await createReadings(['b4'], null);
    const ended = await createReadings(['b5'], 1800);
    await backUp();
    await world.letPass(hourMs);
    for (const name of [...names, 'b4'])
      await world.outsider.send(
        'DELETE',
        `demo_readings(demo_readingid=${idFrom(name)},partitionid='${name}')`,
      );
    const result = await backUp();
    expect(await reasons('demo_reading', [...deleted, ...endless])).toEqual(['missing']);
    expect(await reasons('demo_reading', ended)).toEqual(['expired']);
    expect(result.snapshot?.alerts).toMatchObject([{ code: 'many-deleted', figures: { rows: 4 } }]);
  });
});

const idFrom = (name: string): string =>
  `${Buffer.from(name).toString('hex')}0000-0000-4000-8000-000000000001`;

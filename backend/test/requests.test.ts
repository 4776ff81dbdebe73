import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packSolution } from '@rowback/solution';
import { Outsider, type RawRow } from '../demo/outsider.ts';
import { startRequests, type Requests } from '../src/control/index.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import { requestResult, type RequestInput, type RequestResult } from '../src/jobs/contract.ts';
import type { Caller, Environment } from '../src/jobs/environment.ts';
import { compareVersions, recordHistory } from '../src/jobs/records.ts';
import { planRestore, runRestore } from '../src/jobs/restores.ts';
import { startWorld, type OpenedWorld, type World } from './support/world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let world: World;
let opened: OpenedWorld;
let environment: Environment;
let requests: Requests;
let people: Map<string, RawRow>;
const problems: unknown[] = [];

beforeAll(async () => {
  world = await startWorld([], 'memory');
  const zip = await packSolution({
    sourceFolder: `${root}solution/src`,
    controlFolder: `${root}pcf-control/out/controls/RecordHistory`,
    managed: false,
  });
  await world.outsider.send('POST', 'ImportSolution', {
    OverwriteUnmanagedCustomizations: true,
    PublishWorkflows: true,
    CustomizationFile: Buffer.from(zip).toString('base64'),
    ImportJobId: '7b0d5d0a-5a3b-4e1c-9a53-0f6c7d1e2b34',
  });
  people = new Map((await list('systemusers')).map((user) => [String(user['fullname']), user]));
  opened = await world.open();
  environment = opened.environment;
  await backUpNow(environment, { trigger: 'manual' });
  requests = startRequests({
    environment,
    busyMs: 50,
    idleMs: 200,
    onError: (error) => problems.push(error),
  });
}, 300_000);
afterAll(async () => {
  await requests?.stop();
  await opened?.close();
  await world?.stop();
});

async function list(path: string, as = world.outsider): Promise<RawRow[]> {
  return (await as.get(path))['value'] as RawRow[];
}

function person(name: string): RawRow {
  const found = people.get(name);
  if (found === undefined)
    throw new Error(`the demo environment has no ${name}: ${[...people.keys()].join()}`);
  return found;
}

const callerOf = (name: string): Caller => ({
  kind: 'user',
  systemuserid: String(person(name)['systemuserid']),
});

async function signIn(name: string): Promise<Outsider> {
  const url = environment.url;
  const response = await fetch(`${url}/_simulator/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: person(name)['systemuserid'] }),
  });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null || !('access_token' in answer))
    throw new Error('no token');
  return new Outsider(url, String(answer.access_token));
}

const kinds = {
  history: 714200000,
  compare: 714200001,
  plan: 714200002,
  restore: 714200003,
  undo: 714200004,
};

/** As the form's control does it: one row made, then read until it has an answer. */
async function ask(
  as: Outsider,
  row: { table: string; id: string },
  input: RequestInput | { kind: RequestInput['kind'] },
  more: Record<string, unknown> = {},
): Promise<RequestResult> {
  const response = await as.send('POST', 'rowback_requests', {
    rowback_name: `${input.kind} ${row.table}`,
    rowback_kind: kinds[input.kind],
    rowback_targettable: row.table,
    rowback_targetid: row.id,
    rowback_environmentid: environment.environmentId,
    rowback_input: JSON.stringify(input),
    ...more,
  });
  requests.wake();
  const path = String(response.headers.get('odata-entityid')).replace(/^.*\/v9\.2\//, '');
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await world.outsider.get(path);
    if (['714200001', '714200002'].includes(String(answer['rowback_requeststatus'])))
      return requestResult.parse(JSON.parse(String(answer['rowback_result'])));
    await sleep(200);
  }
  throw new Error(`no answer: ${JSON.stringify(problems.map(String))}`);
}

const unitOf = (name: string): string => String(person(name)['_businessunitid_value']);

describe('request rows', () => {
  test('take a person from the history to a restore and its undo', async () => {
    const dana = await signIn('Dana Okafor');
    const [account] = await list('accounts?$filter=statecode eq 0&$top=1&$orderby=name');
    const row = { table: 'account', id: String(account?.['accountid']) };
    await dana.send('PATCH', `accounts(${row.id})`, { telephone1: '000' }, { 'if-match': '*' });

    const history = await ask(dana, row, { kind: 'history' });
    if (!history.ok || history.kind !== 'history') throw new Error(JSON.stringify(history));
    const version = history.data.versions[0]?.version ?? '';
    const compared = await ask(dana, row, { kind: 'compare', from: version, to: 'live' });
    if (!compared.ok || compared.kind !== 'compare') throw new Error(JSON.stringify(compared));
    expect(
      compared.data.columns.filter(({ change }) => change === 'changed').map(({ name }) => name),
    ).toContain('telephone1');

    const planned = await ask(dana, row, {
      kind: 'plan',
      version,
      columns: ['telephone1'],
      overwrite: false,
    });
    if (!planned.ok || planned.kind !== 'plan') throw new Error(JSON.stringify(planned));
    const restored = await ask(dana, row, { kind: 'restore', restoreId: planned.data.id });
    expect(restored).toMatchObject({ ok: true, data: { status: 'done' } });
    const after = await world.outsider.get(`accounts(${row.id})?$select=telephone1,_modifiedby_value`);
    expect(after).toMatchObject({
      telephone1: account?.['telephone1'],
      _modifiedby_value: person('Dana Okafor')['systemuserid'],
    });

    const told = await list(`rowback_restores?$filter=rowback_restorekey eq '${planned.data.id}'`);
    expect(
      told.map((one) => [String(one['rowback_restorestatus']), String(one['rowback_restored'])]),
    ).toEqual([['714200002', '1']]);

    const undone = await ask(dana, row, { kind: 'undo', restoreId: planned.data.id });
    expect(undone).toMatchObject({ ok: true, data: { status: 'done' } });
    expect((await world.outsider.get(`accounts(${row.id})?$select=telephone1`))['telephone1']).toBe('000');
    expect(problems).toEqual([]);
  }, 120_000);

  test('of another environment, of another kind than they say, or malformed are answered with a code', async () => {
    const dana = await signIn('Dana Okafor');
    const row = { table: 'account', id: '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34' };
    const history = { kind: 'history' } as const;
    const elsewhere = { rowback_environmentid: '00000000-0000-4000-8000-000000000000' };
    expect(await ask(dana, row, history, elsewhere)).toMatchObject({
      ok: false,
      error: { code: 'request-other-environment' },
    });
    expect(await ask(dana, row, { kind: 'plan' })).toMatchObject({
      ok: false,
      error: { code: 'request-malformed' },
    });
    expect(await ask(dana, row, history)).toMatchObject({
      ok: false,
      error: { code: 'record-not-in-backup' },
    });
    expect(await ask(dana, { ...row, table: 'nothing' }, history)).toMatchObject({
      ok: false,
      error: { code: 'table-unknown' },
    });
  }, 120_000);
});

describe('a person without rights', () => {
  const seller = 'Søren Kjær';

  test('sees no history of a row that Dataverse does not let them read, live or deleted', async () => {
    const filter = `?$filter=_owningbusinessunit_value ne ${unitOf(seller)}&$top=1`;
    const [foreign] = await list(`accounts${filter}`);
    const of = { table: 'account', id: String(foreign?.['accountid']) };
    await expect(recordHistory(environment, of, callerOf(seller))).rejects.toMatchObject({
      code: 'not-allowed',
    });
    await world.outsider.send('DELETE', `accounts(${of.id})`);
    await expect(recordHistory(environment, of, callerOf(seller))).rejects.toMatchObject({
      code: 'not-allowed',
    });
    const plan = { ...of, overwrite: false };
    await expect(planRestore(environment, plan, callerOf(seller))).rejects.toMatchObject({
      code: 'not-allowed',
    });
  });

  test('brings back a deleted row of their own business unit, under their own rights', async () => {
    const filter = `?$filter=_owningbusinessunit_value eq ${unitOf(seller)}&$top=1`;
    const [own] = await list(`accounts${filter}`);
    const id = String(own?.['accountid']);
    await world.outsider.send('DELETE', `accounts(${id})`);
    const planned = await planRestore(
      environment,
      { table: 'account', id, overwrite: false },
      callerOf(seller),
    );
    expect(planned.plan.sideEffects.join(' ')).toContain('Created on will differ');
    await expect(runRestore(environment, planned.plan.id, callerOf('Dana Okafor'))).rejects.toMatchObject({
      code: 'not-your-plan',
    });
    const done = await runRestore(environment, planned.plan.id, callerOf(seller));
    const [row] = done.result?.rows ?? [];
    expect(row).toMatchObject({ kind: 'restored', table: 'account' });
    const back = await world.outsider.get(`accounts(${id})?$select=name,_createdby_value`);
    expect(back).toMatchObject({ name: own?.['name'], _createdby_value: person(seller)['systemuserid'] });
  }, 60_000);

  test('never sees a column that column security hides, while who may read it does', async () => {
    const outside = 'Mira Falk';
    const filter = `?$filter=_owningbusinessunit_value eq ${unitOf(outside)} and demo_secret ne null&$top=1`;
    const [sample] = await list(`demo_samples${filter}`);
    const row = { table: 'demo_sample', id: String(sample?.['demo_sampleid']) };
    const sides = { ...row, from: 'latest', to: 'live' };
    const theirs = await compareVersions(environment, sides, callerOf(outside));
    expect(theirs.columns.map(({ name }) => name)).not.toContain('demo_secret');
    expect(JSON.stringify(theirs)).not.toContain(String(sample?.['demo_secret']));
    const plan = { ...row, columns: ['demo_secret'], overwrite: false };
    await expect(planRestore(environment, plan, callerOf(outside))).rejects.toMatchObject({
      code: 'column-unknown',
    });
    const all = await compareVersions(environment, sides, { kind: 'operator', name: 'test' });
    expect(all.columns.find(({ name }) => name === 'demo_secret')?.to).toMatchObject({ captured: true });
  });

  test('sees no name of a row that they may not read, and nothing at all of a plan once they may not read its row', async () => {
    const outside = 'Mira Falk';
    const own = `_owningbusinessunit_value eq ${unitOf(outside)}`;
    const [account] = await list(`accounts?$filter=${own} and statecode eq 0&$top=1&$orderby=name`);
    const [contact] = await list(`contacts?$filter=_owningbusinessunit_value ne ${unitOf(outside)}&$top=1`);
    const row = { table: 'account', id: String(account?.['accountid']) };
    const point = { 'primarycontactid@odata.bind': `/contacts(${String(contact?.['contactid'])})` };
    await world.outsider.send('PATCH', `accounts(${row.id})`, point, { 'if-match': '*' });
    await backUpNow(environment, { trigger: 'manual' });
    const change = { telephone1: '555' };
    await world.outsider.send('PATCH', `accounts(${row.id})`, change, { 'if-match': '*' });
    const sides = { ...row, from: 'latest', to: 'live' };
    const name = String(contact?.['fullname']);
    const theirs = await compareVersions(environment, sides, callerOf(outside));
    expect(JSON.stringify(theirs)).toContain(String(contact?.['contactid']));
    expect(JSON.stringify(theirs)).not.toContain(name);
    const operator = { kind: 'operator', name: 'test' } as const;
    expect(JSON.stringify(await compareVersions(environment, sides, operator))).toContain(name);

    const planned = await planRestore(environment, { ...row, overwrite: false }, callerOf(outside));
    expect(JSON.stringify(planned)).not.toContain(name);
    const done = await runRestore(environment, planned.plan.id, callerOf(outside));
    expect(done.status).toBe('done');
    const foreigner = String(contact?.['_ownerid_value']);
    const away = { 'ownerid@odata.bind': `/systemusers(${foreigner})` };
    await world.outsider.send('PATCH', `accounts(${row.id})`, away, { 'if-match': '*' });
    await expect(runRestore(environment, planned.plan.id, callerOf(outside))).rejects.toMatchObject({
      code: 'not-allowed',
    });
  }, 60_000);

  test('who is disabled gets nothing', async () => {
    const [account] = await list('accounts?$top=1');
    const of = { table: 'account', id: String(account?.['accountid']) };
    await expect(recordHistory(environment, of, callerOf('Ines Duarte'))).rejects.toMatchObject({
      code: 'user-disabled',
    });
  });

  test('and every look is in the audit log', async () => {
    const actions: string[] = [];
    for await (const { entry } of environment.vault.readAudit())
      actions.push(String((entry as { action: string }).action));
    expect(new Set(actions)).toEqual(
      new Set(['history', 'compare', 'plan', 'plan-undo', 'restore', 'restore-done', 'restore-partly']),
    );
  });
});

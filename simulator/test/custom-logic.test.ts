import { startClient, type Answer, type Client } from './support/client.ts';
import { user } from './support/rows.ts';

let client: Client;
let mira: Client;
beforeAll(async () => {
  client = await startClient();
  mira = await client.as('mira.falk@lindqvist.example');
});
afterAll(() => client.close());
afterEach(async () => {
  for (const hook of await hooks()) await endpoint('DELETE', `/${hook.id}`);
});

interface Shown {
  readonly id: string;
  readonly runs: number;
  readonly failures: number;
}

const FULL = { Prefer: 'return=representation' };

function endpoint(method: string, path = '', body?: unknown): Promise<Answer> {
  return client.call(
    method,
    `${client.server.url}/_simulator/hooks${path}`,
    body === undefined ? {} : { body },
  );
}

async function hooks(): Promise<readonly Shown[]> {
  return (await endpoint('GET')).json.value;
}

async function add(hook: Record<string, unknown>): Promise<string> {
  const answer = await endpoint('POST', '', hook);
  expect(answer.status).toBe(201);
  return answer.json.id;
}

/** How often the hook has run, after everything that waits has been done. */
async function runs(id: string): Promise<number> {
  client.advance(60_000);
  await client.get('WhoAmI');
  return (await hooks()).find((hook) => hook.id === id)?.runs ?? -1;
}

test('a synchronous plug-in refuses with its own text and 0x80040265, and the write is undone', async () => {
  await add({ table: 'account', message: 'Create', name: 'Credit check', refuse: 'No credit, no account.' });
  const accountid = 'cccccccc-0000-4000-8000-000000000001';
  const answer = await client.post(
    'accounts',
    { accountid, name: 'x' },
    { Prefer: 'odata.include-annotations="*"' },
  );
  expect(answer).toMatchObject({ status: 400, code: '0x80040265' });
  expect(answer.json.error.message).toBe('No credit, no account.');
  expect(answer.json.error['@Microsoft.PowerApps.CDS.ErrorDetails.Plugin.ExceptionFromPluginExecute']).toBe(
    'Credit check',
  );
  expect((await client.get(`accounts(${accountid})`)).status).toBe(404);
});

test('a plug-in before the write changes what is written; one after it writes other rows', async () => {
  await add({ table: 'account', message: 'Create', stage: 'before', set: { fax: 'from the plug-in' } });
  await add({
    table: 'account',
    message: 'Create',
    create: {
      table: 'task',
      values: { subject: 'for {id}', 'regardingobjectid_account_task@odata.bind': '/accounts({id})' },
    },
  });
  const { json } = await client.post('accounts', { name: 'x', fax: 'mine' }, FULL);
  expect(json.fax).toBe('from the plug-in');
  const tasks = await client.get(`accounts(${json.accountid})/Account_Tasks?$select=subject`);
  expect(tasks.json.value).toMatchObject([{ subject: `for ${json.accountid}` }]);
});

test('asynchronous plug-ins and flows run after the answer, on the clock, and may write back', async () => {
  const later = await add({ table: 'account', message: 'Create', stage: 'later' });
  const flow = await add({ table: 'account', message: 'Create', kind: 'flow', set: { telephone1: 'flow' } });
  const { json } = await client.post('accounts', { name: 'x' }, FULL);
  const seen = async () =>
    (await client.get(`accounts(${json.accountid})?$select=telephone1`)).json.telephone1;
  expect(await seen()).toBeNull();
  expect(await runs(later)).toBe(1);
  expect(await runs(flow)).toBe(1);
  expect(await seen()).toBe('flow');
});

test('a rolled back write starts nothing later', async () => {
  const flow = await add({ table: 'account', message: 'Create', kind: 'flow' });
  const type = { '@odata.type': 'Microsoft.Dynamics.CRM.account' };
  const Targets = [
    { ...type, name: 'a' },
    { ...type, nope: 1 },
  ];
  expect((await client.post('accounts/Microsoft.Dynamics.CRM.CreateMultiple', { Targets })).status).toBe(400);
  expect(await runs(flow)).toBe(0);
});

test('CustomSync, CustomAsync and the expander header each leave out their own kind', async () => {
  const sync = await add({ table: 'account', message: 'Update' });
  const later = await add({ table: 'account', message: 'Update', stage: 'later' });
  const flow = await add({ table: 'account', message: 'Update', kind: 'flow' });
  const all = async () => [await runs(sync), await runs(later), await runs(flow)];
  const { json } = await client.post('accounts', { name: 'x' }, FULL);
  const write = (headers: Record<string, string>) =>
    client.patch(`accounts(${json.accountid})`, { name: 'y' }, headers);
  await write({ 'MSCRM.BypassBusinessLogicExecution': 'CustomSync' });
  expect(await all()).toEqual([0, 1, 1]);
  await write({ 'MSCRM.BypassBusinessLogicExecution': 'CustomSync,CustomAsync' });
  expect(await all()).toEqual([0, 1, 2]);
  await write({ 'MSCRM.SuppressCallbackRegistrationExpanderJob': 'true' });
  expect(await all()).toEqual([1, 2, 2]);
  await write({ 'MSCRM.BypassCustomPluginExecution': 'true' });
  expect(await all()).toEqual([1, 3, 3]);
  await write({ 'MSCRM.BypassBusinessLogicExecutionStepIds': `${sync},${later}` });
  expect(await all()).toEqual([1, 3, 4]);
  const four = { 'MSCRM.BypassBusinessLogicExecutionStepIds': [sync, sync, sync, sync].join(',') };
  expect(await write(four)).toMatchObject({ status: 400, code: '0x80040203' });
});

test('bypassing needs its privilege: 403 without, even where no logic would run; flows need none', async () => {
  const { json } = await mira.post('accounts', { name: 'of Mira' }, FULL);
  const write = (headers: Record<string, string>) =>
    mira.patch(`accounts(${json.accountid})`, { name: 'y' }, headers);
  for (const headers of [
    { 'MSCRM.BypassBusinessLogicExecution': 'CustomSync' },
    { 'MSCRM.BypassBusinessLogicExecutionStepIds': json.accountid },
    { 'MSCRM.BypassCustomPluginExecution': 'true' },
  ])
    expect(await write(headers)).toMatchObject({ status: 403, code: '0x80040220' });
  expect((await write({ 'MSCRM.SuppressCallbackRegistrationExpanderJob': 'true' })).status).toBe(204);
});

test('logic of solutions of Microsoft, and what logic itself writes, is not bypassed', async () => {
  const theirs = await add({ table: 'account', message: 'Create', microsoft: true });
  const nested = await add({ table: 'task', message: 'Create' });
  const own = await add({
    table: 'account',
    message: 'Create',
    microsoft: true,
    create: { table: 'task', values: { subject: 's' } },
  });
  await client.post(
    'accounts',
    { name: 'x' },
    { 'MSCRM.BypassBusinessLogicExecution': 'CustomSync,CustomAsync' },
  );
  expect([await runs(theirs), await runs(own), await runs(nested)]).toEqual([1, 1, 1]);
});

test('an update of state together with other columns runs the logic of updates twice', async () => {
  const all = await add({ table: 'account', message: 'Update' });
  const named = await add({ table: 'account', message: 'Update', columns: ['statecode'] });
  const { json } = await client.post('accounts', { name: 'x' }, FULL);
  await client.patch(`accounts(${json.accountid})`, { name: 'y', statecode: 1, statuscode: 2 });
  expect([await runs(all), await runs(named)]).toEqual([2, 1]);
});

test('logic runs for deletes, those of cascade too, and for links from either end', async () => {
  const deleted = await add({ table: 'task', message: 'Delete' });
  const linked = await add({ table: 'contact', message: 'Associate' });
  const { json: account } = await client.post('accounts', { name: 'x' }, FULL);
  await client.post('tasks', {
    subject: 't',
    'regardingobjectid_account_task@odata.bind': `/accounts(${account.accountid})`,
  });
  await client.delete(`accounts(${account.accountid})`);
  expect(await runs(deleted)).toBe(1);
  const { json: event } = await client.post('demo_events', { demo_name: 'E' }, FULL);
  const { json: contact } = await client.post('contacts', { lastname: 'C' }, FULL);
  await client.post(`demo_events(${event.demo_eventid})/demo_event_contact/$ref`, {
    '@odata.id': `contacts(${contact.contactid})`,
  });
  expect(await runs(linked)).toBe(1);
});

test('logic that starts itself ends after eight steps with 0x80044182', async () => {
  const own = await add({ table: 'account', message: 'Update', set: { fax: 'again' } });
  const { json } = await client.post('accounts', { name: 'x' }, FULL);
  expect(await client.patch(`accounts(${json.accountid})`, { name: 'y' })).toMatchObject({
    code: '0x80044182',
  });
  expect(await runs(own)).toBe(9);
});

test.each([
  ['no table', { message: 'Create' }],
  ['an unknown message', { table: 'account', message: 'Merge' }],
  ['a synchronous flow', { table: 'account', message: 'Create', kind: 'flow', stage: 'after' }],
  ['two effects', { table: 'account', message: 'Create', refuse: 'x', set: {} }],
])('no hook: %s', async (_name, body) => {
  expect((await endpoint('POST', '', body)).status).toBe(400);
});

test('without the privilege the header may also be ignored', async () => {
  client.server.environment.switches = {
    ...client.server.environment.switches,
    bypassWithoutRight: 'ignored',
  };
  const sync = await add({ table: 'account', message: 'Create' });
  const answer = await mira.post('accounts', { name: 'x' }, { 'MSCRM.BypassCustomPluginExecution': 'true' });
  expect(answer.status).toBe(204);
  expect(await runs(sync)).toBe(1);
});

test('a child that is assigned along with its parent is updated for custom logic too, which may refuse', async () => {
  const { accountid } = (await client.post('accounts', { name: 'parent' }, FULL)).json;
  const task = { subject: 'child', 'regardingobjectid_account_task@odata.bind': `/accounts(${accountid})` };
  const { activityid } = (await client.post('tasks', task, FULL)).json;
  const seen = await add({ table: 'task', message: 'Update', columns: ['ownerid'] });
  const other = await add({ table: 'task', message: 'Update', columns: ['subject'] });
  const set = { description: 'assigned' };
  await add({ table: 'task', message: 'Update', columns: ['ownerid'], stage: 'before', set });
  const owner = { 'ownerid@odata.bind': `/systemusers(${user(client, 'mira.falk').id})` };
  expect((await client.patch(`accounts(${accountid})`, owner)).status).toBe(204);
  expect([await runs(seen), await runs(other)]).toEqual([1, 0]);
  expect((await client.get(`tasks(${activityid})`)).json.description).toBe('assigned');
  await add({ table: 'task', message: 'Update', columns: ['ownerid'], refuse: 'Tasks stay.' });
  const back = { 'ownerid@odata.bind': `/systemusers(${user(client, 'teo.marchetti').id})` };
  expect((await client.patch(`accounts(${accountid})`, back)).code).toBe('0x80040265');
  expect((await client.get(`accounts(${accountid})`)).json._ownerid_value).toBe(user(client, 'mira.falk').id);
});

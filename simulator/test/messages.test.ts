import { startClient, type Client } from './support/client.ts';
import { create, guids, settle, user } from './support/rows.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const newGuid = guids('ffffffff');
const type = { '@odata.type': 'Microsoft.Dynamics.CRM.account' };
const bulk = (
  message: string,
  Targets: readonly object[],
  headers: Record<string, string> = {},
  set = 'accounts',
) => client.post(`${set}/Microsoft.Dynamics.CRM.${message}`, { Targets }, headers);

test('sdkmessagefilters tells which tables take bulk messages; upserts of standard tables have no row [W10]', async () => {
  const ask = async (message: string, table: string) => {
    const query = `$select=sdkmessagefilterid&$filter=sdkmessageid/name eq @message and primaryobjecttypecode eq @table`;
    const { json } = await client.get(`sdkmessagefilters?${query}&@message='${message}'&@table='${table}'`);
    return json.value.length;
  };
  expect(await ask('CreateMultiple', 'account')).toBe(1);
  expect(await ask('UpdateMultiple', 'demo_sample')).toBe(1);
  expect(await ask('UpsertMultiple', 'account')).toBe(0);
  expect(await ask('CreateMultiple', 'team')).toBe(0);
});

test.each(['teams', 'queues'])('%s have no bulk messages: 400 0x80040800 [W10]', async (set) => {
  const table = client.server.environment.schema.tableOfSet(set)!.logicalName;
  const target = { '@odata.type': `Microsoft.Dynamics.CRM.${table}`, name: 'x' };
  expect(await bulk('CreateMultiple', [target], {}, set)).toMatchObject({ status: 400, code: '0x80040800' });
});

test('ids come in the order of the targets; the first refusal undoes all and does not say which row [W10]', async () => {
  const ids = [newGuid(), newGuid(), newGuid()];
  const made = await bulk(
    'CreateMultiple',
    ids.map((accountid) => ({ ...type, accountid, name: 'm' })),
  );
  expect(made.json.Ids).toEqual(ids);
  const fresh = newGuid();
  const failed = await bulk('CreateMultiple', [
    { ...type, accountid: fresh, name: 'x' },
    { ...type, name: 'y'.repeat(200) },
  ]);
  expect(failed).toMatchObject({ status: 400, code: '0x80044331' });
  expect(failed.text).not.toContain(fresh);
  expect((await client.get(`accounts(${fresh})`)).status).toBe(404);
  expect(
    await bulk('UpdateMultiple', [
      { ...type, accountid: ids[0], name: 'n' },
      { ...type, accountid: fresh },
    ]),
  ).toMatchObject({
    status: 404,
    code: '0x80040217',
  });
  expect((await client.get(`accounts(${ids[0]})?$select=name`)).json.name).toBe('m');
});

test('each target names its type; a whole request acts for one user [W10]', async () => {
  expect(await bulk('CreateMultiple', [{ name: 'x' }])).toMatchObject({ status: 400, code: '0x80048d19' });
  const { id } = user(client, 'mira.falk');
  const { json } = await bulk(
    'CreateMultiple',
    [
      { ...type, name: 'a' },
      { ...type, name: 'b' },
    ],
    { MSCRMCallerID: id },
  );
  for (const one of json.Ids)
    expect((await client.get(`accounts(${one})?$select=_createdby_value`)).json._createdby_value).toBe(id);
});

test('UpsertMultiple by alternate key; the key in the body too is refused when the row is new [W10]', async () => {
  const sample = {
    '@odata.type': 'Microsoft.Dynamics.CRM.demo_sample',
    '@odata.id': "demo_samples(demo_code='UM-1')",
  };
  const upsert = (target: object) => bulk('UpsertMultiple', [target], {}, 'demo_samples');
  expect(await upsert({ ...sample, demo_code: 'UM-1' })).toMatchObject({ status: 400, code: '0x80040216' });
  expect((await upsert({ ...sample, demo_name: 'one' })).status).toBe(204);
  expect((await upsert({ ...sample, demo_name: 'two', demo_code: 'UM-1' })).status).toBe(204);
  expect((await client.get("demo_samples(demo_code='UM-1')?$select=demo_name")).json.demo_name).toBe('two');
});

test('DeleteMultiple is not there for standard tables', async () => {
  const answer = await bulk('DeleteMultiple', [{ ...type, accountid: newGuid() }]);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.json.error.message).toContain('DeleteMultiple has not yet been implemented');
});

test('BulkDelete is a job on the clock that deletes what its queries find, and needs a privilege', async () => {
  const rows = await Promise.all([1, 2, 3].map(() => create(client, 'accounts', { name: 'to be deleted' })));
  const [kept, ...gone] = rows.map((row) => String(row.accountid));
  const body = {
    JobName: 'clean up',
    QuerySet: [
      {
        EntityName: 'account',
        Criteria: {
          FilterOperator: 'And',
          Conditions: [
            {
              AttributeName: 'accountid',
              Operator: 'In',
              Values: gone.map((Value) => ({ Value, Type: 'System.Guid' })),
            },
          ],
        },
      },
    ],
    SendEmailNotification: false,
    ToRecipients: [],
    CCRecipients: [],
    RecurrencePattern: '',
    StartDateTime: '2026-07-01T00:00:00Z',
  };
  const { status, json } = await client.post('BulkDelete', body);
  expect(status).toBe(200);
  const job = async () =>
    (await client.get(`asyncoperations(${json.JobId})?$select=statecode,statuscode`)).json;
  expect(await job()).toMatchObject({ statecode: 0, statuscode: 0 });
  expect((await client.get(`accounts(${gone[0]})`)).status).toBe(200);
  client.advance(1500);
  expect(await job()).toMatchObject({ statecode: 2, statuscode: 20 });
  await settle(client);
  expect(await job()).toMatchObject({ statecode: 3, statuscode: 30 });
  expect((await client.get(`accounts(${gone[0]})`)).status).toBe(404);
  expect((await client.get(`accounts(${kept})`)).status).toBe(200);
  const mira = await client.as('mira.falk@lindqvist.example');
  expect(await mira.post('BulkDelete', body)).toMatchObject({ status: 403, code: '0x80040220' });
});

test('a bulk delete goes on after a row that cannot go, and ends as failed', async () => {
  const { queueid } = await create(client, 'queues', { name: 'busy queue' });
  const { activityid } = await create(client, 'tasks', { subject: 't' });
  await create(client, 'queueitems', {
    'queueid@odata.bind': `/queues(${queueid})`,
    'objectid_task@odata.bind': `/tasks(${activityid})`,
  });
  const idle = (await create(client, 'queues', { name: 'busy queue, not' })).queueid;
  const Conditions = [{ AttributeName: 'name', Operator: 'BeginsWith', Values: ['busy queue'] }];
  const { json } = await client.post('BulkDelete', {
    JobName: 'q',
    QuerySet: [{ EntityName: 'queue', Criteria: { Conditions } }],
  });
  await settle(client);
  const job = await client.get(`asyncoperations(${json.JobId})`);
  expect(job.json).toMatchObject({
    statuscode: 31,
    message: expect.stringMatching(/^1 rows were not deleted\./),
  });
  expect([
    (await client.get(`queues(${queueid})`)).status,
    (await client.get(`queues(${idle})`)).status,
  ]).toEqual([200, 404]);
});

test('autonumber counters: seed, next value, and a value of its own that leaves the counter alone', async () => {
  const counter = { EntityName: 'demo_sample', AttributeName: 'demo_code' };
  expect((await client.post('SetAutoNumberSeed', { ...counter, Value: 70_000 })).status).toBe(204);
  expect((await client.post('GetAutoNumberSeed', counter)).json.AutoNumberSeedValue).toBe(70_000);
  expect((await client.post('GetNextAutoNumberValue', counter)).json.NextAutoNumberValue).toBe(70_000);
  expect((await create(client, 'demo_samples', { demo_name: 'n' })).demo_code).toBe('SMP-70000');
  await create(client, 'demo_samples', { demo_name: 'n', demo_code: 'SMP-99999' });
  expect((await client.post('GetNextAutoNumberValue', counter)).json.NextAutoNumberValue).toBe(70_001);
  expect(
    await client.post('GetNextAutoNumberValue', { ...counter, AttributeName: 'demo_name' }),
  ).toMatchObject({ status: 400 });
});

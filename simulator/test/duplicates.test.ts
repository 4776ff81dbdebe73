import { startClient, type Client } from './support/client.ts';
import { changeTable, create, settle } from './support/rows.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const LOOK = { 'MSCRM.SuppressDuplicateDetection': 'false' };

/** A published rule by which two accounts of the same fax number are duplicates. */
async function publishRule(condition: Record<string, unknown> = {}): Promise<string> {
  const { duplicateruleid } = await create(client, 'duplicaterules', {
    name: 'same fax',
    baseentityname: 'account',
    matchingentityname: 'account',
    excludeinactiverecords: true,
  });
  await create(client, 'duplicateruleconditions', {
    baseattributename: 'fax',
    matchingattributename: 'fax',
    operatorcode: 0,
    ignoreblankvalues: true,
    'regardingobjectid@odata.bind': `/duplicaterules(${duplicateruleid})`,
    ...condition,
  });
  const path = `duplicaterules(${duplicateruleid})/Microsoft.Dynamics.CRM.PublishDuplicateRule`;
  const answer = await client.post(path, {});
  expect(answer).toMatchObject({ status: 200, json: { JobId: expect.any(String) } });
  return duplicateruleid;
}

const unpublish = (DuplicateRuleId: string) => client.post('UnpublishDuplicateRule', { DuplicateRuleId });

test('a rule is published by its message and a job, not by an update', async () => {
  const id = await publishRule();
  const status = async () => (await client.get(`duplicaterules(${id})?$select=statuscode`)).json.statuscode;
  expect(await status()).toBe(1);
  expect(await client.patch(`duplicaterules(${id})`, { statecode: 1 })).toMatchObject({ status: 400 });
  await settle(client);
  expect(await status()).toBe(2);
  const { json } = await client.get(
    "asyncoperations?$filter=startswith(name,'Publish')&$select=statecode,statuscode",
  );
  expect(json.value).toMatchObject([{ statecode: 3, statuscode: 30 }]);
  expect((await unpublish(id)).status).toBe(204);
  expect(await status()).toBe(0);
});

test('duplicates are looked for only when a request asks: 412 0x80040333, on create and on update of such a column', async () => {
  const id = await publishRule();
  await settle(client);
  const first = await create(client, 'accounts', { name: 'one', fax: 'F-1' });
  expect((await client.post('accounts', { name: 'two', fax: 'F-1' })).status).toBe(204);
  expect(await client.post('accounts', { name: 'three', fax: 'f-1' }, LOOK)).toMatchObject({
    status: 412,
    code: '0x80040333',
  });
  const other = await create(client, 'accounts', { name: 'four', fax: 'F-4' }, LOOK);
  const path = `accounts(${other.accountid})`;
  expect(await client.patch(path, { fax: 'F-1' }, LOOK)).toMatchObject({ status: 412, code: '0x80040333' });
  expect((await client.patch(`accounts(${first.accountid})`, { name: 'still one' }, LOOK)).status).toBe(204);
  expect((await client.post('accounts', { name: 'without' }, LOOK)).status).toBe(204);
  await unpublish(id);
  expect((await client.post('accounts', { name: 'five', fax: 'F-1' }, LOOK)).status).toBe(204);
});

test('the refusal of a duplicate rule may also be a 500', async () => {
  const id = await publishRule({ operatorcode: 1, operatorparam: 3 });
  await settle(client);
  await create(client, 'accounts', { name: 'one', fax: 'ABC-1' });
  const { environment } = client.server;
  environment.switches = { ...environment.switches, duplicateRuleRefusal: 500 };
  const answer = await client.post('accounts', { name: 'two', fax: 'ABCDEF' }, LOOK);
  environment.switches = { ...environment.switches, duplicateRuleRefusal: 412 };
  expect(answer).toMatchObject({ status: 500, code: '0x80040333' });
  await unpublish(id);
});

test('RetrieveDuplicates names the rows that a rule finds', async () => {
  const id = await publishRule();
  await settle(client);
  const { accountid } = await create(client, 'accounts', { name: 'asked', fax: 'R-1' });
  const ask = (entity: string) =>
    client.get(
      `RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)?@p1=${entity}&@p2='account'&@p3={'PageNumber':1,'Count':50}`,
    );
  const ofNew = await ask("{'@odata.type':'Microsoft.Dynamics.CRM.account','fax':'R-1'}");
  expect(ofNew.json.value).toMatchObject([{ accountid, name: 'asked' }]);
  const ofRow = await ask(`{'@odata.type':'Microsoft.Dynamics.CRM.account','accountid':'${accountid}'}`);
  expect(ofRow.json.value).toEqual([]);
  await unpublish(id);
});

test('a key whose index is not ready yet is no key, and nothing is unique by it', async () => {
  await create(client, 'demo_samples', { demo_name: 'a', demo_code: 'KEY-1' });
  const setStatus = (indexStatus?: 'Pending') =>
    changeTable(client, 'demo_sample', (table) => ({
      ...table,
      keys: table.keys.map(({ indexStatus: _before, ...key }) => ({
        ...key,
        ...(indexStatus === undefined ? {} : { indexStatus }),
      })),
    }));
  setStatus('Pending');
  expect(await client.get("demo_samples(demo_code='KEY-1')")).toMatchObject({
    status: 400,
    code: '0x80060890',
  });
  const keys = await client.get(
    "EntityDefinitions(LogicalName='demo_sample')/Keys?$select=EntityKeyIndexStatus",
  );
  expect(keys.json.value).toMatchObject([{ EntityKeyIndexStatus: 'Pending' }]);
  expect((await client.post('demo_samples', { demo_name: 'b', demo_code: 'KEY-1' })).status).toBe(204);
  setStatus();
});

test('a key with a lookup is written _column_value in the URL, and in a bind', async () => {
  changeTable(client, 'demo_sample', (table) => ({
    ...table,
    keys: [
      ...table.keys,
      {
        logicalName: 'demo_two',
        schemaName: 'demo_Two',
        metadataId: table.metadataId,
        columns: ['demo_accountid', 'demo_count'],
      },
    ],
  }));
  const { accountid } = await create(client, 'accounts', { name: 'A' });
  const key = `demo_samples(_demo_accountid_value=${accountid},demo_count=3)`;
  const made = await client.patch(key, { demo_name: 'by key' });
  expect(made.status).toBe(204);
  expect(made.headers.get('odata-entityid')).toMatch(
    /\/demo_samples\(_demo_accountid_value=.*,demo_count=3\)$/,
  );
  const row = (await client.get(key)).json;
  expect(row).toMatchObject({ demo_name: 'by key', demo_count: 3, _demo_accountid_value: accountid });
  const child = await create(client, 'demo_samples', {
    demo_name: 'child',
    'demo_ParentId@odata.bind': `/${key}`,
  });
  expect(child._demo_parentid_value).toBe(row.demo_sampleid);
  const missing = {
    'demo_ParentId@odata.bind': `/demo_samples(_demo_accountid_value=${accountid},demo_count=9)`,
  };
  expect(await client.post('demo_samples', { demo_name: 'x', ...missing })).toMatchObject({
    status: 404,
    code: '0x80060891',
  });
});

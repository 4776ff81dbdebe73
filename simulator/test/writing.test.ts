import { startClient, type Answer, type Client } from './support/client.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const REPRESENTATION = { Prefer: 'return=representation' };
let counter = 0;
const newGuid = () => `aaaaaaaa-0000-4000-8000-${(++counter).toString(16).padStart(12, '0')}`;

async function create(set: string, body: Record<string, unknown>): Promise<Answer['json']> {
  const answer = await client.post(set, body, REPRESENTATION);
  expect({ status: answer.status, error: answer.json?.error }).toEqual({ status: 201, error: undefined });
  return answer.json;
}

test('create: 204 with OData-EntityId, or 201 with the row and without it [W1]', async () => {
  const accountid = newGuid();
  const plain = await client.post('accounts', { accountid, name: 'A' });
  expect(plain.status).toBe(204);
  expect(plain.headers.get('odata-entityid')).toBe(
    `${client.server.url}/api/data/v9.2/accounts(${accountid})`,
  );
  const full = await client.post('accounts?$select=name', { name: 'B' }, REPRESENTATION);
  expect(full.status).toBe(201);
  expect(full.headers.get('odata-entityid')).toBeNull();
  expect(full.headers.get('preference-applied')).toBe('return=representation');
  expect(full.json.name).toBe('B');
});

test('a primary key that is taken: 412 0x80040237', async () => {
  const { accountid } = await create('accounts', { name: 'A' });
  expect(await client.post('accounts', { accountid, name: 'A' })).toMatchObject({
    status: 412,
    code: '0x80040237',
  });
});

test.each([
  ['a column in the wrong case', { Name: 'x' }, 400, '0x0'],
  ['a lookup as plain value', { primarycontactid: newGuid() }, 400, '0x80060888'],
  ['a lookup as _value', { _primarycontactid_value: newGuid() }, 400, '0x80060888'],
  ['an unknown navigation', { 'PrimaryContactId@odata.bind': `/contacts(${newGuid()})` }, 400, '0x80048d19'],
  [
    'a target that is not there',
    { 'primarycontactid@odata.bind': `/contacts(${newGuid()})` },
    404,
    '0x80040217',
  ],
  ['a text that is too long', { name: 'x'.repeat(161) }, 400, '0x80044331'],
  ['an option that does not exist', { industrycode: 4711 }, 400, '0x8004431a'],
  ['a date before 1753', { lastonholdtime: '1752-12-31T00:00:00Z' }, 400, '0x80040239'],
  ['a text for a number', { numberofemployees: 'many' }, 400, '0x80048d19'],
  ['a number out of range', { numberofemployees: -1 }, 400, '0x8004432f'],
  ['a status of another state', { statuscode: 2 }, 400, '0x80048408'],
])('refused on create: %s [W2]', async (_name, body, status, code) => {
  expect(await client.post('accounts', { name: 'x', ...body })).toMatchObject({ status, code });
});

test('malformed JSON: 400 0x80048d19', async () => {
  const answer = await client.call('POST', 'accounts', {
    raw: '{"name":',
    headers: { 'Content-Type': 'application/json' },
  });
  expect(answer).toMatchObject({ status: 400, code: '0x80048d19' });
});

test('what cannot be written is ignored without a word; statecode is dropped on create [W2]', async () => {
  const row = await create('accounts', {
    name: 'A',
    versionnumber: 1,
    modifiedon: '2001-01-01T00:00:00Z',
    statecode: 1,
  });
  expect(row).toMatchObject({ statecode: 0, statuscode: 1, modifiedon: '2026-07-01T12:00:00Z' });
});

test('overriddencreatedon becomes createdon and then tells the real time of writing [W3]', async () => {
  const row = await create('contacts', { lastname: 'L', overriddencreatedon: '2003-04-05T06:07:08Z' });
  expect(row).toMatchObject({
    createdon: '2003-04-05T06:07:08Z',
    overriddencreatedon: '2026-07-01T12:00:00Z',
  });
  const after = await client.patch(
    `contacts(${row.contactid})`,
    { overriddencreatedon: '1999-01-01T00:00:00Z' },
    REPRESENTATION,
  );
  expect(after.json.createdon).toBe('2003-04-05T06:07:08Z');
});

test('upsert creates, updates or refuses by If-Match, If-None-Match and whether the row is there [W1]', async () => {
  const path = `accounts(${newGuid()})`;
  expect(await client.patch(path, { name: 'x' }, { 'If-Match': '*' })).toMatchObject({
    status: 404,
    code: '0x80040217',
  });
  expect((await client.patch(path, { name: 'x' })).status).toBe(204);
  expect((await client.get(path)).json.name).toBe('x');
  expect(await client.patch(path, { name: 'y' }, { 'If-None-Match': '*' })).toMatchObject({
    status: 412,
    code: '0x80040237',
  });
  expect((await client.patch(path, { name: 'y' }, { 'If-Match': '*', 'If-None-Match': 'null' })).status).toBe(
    204,
  );
  expect((await client.patch(path, { name: 'z' }, REPRESENTATION)).status).toBe(200);
  expect((await client.patch(`accounts(${newGuid()})`, { name: 'z' }, REPRESENTATION)).status).toBe(201);
});

test('an etag guards update and delete: 412 0x80060882 [W15]', async () => {
  const row = await create('accounts', { name: 'A' });
  const path = `accounts(${row.accountid})`;
  const guard = { 'If-Match': row['@odata.etag'] };
  expect((await client.patch(path, { name: 'B' }, guard)).status).toBe(204);
  expect(await client.patch(path, { name: 'C' }, guard)).toMatchObject({ status: 412, code: '0x80060882' });
  expect(await client.delete(path, guard)).toMatchObject({ status: 412, code: '0x80060882' });
  expect((await client.delete(path)).status).toBe(204);
  expect(await client.delete(path)).toMatchObject({ status: 404, code: '0x80040217' });
});

test('state alone brings its default status; a status of another state is refused [W5]', async () => {
  const { accountid } = await create('accounts', { name: 'A' });
  const row = await client.patch(`accounts(${accountid})`, { statecode: 1 }, REPRESENTATION);
  expect(row.json).toMatchObject({ statecode: 1, statuscode: 2 });
  expect(await client.patch(`accounts(${accountid})`, { statuscode: 1 })).toMatchObject({
    status: 400,
    code: '0x80048408',
  });
});

test('an alternate key upsert echoes the key and lets the body win', async () => {
  const first = await client.patch("demo_samples(demo_code='K-1')", { demo_name: 'one' });
  expect(first.status).toBe(204);
  expect(first.headers.get('odata-entityid')).toMatch(/\/demo_samples\(demo_code='K-1'\)$/);
  expect((await client.get("demo_samples(demo_code='k-1')")).json).toMatchObject({
    demo_code: 'K-1',
    demo_name: 'one',
  });
  expect(await client.get("demo_samples(demo_code='K-2')")).toMatchObject({
    status: 404,
    code: '0x80060891',
  });
  expect(await client.get("demo_samples(demo_name='one')")).toMatchObject({
    status: 400,
    code: '0x80060890',
  });
  const taken = await client.post(
    'demo_samples',
    { demo_name: 'two', demo_code: 'K-1' },
    { Prefer: 'odata.include-annotations="*"' },
  );
  expect(taken).toMatchObject({ status: 412, code: '0x80060892' });
  expect(taken.json.error['@Microsoft.PowerApps.CDS.ErrorDetails.DuplicateAttributes']).toBe(
    '<DuplicateAttributes><demo_code>K-1</demo_code></DuplicateAttributes>',
  );
});

test('polymorphic lookups: one navigation per target, setting one clears the other; null clears', async () => {
  const account = await create('accounts', { name: 'A' });
  const contact = await create('contacts', { lastname: 'C' });
  const { demo_sampleid } = await create('demo_samples', {
    demo_name: 's',
    'demo_Customer_account@odata.bind': `accounts(${account.accountid})`,
  });
  const path = `demo_samples(${demo_sampleid})`;
  const annotated = { Prefer: 'return=representation,odata.include-annotations="*"' };
  const url = `${client.server.url}/api/data/v9.2/contacts(${contact.contactid})`;
  const after = await client.patch(path, { 'demo_Customer_contact@odata.bind': url }, annotated);
  expect(after.json['_demo_customer_value@Microsoft.Dynamics.CRM.lookuplogicalname']).toBe('contact');
  expect(
    (await client.get(`${path}?$expand=demo_Customer_account($select=name)`)).json.demo_Customer_account,
  ).toBeNull();
  expect(
    (await client.patch(path, { 'demo_Customer_account@odata.bind': null }, REPRESENTATION)).json
      ._demo_customer_value,
  ).toBeNull();
});

test('one property: PUT, DELETE', async () => {
  const { accountid } = await create('accounts', { name: 'A', description: 'd' });
  expect((await client.call('PUT', `accounts(${accountid})/name`, { body: { value: 'B' } })).status).toBe(
    204,
  );
  expect((await client.delete(`accounts(${accountid})/description`)).status).toBe(204);
  expect((await client.get(`accounts(${accountid})`)).json).toMatchObject({ name: 'B', description: null });
});

test('money: base amounts by the rate of the row; no currency with an amount is refused', async () => {
  const { json } = await client.get("transactioncurrencies?$filter=isocurrencycode eq 'USD'");
  const row = await create('opportunities', {
    name: 'O',
    estimatedvalue: 100,
    'transactioncurrencyid@odata.bind': `/transactioncurrencies(${json.value[0].transactioncurrencyid})`,
  });
  expect(row.estimatedvalue_base).toBe(92.2339051835);
  const cleared = await client.patch(`opportunities(${row.opportunityid})`, {
    'transactioncurrencyid@odata.bind': null,
  });
  expect(cleared).toMatchObject({ status: 400, code: '0x80048cfb' });
});

test('CreateMultiple answers the ids in order; one bad row undoes all [W10]', async () => {
  const type = { '@odata.type': 'Microsoft.Dynamics.CRM.account' };
  const ids = [newGuid(), newGuid()];
  const path = 'accounts/Microsoft.Dynamics.CRM.CreateMultiple';
  const made = await client.post(path, {
    Targets: ids.map((accountid) => ({ ...type, accountid, name: 'm' })),
  });
  expect(made).toMatchObject({ status: 200, json: { Ids: ids } });
  const third = newGuid();
  const failed = await client.post(path, {
    Targets: [
      { ...type, accountid: third },
      { ...type, accountid: ids[0] },
    ],
  });
  expect(failed).toMatchObject({ status: 412, code: '0x80040237' });
  expect((await client.get(`accounts(${third})`)).status).toBe(404);
  const update = { Targets: ids.map((accountid) => ({ ...type, accountid, name: 'n' })) };
  expect((await client.post('accounts/Microsoft.Dynamics.CRM.UpdateMultiple', update)).status).toBe(204);
  const upsert = {
    Targets: [
      { ...type, accountid: third, name: 'u' },
      { ...type, accountid: ids[1], name: 'u' },
    ],
  };
  expect((await client.post('accounts/Microsoft.Dynamics.CRM.UpsertMultiple', upsert)).status).toBe(204);
  expect((await client.get(`accounts(${third})`)).json.name).toBe('u');
});

test('the platform composes full names and address texts', async () => {
  const row = await create('contacts', {
    firstname: 'Ada',
    lastname: 'Byron',
    address1_line1: 'Street 1',
    address1_city: 'Town',
  });
  expect(row).toMatchObject({ fullname: 'Ada Byron', address1_composite: 'Street 1\r\nTown' });
  const { json } = await client.patch(`contacts(${row.contactid})`, { firstname: null }, REPRESENTATION);
  expect(json.fullname).toBe('Byron');
});

test('an opportunity is won by its message, not by PATCH [W5]', async () => {
  const { opportunityid } = await create('opportunities', { name: 'O' });
  const path = `opportunities(${opportunityid})`;
  expect(await client.patch(path, { statecode: 1, statuscode: 3 })).toMatchObject({
    status: 400,
    code: '0x80100005',
  });
  const close = {
    subject: 'won',
    'opportunityid@odata.bind': `/${path}`,
    actualrevenue: 12,
    actualend: '2026-01-02T00:00:00Z',
  };
  expect((await client.post('WinOpportunity', { Status: 3, OpportunityClose: close })).status).toBe(204);
  expect((await client.get(path)).json).toMatchObject({
    statecode: 1,
    statuscode: 3,
    actualclosedate: '2026-01-02',
  });
  expect((await client.patch(path, { statecode: 0, statuscode: 1 })).status).toBe(204);
});

test('every write brings a new etag, also one that changes nothing; reading brings none [W15]', async () => {
  const { accountid, ...row } = await create('accounts', { name: 'A' });
  const etag = async () => (await client.get(`accounts(${accountid})?$select=name`)).json['@odata.etag'];
  const first = await etag();
  expect(first).toBe(row['@odata.etag']);
  await client.patch(`accounts(${accountid})`, { name: 'A' });
  const second = await etag();
  expect(second).not.toBe(first);
  await client.call('PUT', `accounts(${accountid})/name`, { body: { value: 'A' } });
  expect(await etag()).not.toBe(second);
});

test('names are case-sensitive in columns and navigations alike, and only navigations write lookups [W2]', async () => {
  const { contactid } = await create('contacts', { lastname: 'C' });
  const bind = `/contacts(${contactid})`;
  const { accountid } = await create('accounts', { name: 'A', 'primarycontactid@odata.bind': bind });
  for (const [body, code] of [
    [{ Description: 'x' }, '0x0'],
    [{ 'PrimaryContactId@odata.bind': bind }, '0x80048d19'],
    [{ primarycontactid: bind }, '0x80060888'],
  ] as const)
    expect(await client.patch(`accounts(${accountid})`, body)).toMatchObject({ status: 400, code });
  expect(await client.post('Accounts', { name: 'x' })).toMatchObject({ status: 404, code: '0x8006088a' });
});

test('a required column cannot be set to null: 400 0x80040203; a wrong method finds no operation', async () => {
  const { demo_sampleid } = await create('demo_samples', { demo_name: 's' });
  const cleared = await client.patch(`demo_samples(${demo_sampleid})`, { 'ownerid@odata.bind': null });
  expect(cleared).toMatchObject({ status: 400, code: '0x80040203' });
  expect(await client.get('GrantAccess')).toMatchObject({ status: 404, code: '' });
});

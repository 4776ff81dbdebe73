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

test('deep insert makes the rows around it, or none of them', async () => {
  const { accountid } = await create('accounts', {
    name: 'Deep',
    primarycontactid: { lastname: 'First' },
    contact_customer_accounts: [{ lastname: 'Second' }, { lastname: 'Third' }],
  });
  const { json } = await client.get(
    `accounts(${accountid})?$expand=primarycontactid($select=lastname),contact_customer_accounts($select=lastname)`,
  );
  expect(json.primarycontactid.lastname).toBe('First');
  expect(json.contact_customer_accounts.map((one: { lastname: string }) => one.lastname).sort()).toEqual([
    'Second',
    'Third',
  ]);
  const id = newGuid();
  const failed = await client.post('accounts', {
    accountid: id,
    name: 'x',
    contact_customer_accounts: [{ lastname: 'y', nope: 1 }],
  });
  expect(failed.code).toBe('0x0');
  expect((await client.get(`accounts(${id})`)).status).toBe(404);
});

test('$ref sets and clears a lookup from both ends', async () => {
  const { accountid } = await create('accounts', { name: 'A' });
  const { contactid } = await create('contacts', { lastname: 'C' });
  const lookup = async () => (await client.get(`contacts(${contactid})`)).json._parentcustomerid_value;
  const target = { '@odata.id': `accounts(${accountid})` };
  expect(
    (await client.call('PUT', `contacts(${contactid})/parentcustomerid_account/$ref`, { body: target }))
      .status,
  ).toBe(204);
  expect(await lookup()).toBe(accountid);
  expect((await client.delete(`contacts(${contactid})/parentcustomerid_account/$ref`)).status).toBe(204);
  expect(await lookup()).toBeNull();
  const source = { '@odata.id': `${client.server.url}/api/data/v9.2/contacts(${contactid})` };
  expect((await client.post(`accounts(${accountid})/contact_customer_accounts/$ref`, source)).status).toBe(
    204,
  );
  expect(await lookup()).toBe(accountid);
  expect(
    (await client.delete(`accounts(${accountid})/contact_customer_accounts(${contactid})/$ref`)).status,
  ).toBe(204);
  expect(await lookup()).toBeNull();
});

test('N:N: associate, 412 when repeated, disassociate, 404 when repeated, no POST on the intersect [W7]', async () => {
  const { demo_eventid } = await create('demo_events', { demo_name: 'E' });
  const { contactid } = await create('contacts', { lastname: 'C' });
  const path = `demo_events(${demo_eventid})/demo_event_contact`;
  const body = { '@odata.id': `contacts(${contactid})` };
  expect((await client.post(`${path}/$ref`, body)).status).toBe(204);
  expect(await client.post(`${path}/$ref`, body)).toMatchObject({ status: 412, code: '0x80040237' });
  const set = client.server.environment.schema.table('demo_event_contact')!.entitySetName!;
  const rows = await client.get(`${set}?$filter=demo_eventid eq ${demo_eventid}`);
  expect(rows.json.value[0]).toMatchObject({ demo_eventid, contactid });
  expect(await client.post(set, { demo_eventid, contactid })).toMatchObject({
    status: 400,
    code: '0x80040800',
  });
  const remove = `${path}/$ref?$id=${client.server.url}/api/data/v9.2/contacts(${contactid})`;
  expect((await client.delete(remove)).status).toBe(204);
  expect((await client.delete(remove)).status).toBe(404);
});

test('parties come with their activity; the platform adds those for owner and regarding; PUT replaces [W7] [W8]', async () => {
  const { contactid } = await create('contacts', { lastname: 'C', emailaddress1: 'c@example.org' });
  const { accountid } = await create('accounts', { name: 'A' });
  const { activityid } = await create('emails', {
    subject: 'hello',
    'regardingobjectid_account_email@odata.bind': `/accounts(${accountid})`,
    email_activity_parties: [
      { 'partyid_contact@odata.bind': `/contacts(${contactid})`, participationtypemask: 2 },
      { addressused: 'x@example.org', participationtypemask: 2 },
    ],
  });
  const masks = async () => {
    const { json } = await client.get(
      `emails(${activityid})?$select=subject&$expand=email_activity_parties($select=participationtypemask,addressused)`,
    );
    return json.email_activity_parties
      .map((one: { participationtypemask: number }) => one.participationtypemask)
      .sort();
  };
  expect(await masks()).toEqual([2, 2, 8, 9]);
  const value = [{ 'partyid_contact@odata.bind': `/contacts(${contactid})`, participationtypemask: 3 }];
  expect(
    (await client.call('PUT', `emails(${activityid})/email_activity_parties`, { body: { value } })).status,
  ).toBe(204);
  expect(await masks()).toEqual([3, 8, 9]);
  const pointer = await client.get(`activitypointers(${activityid})?$select=subject,activitytypecode`);
  expect(pointer.json).toMatchObject({ subject: 'hello', activitytypecode: 'email' });
  expect(await client.post('activitypointers', { subject: 'x' })).toMatchObject({ code: '0x80040800' });
  expect(await client.post('tasks', { subject: 'x', regardingobjectid: accountid })).toMatchObject({
    code: '0x80060888',
  });
});

test('delete: Cascade children go, RemoveLink children lose the lookup and get a new etag [W6] [W15]', async () => {
  const { accountid } = await create('accounts', { name: 'A' });
  const note = await create('annotations', {
    subject: 'n',
    'objectid_account@odata.bind': `/accounts(${accountid})`,
  });
  const sample = await create('demo_samples', {
    demo_name: 's',
    'demo_AccountId@odata.bind': `/accounts(${accountid})`,
  });
  expect((await client.delete(`accounts(${accountid})`)).status).toBe(204);
  expect((await client.get(`annotations(${note.annotationid})`)).status).toBe(404);
  const after = await client.get(`demo_samples(${sample.demo_sampleid})`);
  expect(after.json._demo_accountid_value).toBeNull();
  expect(after.json['@odata.etag']).not.toBe(sample['@odata.etag']);
});

test('delete: Restrict refuses with 405 0x80040227 and the message of the platform [W6]', async () => {
  const { queueid } = await create('queues', { name: 'Q' });
  const { activityid } = await create('tasks', { subject: 't' });
  await create('queueitems', {
    'queueid@odata.bind': `/queues(${queueid})`,
    'objectid_task@odata.bind': `/tasks(${activityid})`,
  });
  const answer = await client.delete(`queues(${queueid})`);
  expect(answer).toMatchObject({ status: 405, code: '0x80040227' });
  expect(answer.json.error.message).toContain('is collected by Relationship with name: queue_entries.');
  expect((await client.get(`queues(${queueid})`)).status).toBe(200);
});

test('accounts have hidden address rows whose ids can be chosen [W8]', async () => {
  const address1_addressid = newGuid();
  const row = await create('accounts', { name: 'A', address1_addressid, address1_city: 'Oslo' });
  expect(row.address2_addressid).toMatch(/^[0-9a-f-]{36}$/);
  const address = await client.get(`customeraddresses(${address1_addressid})`);
  expect(address.json).toMatchObject({ city: 'Oslo', addressnumber: 1, _parentid_value: row.accountid });
  await client.delete(`accounts(${row.accountid})`);
  expect((await client.get(`customeraddresses(${address1_addressid})`)).status).toBe(404);
});

test('a connection is stored from both ends [W8]', async () => {
  const account = await create('accounts', { name: 'A' });
  const contact = await create('contacts', { lastname: 'C' });
  const { connectionid } = await create('connections', {
    'record1id_account@odata.bind': `/accounts(${account.accountid})`,
    'record2id_contact@odata.bind': `/contacts(${contact.contactid})`,
  });
  const { json } = await client.get(`connections?$filter=_relatedconnectionid_value eq ${connectionid}`);
  expect(json.value).toHaveLength(1);
  expect(json.value[0]).toMatchObject({
    _record1id_value: contact.contactid,
    _record2id_value: account.accountid,
    ismaster: false,
  });
});

test('an activity is written in its own table only; the pointer and the parties refuse [W7]', async () => {
  const { activityid } = await create('tasks', { subject: 't' });
  for (const answer of [
    await client.patch(`activitypointers(${activityid})`, { subject: 'x' }),
    await client.delete(`activitypointers(${activityid})`),
    await client.post('activityparties', { participationtypemask: 2 }),
  ])
    expect(answer).toMatchObject({ status: 400, code: '0x80040800' });
});

test('both halves of a connection go together', async () => {
  const [one, two] = [await create('accounts', { name: '1' }), await create('accounts', { name: '2' })];
  const { connectionid } = await create('connections', {
    'record1id_account@odata.bind': `/accounts(${one.accountid})`,
    'record2id_account@odata.bind': `/accounts(${two.accountid})`,
  });
  const halves = async () =>
    (await client.get(`connections?$filter=_record1id_value eq ${two.accountid}`)).json.value.length;
  expect(await halves()).toBe(1);
  await client.delete(`connections(${connectionid})`);
  expect(await halves()).toBe(0);
});

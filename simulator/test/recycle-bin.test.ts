import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeEach(async () => (client = await startClient({ demo: { special: true, size: 1, seed: 7 } })));
afterEach(() => client.close());

const DAY_MS = 86_400_000;
const REPRESENTATION = { Prefer: 'return=representation' };

/** Deleted rows of the table are kept from now on. */
async function enable(table: string, days = 10): Promise<void> {
  const [entity] = (
    await client.get(`entities?$select=entityid,logicalname&$filter=logicalname eq '${table}'`)
  ).json.value;
  const answer = await client.post('recyclebinconfigs', {
    name: table,
    cleanupintervalindays: days,
    'extensionofrecordid@odata.bind': `/entities(${entity.entityid})`,
  });
  expect(answer.status).toBe(204);
}

async function binned(set: string, table: string, key: string): Promise<string[]> {
  const fetchXml = encodeURIComponent(
    `<fetch datasource="bin"><entity name="${table}"><attribute name="${key}"/></entity></fetch>`,
  );
  const { json } = await client.get(`${set}?fetchXml=${fetchXml}`);
  return json.value.map((row: Record<string, string>) => row[key]);
}

const restore = (set: string, id: string) =>
  client.post('Restore', { Target: { '@odata.id': `${client.server.url}/api/data/v9.2/${set}(${id})` } });

async function account(more: object = {}): Promise<string> {
  return (await client.post('accounts', { name: 'Binned', ...more }, REPRESENTATION)).json.accountid;
}

test('a deleted row is in the bin for as many days as its table says, and comes back under its id', async () => {
  const early = await account();
  await client.delete(`accounts(${early})`);
  await enable('account', 10);
  const id = await account({ fax: '12' });
  await client.delete(`accounts(${id})`);
  expect(await binned('accounts', 'account', 'accountid')).toEqual([id]);
  expect((await client.get(`accounts(${id})`)).status).toBe(404);
  const answer = await restore('accounts', id);
  expect(answer).toMatchObject({ status: 200, json: { id } });
  expect((await client.get(`accounts(${id})`)).json).toMatchObject({ name: 'Binned', fax: '12' });
  expect(await binned('accounts', 'account', 'accountid')).toEqual([]);
  await client.delete(`accounts(${id})`);
  client.advance(11 * DAY_MS);
  expect(await binned('accounts', 'account', 'accountid')).toEqual([]);
  expect(await restore('accounts', id)).toMatchObject({ status: 404, code: '0x80040217' });
});

test('a table without a bin has no such data source; some tables never have one', async () => {
  const fetchXml = encodeURIComponent(
    '<fetch datasource="bin"><entity name="contact"><attribute name="contactid"/></entity></fetch>',
  );
  expect(await client.get(`contacts?fetchXml=${fetchXml}`)).toMatchObject({
    status: 400,
    code: '0x80040203',
  });
  await enable('queue');
  const queues = encodeURIComponent(
    '<fetch datasource="bin"><entity name="queue"><attribute name="queueid"/></entity></fetch>',
  );
  expect(await client.get(`queues?fetchXml=${queues}`)).toMatchObject({ status: 400, code: '0x80040203' });
});

test('what cascaded comes back only with its root, files and notes included', async () => {
  await enable('demo_sample');
  await enable('annotation');
  const sample = (await client.post('demo_samples', { demo_name: 'with a note' }, REPRESENTATION)).json
    .demo_sampleid;
  await client.call('PATCH', `demo_samples(${sample})/demo_document`, {
    raw: 'content',
    headers: { 'Content-Type': 'application/octet-stream', 'x-ms-file-name': 'a.txt' },
  });
  const note = (
    await client.post(
      'annotations',
      { subject: 'n', 'objectid_demo_sample@odata.bind': `/demo_samples(${sample})` },
      REPRESENTATION,
    )
  ).json.annotationid;
  await client.delete(`demo_samples(${sample})`);
  expect(await binned('annotations', 'annotation', 'annotationid')).toContain(note);
  expect(await restore('annotations', note)).toMatchObject({ status: 404 });
  expect((await restore('demo_samples', sample)).status).toBe(200);
  expect((await client.get(`annotations(${note})?$select=subject`)).json.subject).toBe('n');
  expect((await client.get(`demo_samples(${sample})/demo_document/$value`)).text).toBe('content');
});

test('a row made under the id of a deleted one blocks its way back: 0x80049939', async () => {
  await enable('account');
  const id = await account();
  await client.delete(`accounts(${id})`);
  await account({ accountid: id });
  expect(await restore('accounts', id)).toMatchObject({ status: 400, code: '0x80049939' });
});

test('a row that it refers to is gone: 0x80049959; the typed form can leave the reference out', async () => {
  await enable('contact');
  const parent = await account();
  const contact = (
    await client.post(
      'contacts',
      { lastname: 'B', 'parentcustomerid_account@odata.bind': `/accounts(${parent})` },
      REPRESENTATION,
    )
  ).json.contactid;
  await client.delete(`contacts(${contact})`);
  await client.delete(`accounts(${parent})`);
  expect(await restore('contacts', contact)).toMatchObject({ status: 400, code: '0x80049959' });
  const other = await account();
  const typed = await client.post('Restore', {
    Target: {
      '@odata.type': 'Microsoft.Dynamics.CRM.contact',
      contactid: contact,
      lastname: 'C',
      'parentcustomerid_account@odata.bind': `/accounts(${other})`,
    },
  });
  expect(typed).toMatchObject({ status: 200, json: { id: contact } });
  const back = (await client.get(`contacts(${contact})`)).json;
  expect(back).toMatchObject({ lastname: 'C', _parentcustomerid_value: other });
});

test('an alternate key taken since: 0x80049929; a choice value removed since: 0x80049949', async () => {
  await enable('demo_sample');
  const make = async (more: object) =>
    (await client.post('demo_samples', { demo_name: 'x', ...more }, REPRESENTATION)).json.demo_sampleid;
  const keyed = await make({ demo_code: 'UNIQUE-1' });
  await client.delete(`demo_samples(${keyed})`);
  await make({ demo_code: 'UNIQUE-1' });
  expect(await restore('demo_samples', keyed)).toMatchObject({ status: 400, code: '0x80049929' });
  const chosen = await make({ demo_kind: 100_000_001 });
  await client.delete(`demo_samples(${chosen})`);
  await client.post('DeleteOptionValue', {
    EntityLogicalName: 'demo_sample',
    AttributeLogicalName: 'demo_kind',
    Value: 100_000_001,
  });
  expect(await restore('demo_samples', chosen)).toMatchObject({ status: 400, code: '0x80049949' });
});

test('a binned row is a tombstone for change tracking, and a live row again once restored', async () => {
  await enable('account');
  const id = await account();
  const link = (await client.get('accounts?$select=name', { Prefer: 'odata.track-changes' })).json[
    '@odata.deltaLink'
  ];
  await client.delete(`accounts(${id})`);
  const gone = (await client.get(link)).json;
  expect(gone.value).toEqual([expect.objectContaining({ id, reason: 'deleted' })]);
  await restore('accounts', id);
  expect((await client.get(gone['@odata.deltaLink'])).json.value).toEqual([
    expect.objectContaining({ accountid: id }),
  ]);
});

import { startClient, type Client } from './support/client.ts';
import { changeSchema } from './support/rows.ts';

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

test('lookups that the delete emptied point to the row again, unless they point elsewhere by now', async () => {
  await enable('account');
  const parent = await account();
  const contact = async (lastname: string) =>
    (
      await client.post(
        'contacts',
        { lastname, 'parentcustomerid_account@odata.bind': `/accounts(${parent})` },
        REPRESENTATION,
      )
    ).json.contactid as string;
  setRemoveLink();
  const stays = await contact('stays');
  const moves = await contact('moves');
  await client.delete(`accounts(${parent})`);
  const parentOf = async (id: string) => (await client.get(`contacts(${id})`)).json._parentcustomerid_value;
  expect(await parentOf(stays)).toBeNull();
  const other = await account();
  await client.patch(`contacts(${moves})`, {
    'parentcustomerid_account@odata.bind': `/accounts(${other})`,
  });
  const etag = (await client.get(`contacts(${stays})`)).json['@odata.etag'];
  expect((await restore('accounts', parent)).status).toBe(200);
  expect(await parentOf(stays)).toBe(parent);
  expect((await client.get(`contacts(${stays})`)).json['@odata.etag']).not.toBe(etag);
  expect(await parentOf(moves)).toBe(other);
});

test('a row that pointed to it is gone itself: 0x80049959, until that one is restored', async () => {
  await enable('account');
  await enable('contact');
  setRemoveLink();
  const parent = await account();
  const { contactid } = (
    await client.post(
      'contacts',
      { lastname: 'B', 'parentcustomerid_account@odata.bind': `/accounts(${parent})` },
      REPRESENTATION,
    )
  ).json;
  await client.delete(`accounts(${parent})`);
  await client.delete(`contacts(${contactid})`);
  const refused = await restore('accounts', parent);
  expect(refused).toMatchObject({ status: 400, code: '0x80049959' });
  expect(refused.json.error.message).toContain(`ValueToBeRestored: ${parent}`);
  expect((await client.get(`accounts(${parent})`)).status).toBe(404);
  expect((await restore('contacts', contactid)).status).toBe(200);
  expect((await restore('accounts', parent)).status).toBe(200);
  expect((await client.get(`contacts(${contactid})`)).json._parentcustomerid_value).toBe(parent);
});

test('many-to-many links come back, except those to rows that are gone', async () => {
  await enable('lead');
  const lead = (await client.post('leads', { subject: 'linked', lastname: 'L' }, REPRESENTATION)).json.leadid;
  const people: string[] = [];
  for (const lastname of ['kept', 'gone']) {
    const { contactid } = (await client.post('contacts', { lastname }, REPRESENTATION)).json;
    people.push(contactid);
    const link = { '@odata.id': `${client.server.url}/api/data/v9.2/contacts(${contactid})` };
    expect((await client.post(`leads(${lead})/contactleads_association/$ref`, link)).status).toBe(204);
  }
  await client.delete(`leads(${lead})`);
  await client.delete(`contacts(${people[1]})`);
  expect((await restore('leads', lead)).status).toBe(200);
  const linked = (await client.get(`leads(${lead})/contactleads_association?$select=contactid`)).json.value;
  expect(linked).toEqual([expect.objectContaining({ contactid: people[0] })]);
});

/** Contacts stay without their account, instead of going along with it. */
function setRemoveLink(): void {
  changeSchema(client, (schema) => ({
    ...schema,
    oneToMany: schema.oneToMany.map((one) =>
      one.referencingColumn === 'parentcustomerid' && one.referencedTable === 'account'
        ? { ...one, cascade: { ...one.cascade, delete: 'RemoveLink' } }
        : one,
    ),
  }));
}

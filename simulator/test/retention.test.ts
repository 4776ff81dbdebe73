import { startClient, type Client } from './support/client.ts';
import { user } from './support/rows.ts';
import type { Switches } from '../src/service/switches.ts';

let client: Client;
afterEach(() => client.close());

const HOUR_MS = 3_600_000;
const REPRESENTATION = { Prefer: 'return=representation' };

async function start(switches: Partial<Switches> = {}): Promise<void> {
  client = await startClient({ switches, demo: { special: true, size: 1, seed: 7 } });
}

const criteria = (table: string, column: string, value: string) =>
  `<fetch><entity name="${table}"><attribute name="${table}id"/><filter><condition attribute="${column}" operator="eq" value="${value}"/></filter></entity></fetch>`;

const retained = (set: string, table: string, inner = '') =>
  client.get(
    `${set}?fetchXml=${encodeURIComponent(`<fetch datasource="retained"><entity name="${table}"><attribute name="${table}id"/>${inner}</entity></fetch>`)}`,
  );

test('a policy marks rows, moves them with what cascades, and leaves tombstones', async () => {
  await start();
  const made = await client.post('accounts', { name: 'Old business' }, { Prefer: 'return=representation' });
  const id: string = made.json.accountid;
  const note = await client.post(
    'annotations',
    { subject: 'along', 'objectid_account@odata.bind': `/accounts(${id})` },
    { Prefer: 'return=representation' },
  );
  const link = (await client.get('accounts?$select=name', { Prefer: 'odata.track-changes' })).json[
    '@odata.deltaLink'
  ];
  await client.post('retentionconfigs', {
    name: 'Old accounts',
    entitylogicalname: 'account',
    criteria: criteria('account', 'name', 'Old business'),
  });
  expect((await client.get(`accounts(${id})`)).status).toBe(200);
  expect((await client.get('retentionoperations')).json.value).toMatchObject([
    { rootentitylogicalname: 'account', endtime: null, retentioncount: null },
  ]);
  client.advance(2 * HOUR_MS);
  expect((await client.get(`accounts(${id})`)).status).toBe(404);
  expect((await client.get(`annotations(${note.json.annotationid})`)).status).toBe(404);
  expect((await client.get(link)).json.value).toEqual([expect.objectContaining({ id, reason: 'deleted' })]);
  const [run] = (await client.get('retentionoperations')).json.value;
  expect(run).toMatchObject({ endtime: expect.any(String), retentioncount: 4, failedcount: 0 });
  const details = (await client.get('retentionoperationdetails')).json.value;
  expect(details).toContainEqual(
    expect.objectContaining({
      entitylogicalname: 'account',
      isrootentity: true,
      retentioncount: 1,
      _retentionoperationid_value: run.retentionoperationid,
    }),
  );
  expect((await retained('accounts', 'account')).json.value).toEqual([
    expect.objectContaining({ accountid: id }),
  ]);
  expect((await retained('annotations', 'annotation')).json.value).toHaveLength(1);
});

test('a marked row says so while it is still there', async () => {
  await start();
  await client.post('retentionconfigs', { name: 'All', entitylogicalname: 'demo_journal' });
  const rows = (await client.get('demo_journals?$select=msft_datastate')).json.value;
  expect(rows).toMatchObject([{ msft_datastate: 1 }]);
});

test('a policy with a start time waits for it', async () => {
  await start();
  await client.post('retentionconfigs', {
    name: 'Later',
    entitylogicalname: 'demo_journal',
    starttime: '2026-07-02T12:00:00Z',
  });
  client.advance(3 * HOUR_MS);
  expect((await client.get('demo_journals')).json.value).toHaveLength(1);
  client.advance(24 * HOUR_MS);
  await client.get('WhoAmI');
  client.advance(2 * HOUR_MS);
  expect((await client.get('demo_journals')).json.value).toEqual([]);
});

test.each(['readable', 'refused'] as const)('retained rows are %s', async (retainedRows) => {
  await start({ retainedRows });
  const answer = await retained('accounts', 'account');
  expect(answer.status).toBe(retainedRows === 'readable' ? 200 : 400);
});

test('retained rows: 100 queries a day, one table, no join', async () => {
  await start();
  const join = '<link-entity name="contact" from="contactid" to="primarycontactid"/>';
  expect((await retained('accounts', 'account', join)).status).toBe(400);
  for (let query = 0; query < 100; query++)
    expect((await retained('demo_journals', 'demo_journal')).status).toBe(200);
  expect((await retained('demo_journals', 'demo_journal')).status).toBe(429);
  client.advance(25 * HOUR_MS);
  expect((await retained('demo_journals', 'demo_journal')).status).toBe(200);
});

test('a policy takes every row that it finds, also beyond a page', async () => {
  client = await startClient({
    demo: { special: true, size: 1, seed: 7 },
    bulk: [{ name: 'new_old', rows: 5100, columns: 12 }],
  });
  await client.post('retentionconfigs', { name: 'All', entitylogicalname: 'new_old' });
  await client.get('WhoAmI');
  client.advance(2 * HOUR_MS);
  expect((await client.get('new_olds?$select=new_oldid&$top=1')).json.value).toEqual([]);
  const details = (await client.get('retentionoperationdetails?$select=retentioncount')).json.value;
  expect(details).toMatchObject([{ retentioncount: 5100 }]);
});

test('retained rows keep their lookups as id and name, whatever becomes of what they point to', async () => {
  await start();
  const { contactid } = (await client.post('contacts', { lastname: 'Before' }, REPRESENTATION)).json;
  const { accountid } = (
    await client.post(
      'accounts',
      { name: 'Leaves', 'primarycontactid@odata.bind': `/contacts(${contactid})` },
      REPRESENTATION,
    )
  ).json;
  await client.post('retentionconfigs', {
    name: 'x',
    entitylogicalname: 'account',
    criteria: criteria('account', 'name', 'Leaves'),
  });
  await client.get('WhoAmI');
  client.advance(2 * HOUR_MS);
  await client.get('WhoAmI');
  await client.patch(`contacts(${contactid})`, { lastname: 'After' });
  const fetchXml =
    '<fetch datasource="retained"><entity name="account"><attribute name="primarycontactid"/></entity></fetch>';
  const { json } = await client.get(`accounts?fetchXml=${encodeURIComponent(fetchXml)}`, {
    Prefer: 'odata.include-annotations="*"',
  });
  expect(json.value).toEqual([
    expect.objectContaining({
      accountid,
      _primarycontactid_value: contactid,
      '_primarycontactid_value@OData.Community.Display.V1.FormattedValue': 'Before',
    }),
  ]);
});

test('retained rows: five users at once, the sixth is refused for a second', async () => {
  await start();
  const fetchXml =
    '<fetch datasource="retained"><entity name="demo_journal"><attribute name="demo_journalid"/></entity></fetch>';
  const ask = (headers: Record<string, string>) =>
    client.get(`demo_journals?fetchXml=${encodeURIComponent(fetchXml)}`, headers);
  const people = ['dana.okafor', 'soren.kjaer', 'mira.falk', 'teo.marchetti', 'svc-import'];
  for (const name of people) expect((await ask({ MSCRMCallerID: user(client, name).id })).status).toBe(200);
  const store = client.server.environment.database.store('systemuser');
  const [other = ''] = store.referrers('domainname', 'rowback-service@demo.invalid');
  const sixth = await ask({ MSCRMCallerID: other });
  expect(sixth).toMatchObject({ status: 429, code: '0x80072326' });
  expect(sixth.headers.get('retry-after')).toBe('1');
  expect((await ask({ MSCRMCallerID: user(client, 'mira.falk').id })).status).toBe(200);
  client.advance(1000);
  expect((await ask({ MSCRMCallerID: other })).status).toBe(200);
});

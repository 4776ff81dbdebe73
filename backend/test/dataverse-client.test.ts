import { startSimulator, type Simulator } from './support/simulator.ts';
import type { Values } from '../src/base/value.ts';
import {
  bodyColumn,
  selectList,
  type BatchOutcome,
  type ChangeEvent,
  type DataverseClient,
  type NewContent,
  type TableDetails,
} from '../src/dataverse/index.ts';
import { collect } from '../src/dataverse/files/bytes.ts';

const nowhere = '00000000-0000-0000-0000-000000000009';
let simulator: Simulator;
let client: DataverseClient;

beforeAll(async () => {
  simulator = await startSimulator();
  client = simulator.connect().client;
});

afterAll(() => simulator.close());

async function table(name: string): Promise<TableDetails> {
  const [details] = await client.readTableDetails([name]);
  return details!;
}

async function all(events: AsyncIterable<ChangeEvent>): Promise<ChangeEvent[]> {
  const list: ChangeEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

async function rowsOf(details: TableDetails, filter: string) {
  const rows = [];
  for await (const row of client.readWhere(details, selectList(details), filter, { top: 1 })) rows.push(row);
  return rows[0]!;
}

function content(bytes: Uint8Array, name: string, mimeType = 'application/octet-stream'): NewContent {
  return {
    name,
    mimeType,
    bytes: bytes.length,
    open: async function* () {
      yield await Promise.resolve(bytes);
    },
  };
}

function textOf(values: Values, name: string): string {
  const value = values[name];
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} holds no text`);
}

/** What nobody can put back: times and authors of the write itself, and what the platform computes. */
function comparable(details: TableDetails, values: Values): Values {
  const own = ['createdby', 'modifiedby', 'modifiedon', 'versionnumber', 'overriddencreatedon'];
  const isOwn = (name: string) => {
    const column = details.columns.find((one) => one.name === name)!;
    const content = ['file', 'image'].includes(column.kind) || /_(name|timestamp|date|state)$/.test(name);
    return own.includes(name) || column.source !== 'simple' || content;
  };
  return Object.fromEntries(Object.entries(values).filter(([name]) => !isOwn(name)));
}

test('the environment, its tables and their details are read', async () => {
  const environment = await client.readEnvironment();
  expect(environment).toMatchObject({
    url: simulator.url,
    isTeams: false,
    expireChangeTrackingInDays: expect.any(Number) as number,
  });
  const account = await table('account');
  expect(account).toMatchObject({
    entitySet: 'accounts',
    primaryId: 'accountid',
    changeTracking: true,
    exposed: true,
  });
  const status = account.columns.find((column) => column.name === 'statuscode');
  expect(status?.options).toContainEqual(expect.objectContaining({ value: 2, state: 1 }));
  await expect(client.readTableDetails(['nothing'])).rejects.toMatchObject({ code: 'dataverse-not-found' });
});

test('every exposed table can be read whole, tracked where it says so', async () => {
  const names = (await client.readTables()).filter((one) => one.exposed && one.kind !== 'virtual');
  for (const details of await client.readTableDetails(names.map((one) => one.name))) {
    const columns = selectList(details);
    const events = await all(client.readAll(details, columns, null, { pageSize: 100 }));
    for (const event of events) if (event.kind === 'row') expect(Object.keys(event.values)).toEqual(columns);
    const keys = [];
    for await (const key of client.readKeys(details)) keys.push(key.id);
    expect(new Set(keys).size).toBe(events.filter((event) => event.kind === 'row').length);
  }
});

test('changes after a first read are those rows and those deletes, once', async () => {
  const contact = await table('contact');
  const first = await all(client.readChanges(contact, ['firstname'], null, { pageSize: 50 }));
  const [changed, deleted] = first.filter((event) => event.kind === 'row');
  const end = first.at(-1);
  await client.updateRow(contact, changed!.id, { firstname: 'Ädä' });
  const created = '10000000-0000-4000-8000-000000000001';
  await client.createRow(contact, { lastname: 'New' }, { id: created });
  expect(await client.deleteRow(contact, deleted!.id)).toBe(true);
  const link = end?.kind === 'page-end' ? end.deltaLink! : '';
  const second = await all(client.readChanges(contact, ['firstname'], link));
  expect(second).toMatchObject([
    { kind: 'row', id: changed!.id, values: { firstname: 'Ädä' } },
    { kind: 'row', id: created, values: { firstname: null } },
    { kind: 'gone', id: deleted!.id },
    { kind: 'page-end', deltaLink: expect.any(String) as string },
  ]);
});

test('an update by etag meets a change in between', async () => {
  const account = await table('account');
  const row = await rowsOf(account, 'revenue ne null');
  const receipt = await client.updateRow(
    account,
    row.id,
    { revenue: '99999999999.1234' },
    { ifMatch: row.etag! },
  );
  expect(receipt.omitted).toEqual([]);
  const again = client.updateRow(account, row.id, { name: 'x' }, { ifMatch: row.etag! });
  await expect(again).rejects.toMatchObject({ kind: 'conflict', row: row.id });
  const now = await client.readRow(account, row.id, ['revenue', 'name']);
  expect(now?.values).toEqual({
    revenue: expect.stringMatching(/^99999999999\.12340*$/) as string,
    name: row.values['name'],
  });
});

test('a deleted row with every kind of column comes back equal', async () => {
  const sample = await table('demo_sample');
  const row = await rowsOf(sample, 'statecode eq 0 and demo_decimal ne null');
  expect(await client.deleteRow(sample, row.id)).toBe(true);
  expect(await client.deleteRow(sample, row.id)).toBe(false);
  expect(await client.readRow(sample, row.id, ['demo_name'])).toBeNull();
  const createdOn = textOf(row.values, 'createdon');
  await client.createRow(sample, row.values, { id: row.id, createdOn });
  const back = await client.readRow(sample, row.id, selectList(sample));
  expect(comparable(sample, back!.values)).toEqual(comparable(sample, row.values));
  const twice = client.createRow(sample, row.values, { id: row.id });
  await expect(twice).rejects.toMatchObject({ kind: 'duplicate' });
});

test('a note comes back with its body', async () => {
  const note = await table('annotation');
  const row = await rowsOf(note, 'isdocument eq true');
  const column = bodyColumn(note)!.name;
  const body = await client.readBody(note, row.id, column);
  const bytes = await collect(body!.stream);
  expect(Buffer.from(bytes)).toEqual(
    Buffer.from(await collect((await client.readBody(note, row.id, column, 1))!.stream)),
  );
  await client.deleteRow(note, row.id);
  const file = content(bytes, textOf(row.values, 'filename'), textOf(row.values, 'mimetype'));
  await client.createRow(note, row.values, { id: row.id, body: { column, content: file } });
  expect(Buffer.from(await collect((await client.readBody(note, row.id, column))!.stream))).toEqual(
    Buffer.from(bytes),
  );
  const back = await client.readRow(note, row.id, ['objectid', 'filename', 'filesize']);
  expect(back?.values).toMatchObject({
    objectid: row.values['objectid'],
    filename: row.values['filename'],
    filesize: bytes.length,
  });
});

test.each([0.1, 4, 9.5])('a file of %s MB is written and read back', async (megabytes) => {
  const sample = await table('demo_sample');
  const row = await rowsOf(sample, 'demo_name ne null');
  const bytes = Uint8Array.from({ length: megabytes * 1024 * 1024 }, (_, index) => index % 251);
  await client.writeFile(sample, row.id, 'demo_document', content(bytes, 'prüfung.bin'));
  const file = await client.readFile(sample, row.id, 'demo_document');
  expect(file).toMatchObject({ name: 'prüfung.bin', bytes: bytes.length });
  expect(Buffer.from(await collect(file!.stream)).equals(bytes)).toBe(true);
  const id = textOf((await client.readRow(sample, row.id, ['demo_document']))!.values, 'demo_document');
  expect((await client.fileFacts([id])).get(id)).toMatchObject({ name: 'prüfung.bin', bytes: bytes.length });
  await client.writeFile(sample, row.id, 'demo_document', null);
  expect(await client.readFile(sample, row.id, 'demo_document')).toBeNull();
});

test('a picture is read in full size, and as its thumbnail where the service keeps no more', async () => {
  const sample = await table('demo_sample');
  const row = await rowsOf(sample, 'demo_name ne null');
  const dot =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
  const picture = content(Buffer.from(dot, 'base64'), 'dot.png', 'image/png');
  for (const image of sample.columns.filter((column) => column.kind === 'image')) {
    await client.writeImage(sample, row.id, image.name, picture);
    const back = await client.readImage(sample, row.id, image.name);
    expect(back!.thumbnail === true).toBe(!image.canStoreFullImage);
    const bytes = Buffer.from(await collect(back!.stream)).toString('base64');
    if (image.canStoreFullImage) expect(bytes).toBe(dot);
    else expect(bytes).not.toBe(dot);
    await client.writeImage(sample, row.id, image.name, null);
    expect(await client.readImage(sample, row.id, image.name)).toBeNull();
  }
});

test('an activity keeps its parties, and a state is set last', async () => {
  const email = await table('email');
  const me = await client.whoAmI();
  const contact = await rowsOf(await table('contact'), 'lastname ne null');
  const id = '20000000-0000-4000-8000-000000000001';
  const parties = [
    { mask: 1, party: { table: 'systemuser', id: me.userId }, address: null },
    { mask: 2, party: { table: 'contact', id: contact.id }, address: null },
    { mask: 2, party: null, address: 'somebody@example.com' },
  ];
  await client.createRow(email, { subject: 'Hello' }, { id, parties });
  const read = async () => (await client.readParties(email, id)).map(({ mask, party }) => ({ mask, party }));
  const expected = parties.map(({ mask, party }) => ({ mask, party }));
  expect(await read()).toEqual(expect.arrayContaining(expected));
  await client.replaceParties(email, id, parties.slice(0, 2));
  expect(await read()).toHaveLength(2);
  await client.setState(email, id, 1, 2);
  expect((await client.readRow(email, id, ['statecode', 'statuscode']))?.values).toEqual({
    statecode: 1,
    statuscode: 2,
  });
});

test('a link between two rows is made once and undone once', async () => {
  const account = await table('account');
  const link = account.manyToMany[0]!;
  const [table1, table2] = await client.readTableDetails([link.table1, link.table2]);
  const [row1, row2] = [
    await rowsOf(table1!, 'createdon ne null'),
    await rowsOf(table2!, 'createdon ne null'),
  ];
  await client.disassociate(link, row1.id, row2.id);
  expect(await client.associate(link, row1.id, row2.id)).toBe(true);
  expect(await client.associate(link, row1.id, row2.id)).toBe(false);
  expect(await client.disassociate(link, row1.id, row2.id)).toBe(true);
  expect(await client.disassociate(link, row1.id, row2.id)).toBe(false);
});

test('a batch stops at the first error, or goes on; a change set is all or nothing', async () => {
  const account = await table('account');
  const row = await rowsOf(account, 'name ne null');
  const patch = (id: string, name: string, group?: string) => ({
    method: 'PATCH' as const,
    url: `accounts(${id})`,
    headers: { 'If-Match': '*' },
    body: JSON.stringify({ name }),
    ...(group === undefined ? {} : { group }),
  });
  const requests = [patch(row.id, 'in a set', 'g'), patch(nowhere, 'x', 'g'), patch(row.id, 'alone')];
  const told = (outcomes: readonly BatchOutcome[]) =>
    outcomes.map((one) => [one.kind, 'error' in one ? one.error?.kind : undefined]);
  expect(told(await client.batch(requests))).toEqual([
    ['rolled-back', 'not-found'],
    ['refused', 'not-found'],
    ['not-begun', undefined],
  ]);
  expect(told(await client.batch(requests, { continueOnError: true }))).toEqual([
    ['rolled-back', 'not-found'],
    ['refused', 'not-found'],
    ['done', undefined],
  ]);
  expect((await client.readRow(account, row.id, ['name']))?.values).toEqual({ name: 'alone' });
});

test('names are found for what is there, in few requests', async () => {
  const account = await table('account');
  const row = await rowsOf(account, 'name ne null');
  const { client: counted, measure } = simulator.connect();
  const references = [row.id, nowhere].map((id) => ({ table: 'account', id }));
  const names = await counted.names(references);
  expect(names.get(`account:${row.id}`)).toBe(row.values['name']);
  expect(names.get(`account:${nowhere}`)).toBeNull();
  expect(measure().requests).toBeLessThanOrEqual(3);
});

test('rights are those of the user who is asked about, and acting for one writes under that name', async () => {
  const me = await client.whoAmI();
  const account = await table('account');
  const sample = await table('demo_sample');
  const row = await rowsOf(account, 'name ne null');
  expect(await client.rightsOn(me.userId, account, row.id)).toContain('Write');
  expect(await client.rightsOn(me.userId, account, nowhere)).toBeNull();
  expect((await client.globallyReadable(await client.readTables())).has('account')).toBe(true);
  expect(await client.readableSecuredColumns(me.userId, sample)).toEqual(new Set(['demo_secret']));
  const people = await table('systemuser');
  const users = [];
  for await (const user of client.readWhere(
    people,
    ['azureactivedirectoryobjectid', 'fullname'],
    'isdisabled eq false',
  ))
    users.push(user);
  const depths = new Set<string | undefined>();
  for (const user of users) {
    const privileges = await client.privilegesOf(user.id, ['prvReadAccount', 'prvDeleteAccount']);
    depths.add(privileges.get('prvReadAccount'));
    const entraId = user.values['azureactivedirectoryobjectid'];
    if (typeof entraId !== 'string') continue;
    expect(await client.userByEntraId(entraId)).toMatchObject({ id: user.id, enabled: true });
    expect((await client.as(entraId).whoAmI()).userId).toBe(user.id);
    await client.readableSecuredColumns(user.id, sample);
  }
  expect(depths.size).toBeGreaterThan(1);
  expect(await client.userByEntraId(nowhere)).toBeNull();
});

test('what is asked wrongly is refused with a hint', async () => {
  const account = await table('account');
  await expect(client.readRow(account, "x' or 1", ['name'])).rejects.toMatchObject({ kind: 'bad-request' });
  await expect(client.readRow(account, nowhere, ['nothing'])).rejects.toThrow('no column nothing');
  await expect(client.query('accounts?$select=nothing')).rejects.toMatchObject({ status: 400 });
});

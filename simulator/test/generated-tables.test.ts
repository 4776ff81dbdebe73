import { builtInSchema, withBulkTables } from '../src/data/index.ts';
import { guidSortKey, sequentialIds } from '../src/model/guid.ts';
import { createEnvironment } from '../src/service/index.ts';
import { startClient, type Client } from './support/client.ts';

const ROWS = 2345;
const LOOKUPS = 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"';
type Row = Readonly<Record<string, unknown>>;
let client: Client;

beforeAll(async () => {
  client = await startClient({ bulk: [{ name: 'new_bulk', rows: ROWS, columns: 150 }] });
});
afterAll(() => client.close());

/** All rows behind a path, page by page, and the link that the last page ends with. */
async function read(path: string, prefer: string): Promise<{ pages: Row[][]; deltaLink: string }> {
  const pages: Row[][] = [];
  for (let next = path; ;) {
    const { status, json } = await client.get(next, { Prefer: prefer });
    expect(status).toBe(200);
    pages.push(json.value);
    if (json['@odata.nextLink'] === undefined) return { pages, deltaLink: json['@odata.deltaLink'] };
    next = json['@odata.nextLink'];
  }
}

const idsOf = (rows: readonly Row[]): string[] => rows.map((row) => String(row['new_bulkid']));
const inKeyOrder = (ids: readonly string[]): string[] =>
  [...ids].sort((a, b) => (guidSortKey(a) < guidSortKey(b) ? -1 : 1));

test('pages chain to exactly the rows asked for, each once, in the order of their keys', async () => {
  const { pages } = await read('new_bulks?$select=new_name', 'odata.maxpagesize=500');
  const ids = idsOf(pages.flat());
  expect(pages.map((page) => page.length)).toEqual([500, 500, 500, 500, 345]);
  expect(new Set(ids).size).toBe(ROWS);
  expect(ids).toEqual(inKeyOrder(ids));
});

test.each([
  ['all columns', '', ''],
  ['the tables of lookups', '', LOOKUPS],
  ['all annotations', '', 'odata.include-annotations="*"'],
  ['a selection', '?$select=new_text000,_ownerid_value,new_name,new_money010', LOOKUPS],
])('a row in a page is the row read by its key: %s', async (_name, select, prefer) => {
  const { json } = await client.get(`new_bulks${select}`, { Prefer: `odata.maxpagesize=40,${prefer}` });
  for (const row of json.value as Row[]) {
    const alone = await client.get(`new_bulks(${String(row['new_bulkid'])})${select}`, { Prefer: prefer });
    const members = Object.entries(alone.json).filter(([member]) => !/^@(?!odata\.etag)/.test(member));
    expect(Object.entries(row)).toEqual(members);
  }
});

test('a row has the columns asked for, of many types, about a third of them empty', async () => {
  const { json, text } = await client.get('new_bulks', { Prefer: 'odata.maxpagesize=100' });
  expect(Object.keys(json.value[0]).filter((name) => !name.includes('@'))).toHaveLength(150);
  const empty = text.match(/:null[,}]/g)?.length ?? 0;
  expect(empty / 15_000).toBeGreaterThan(0.2);
  expect(text.length / 100).toBeGreaterThan(3000);
});

test('filters, counts, orders, FetchXML and keys see generated rows like any others', async () => {
  const { json: page } = await client.get('new_bulks?$select=new_name&$top=3');
  const { new_bulkid: id, new_name: name } = page.value[2];
  const byKey = await client.get(`new_bulks?$select=new_name&$filter=new_bulkid eq ${id}`);
  expect(byKey.json.value).toMatchObject([{ new_name: name }]);
  const byName = await client.get(`new_bulks?$select=new_name&$filter=new_name eq '${name}'`);
  expect(idsOf(byName.json.value)).toEqual([id]);
  expect((await client.get('new_bulks/$count')).text).toBe(String(ROWS));
  const ordered = await client.get(
    'new_bulks?$select=importsequencenumber&$top=2&$orderby=importsequencenumber desc',
  );
  expect(ordered.json.value.map((row: Row) => row['importsequencenumber'])).toEqual([ROWS, ROWS - 1]);
  const fetchXml = `<fetch aggregate="true"><entity name="new_bulk"><attribute name="new_bulkid" alias="n" aggregate="count"/></entity></fetch>`;
  expect((await client.get(`new_bulks?fetchXml=${encodeURIComponent(fetchXml)}`)).json.value[0].n).toBe(ROWS);
});

test('what is written shows in pages and deltas, and nothing else does', async () => {
  const before = await read('new_bulks?$select=new_name', 'odata.track-changes,odata.maxpagesize=1000');
  const [changed = '', deleted = '', kept = ''] = idsOf(before.pages.flat()).slice(1200);
  const made = '11111111-2222-4333-8444-000000010000';
  expect((await client.patch(`new_bulks(${changed})`, { new_name: 'changed' })).status).toBe(204);
  expect((await client.delete(`new_bulks(${deleted})`)).status).toBe(204);
  expect((await client.post('new_bulks', { new_bulkid: made, new_name: 'made' })).status).toBe(204);
  const { pages: deltas } = await read(before.deltaLink, '');
  expect(deltas.flat()).toMatchObject([
    { new_bulkid: changed, new_name: 'changed' },
    { new_bulkid: made, new_name: 'made' },
    { id: deleted, reason: 'deleted' },
  ]);
  const { pages } = await read('new_bulks?$select=new_name', 'odata.maxpagesize=1000');
  const ids = idsOf(pages.flat());
  expect(ids).toEqual(inKeyOrder(ids));
  expect([...ids].sort()).toEqual(
    [...idsOf(before.pages.flat()).filter((id) => id !== deleted), made].sort(),
  );
  const names = new Map(pages.flat().map((row) => [row['new_bulkid'], row['new_name']]));
  expect([changed, made, kept].map((id) => names.get(id))).toEqual(['changed', 'made', 'Bulk 1203']);
  expect((await client.get(`new_bulks(${deleted})`)).status).toBe(404);
  expect(client.server.environment.database.store('new_bulk').size).toBe(ROWS);
});

test('rows that refer to a deleted one lose the reference', async () => {
  const { json } = await client.get('new_bulks?$select=_new_account005_value&$top=50');
  const accounts: unknown[] = json.value.map((row: Row) => row['_new_account005_value']);
  const account = accounts.find((id) => typeof id === 'string') ?? '';
  const referring = () =>
    client.get(`new_bulks?$select=new_name&$filter=_new_account005_value eq ${account}`);
  expect((await referring()).json.value.length).toBeGreaterThan(0);
  const children = client.server.environment.database.store('new_bulk').referrers('new_account005', account);
  expect(children).toHaveLength((await referring()).json.value.length);
  expect((await client.delete(`accounts(${account})`)).status).toBe(204);
  expect((await referring()).json.value).toEqual([]);
});

test('a million rows take no more memory than a thousand, and the last page is at hand', () => {
  const contents = withBulkTables(
    { schema: builtInSchema(), seed: { rows: [], links: [], users: [] } },
    [{ name: 'new_bulk', rows: 1_000_000, columns: 150 }],
    7,
  );
  const used = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const before = used();
  const environment = createEnvironment({
    ...contents,
    identity: { clientSecret: 'secret' },
    now: () => Date.UTC(2026, 6, 1),
    newId: sequentialIds(Date.UTC(2026, 6, 1)),
  });
  const store = environment.database.store('new_bulk');
  expect(store.size).toBe(1_000_000);
  let versions = 0;
  let last = '';
  for (const row of store.inOrder()) {
    versions += row.version === 0 ? 0 : 1;
    last = row.id;
  }
  expect(versions).toBe(1_000_000);
  expect([...store.inOrder(last)]).toEqual([]);
  expect(store.get(last)?.values['importsequencenumber']).toBe(1_000_000);
  expect((used() - before) / 2 ** 20).toBeLessThan(300);
});

import { startClient, type Client } from './support/client.ts';
import type { Switches } from '../src/service/switches.ts';

let client: Client;
afterEach(() => client.close());

async function start(switches: Partial<Switches> = {}): Promise<void> {
  client = await startClient({ switches, demo: { special: true, size: 1, seed: 7 } });
}

test('a virtual table has a provider, rows that come from elsewhere, and no versions, tracking or writes', async () => {
  await start();
  const { json } = await client.get(
    "EntityDefinitions(LogicalName='demo_catalogitem')?$select=TableType,DataProviderId,ChangeTrackingEnabled",
  );
  expect(json).toMatchObject({ TableType: 'Virtual', ChangeTrackingEnabled: false });
  expect(json.DataProviderId).not.toBe('1d9bde74-9ebd-4da9-8ff5-aa74945b9f74');
  const rows = (await client.get('demo_catalogitems')).json.value;
  expect(rows).toHaveLength(7);
  expect((await client.get(`demo_catalogitems(${rows[0].demo_catalogitemid})`)).json.demo_name).toBe(
    rows[0].demo_name,
  );
  expect(await client.post('demo_catalogitems', { demo_name: 'x' })).toMatchObject({
    status: 400,
    code: '0x80040800',
  });
});

test('what its provider cannot do is refused: 0x80044822', async () => {
  await start();
  for (const query of ['$orderby=demo_name', "$filter=contains(demo_name,'x')"])
    expect(await client.get(`demo_catalogitems?${query}`)).toMatchObject({ status: 400, code: '0x80044822' });
  expect((await client.get("demo_catalogitems?$filter=demo_name eq 'Item 3'")).json.value).toHaveLength(1);
});

test.each(['answers', 'fails'] as const)('a provider that %s', async (virtualProvider) => {
  await start({ virtualProvider });
  const answer = await client.get('demo_catalogitems');
  expect(answer.code).toBe(virtualProvider === 'answers' ? undefined : '0x80050263');
});

test('tables that cannot be read: 405, 403, by query only, without an entity set', async () => {
  await start();
  expect(await client.get('demo_sealeds')).toMatchObject({ status: 405, code: '0x80040800' });
  expect(await client.get('demo_vaulteds')).toMatchObject({ status: 403, code: '0x80040220' });
  const [row] = (await client.get('demo_querieds')).json.value;
  expect(await client.get(`demo_querieds(${row.demo_queriedid})`)).toMatchObject({
    status: 405,
    code: '0x80040800',
  });
  const { json } = await client.get("EntityDefinitions(LogicalName='demo_internal')?$select=EntitySetName");
  expect(json.EntitySetName).toBeNull();
  const sets = (await client.get('')).json.value.map((one: { name: string }) => one.name);
  expect(sets).toContain('demo_sealeds');
  expect(sets).not.toContain('demo_internals');
});

test('a table without change tracking: 0x80072491', async () => {
  await start();
  expect(await client.get('demo_journals', { Prefer: 'odata.track-changes' })).toMatchObject({
    code: '0x80072491',
  });
  expect((await client.get('demo_journals')).json.value).toHaveLength(1);
});

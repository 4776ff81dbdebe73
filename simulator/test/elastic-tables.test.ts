import { startClient, type Client } from './support/client.ts';
import type { Switches } from '../src/service/switches.ts';

let client: Client;
afterEach(() => client.close());

async function start(switches: Partial<Switches> = {}): Promise<void> {
  client = await startClient({ switches, demo: { special: true, size: 1, seed: 7 } });
}

const PREFIX = 'Microsoft.Dynamics.CRM.';
const all = async () => (await client.get('demo_readings?$select=demo_value,partitionid')).json.value;
const REPRESENTATION = { Prefer: 'return=representation' };

test('an elastic table says so, has a partition, a time to live and the key of both; JSON is a text format', async () => {
  await start();
  const path = "EntityDefinitions(LogicalName='demo_reading')";
  const { json } = await client.get(
    `${path}?$select=TableType,DataProviderId&$expand=Keys($select=SchemaName,KeyAttributes)`,
  );
  expect(json).toMatchObject({
    TableType: 'Elastic',
    DataProviderId: '1d9bde74-9ebd-4da9-8ff5-aa74945b9f74',
  });
  expect(json.Keys[0]).toMatchObject({
    SchemaName: 'KeyForNoSqlEntityWithPKPartitionId',
    KeyAttributes: ['demo_readingid', 'partitionid'],
  });
  const payload = await client.get(
    `${path}/Attributes(LogicalName='demo_payload')/${PREFIX}StringAttributeMetadata`,
  );
  expect(payload.json.FormatName).toEqual({ Value: 'Json' });
});

test('[R12] one primary key stands in two partitions, and each is another row', async () => {
  await start();
  const rows = await all();
  const twins = rows.filter(
    (row: { demo_readingid: string }) =>
      row.demo_readingid ===
      rows.find((one: { partitionid: string }) => one.partitionid === 'device-archive').demo_readingid,
  );
  expect(twins.map((row: { partitionid: string }) => row.partitionid).sort()).toHaveLength(2);
  const id = twins[0].demo_readingid;
  await client.patch(
    `demo_readings(${id})?partitionId=device-archive`,
    { demo_value: 99 },
    { 'If-Match': '*' },
  );
  const other = twins.find(
    (row: { partitionid: string }) => row.partitionid !== 'device-archive',
  ).partitionid;
  const byKey = await client.get(
    `demo_readings(demo_readingid=${id},partitionid='device-archive')?$select=demo_value`,
  );
  expect(byKey.json.demo_value).toBe(99);
  expect((await client.get(`demo_readings(${id})?partitionId=${other}`)).json.demo_value).not.toBe(99);
});

test('[R12] without its partition a row of another partition reads as absent', async () => {
  await start();
  const [row] = (await all()).filter((one: { partitionid: string }) => one.partitionid.startsWith('device-'));
  expect(await client.get(`demo_readings(${row.demo_readingid})`)).toMatchObject({
    status: 404,
    code: '0x80040217',
  });
  const [plain] = (await all()).filter(
    (one: { partitionid: string; demo_readingid: string }) => one.partitionid === one.demo_readingid,
  );
  expect((await client.get(`demo_readings(${plain.demo_readingid})`)).status).toBe(200);
});

test("[R4] versionnumber is beyond 2^53 and the etag is the store's own", async () => {
  await start();
  const { text, json } = await client.get('demo_readings?$select=versionnumber&$top=1');
  const literal = /"versionnumber":(\d+)/.exec(text)![1]!;
  expect(BigInt(literal)).toBeGreaterThan(2n ** 53n);
  expect(BigInt(literal)).not.toBe(BigInt(Number(literal)));
  expect(json.value[0]['@odata.etag']).toMatch(/^W\/"[0-9a-f]{8}-0000-0200-0000-[0-9a-f]{12}"$/);
  expect(json.value[0]['@odata.etag']).not.toContain(literal);
});

test('[R12] pages hold 500 rows at most, and $count stops at 500', async () => {
  await start();
  const targets = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => ({
      '@odata.type': `${PREFIX}demo_reading`,
      demo_value: from + at,
    }));
  for (let at = 0; at < 600; at += 100)
    await client.post(`demo_readings/${PREFIX}CreateMultiple`, { Targets: targets(at, 100) });
  const first = await client.get('demo_readings?$select=demo_value&$count=true', {
    Prefer:
      'odata.maxpagesize=5000,odata.include-annotations="Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"',
  });
  expect(first.json.value).toHaveLength(500);
  expect(first.json['@odata.count']).toBe(500);
  expect(first.json['@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded']).toBe(true);
  const second = await client.get(first.json['@odata.nextLink']);
  expect(second.json.value).toHaveLength(628 - 500);
});

test('[R12] rows whose time to live is over are gone, also between two pages', async () => {
  await start();
  const made = await client.post(
    'demo_readings',
    { demo_name: 'brief', partitionid: 'p', ttlinseconds: 60 },
    REPRESENTATION,
  );
  const id = made.json.demo_readingid;
  client.advance(40_000);
  await client.patch(`demo_readings(${id})?partitionId=p`, { demo_value: 1 }, { 'If-Match': '*' });
  client.advance(40_000);
  expect((await client.get(`demo_readings(${id})?partitionId=p`)).status).toBe(200);
  const first = await client.get('demo_readings?$select=demo_value', { Prefer: 'odata.maxpagesize=5' });
  client.advance(30_000);
  const seen: string[] = first.json.value.map((row: { demo_readingid: string }) => row.demo_readingid);
  const before = await all();
  expect(before.some((row: { demo_readingid: string }) => row.demo_readingid === id)).toBe(false);
  let next: string | undefined = first.json['@odata.nextLink'];
  while (next !== undefined) {
    const { json } = await client.get(next, { Prefer: 'odata.maxpagesize=5' });
    seen.push(...json.value.map((row: { demo_readingid: string }) => row.demo_readingid));
    next = json['@odata.nextLink'];
  }
  expect(seen.length).toBeGreaterThanOrEqual(28);
});

test.each([false, true])(
  'an expired row in change tracking (expiredRowsInChanges %s)',
  async (expiredRowsInChanges) => {
    await start({ expiredRowsInChanges });
    const made = await client.post('demo_readings', { partitionid: 'p', ttlinseconds: 60 }, REPRESENTATION);
    const { json } = await client.get('demo_readings?$select=demo_value', { Prefer: 'odata.track-changes' });
    client.advance(61_000);
    const delta = await client.get(json['@odata.deltaLink']);
    const ids = delta.json.value.map((item: { id: string }) => item.id);
    expect(ids).toEqual(expiredRowsInChanges ? [made.json.demo_readingid] : []);
  },
);

test.each([true, false])(
  'change tracking of an elastic table (elasticTracking %s)',
  async (elasticTracking) => {
    await start({ elasticTracking });
    const answer = await client.get('demo_readings?$select=demo_value', { Prefer: 'odata.track-changes' });
    expect(answer.status).toBe(elasticTracking ? 200 : 400);
    expect(answer.code).toBe(elasticTracking ? undefined : '0x80072491');
  },
);

test('a tombstone of an elastic row names its primary key and no partition', async () => {
  await start();
  const link = (await client.get('demo_readings?$select=demo_value', { Prefer: 'odata.track-changes' })).json[
    '@odata.deltaLink'
  ];
  const [row] = (await all()).filter((one: { partitionid: string }) => one.partitionid === 'device-archive');
  expect(
    (await client.delete(`demo_readings(${row.demo_readingid})?partitionId=device-archive`)).status,
  ).toBe(204);
  expect((await client.get(link)).json.value).toEqual([
    expect.objectContaining({ id: row.demo_readingid, reason: 'deleted' }),
  ]);
});

test.each([false, true])(
  'a reader without the session token (elasticSessionLag %s)',
  async (elasticSessionLag) => {
    await start({ elasticSessionLag });
    const made = await client.post('demo_readings', { demo_name: 'new', partitionid: 'p' });
    const token = made.headers.get('x-ms-session-token')!;
    expect(token).toMatch(/^240:8#\d+#7=-1$/);
    const count = async (headers: Record<string, string> = {}) =>
      (await client.get("demo_readings?$select=demo_name&$filter=demo_name eq 'new'", headers)).json.value
        .length;
    expect(await count()).toBe(elasticSessionLag ? 0 : 1);
    expect(await count({ 'MSCRM.SessionToken': token })).toBe(1);
    client.advance(6000);
    expect(await count()).toBe(1);
  },
);

test('an upsert replaces the whole row; with If-Match it changes what it names', async () => {
  await start();
  const made = await client.post(
    'demo_readings',
    { demo_name: 'a', demo_value: 1, partitionid: 'p' },
    REPRESENTATION,
  );
  const path = `demo_readings(${made.json.demo_readingid})?partitionId=p`;
  await client.patch(path, { demo_value: 2 }, { 'If-Match': '*' });
  expect((await client.get(path)).json).toMatchObject({ demo_name: 'a', demo_value: 2 });
  await client.patch(path, { demo_value: 3 });
  expect((await client.get(path)).json).toMatchObject({ demo_name: null, demo_value: 3, partitionid: 'p' });
});

test.each(['used', 'ignored'] as const)(
  'partitionId in the URL of an update is %s',
  async (partitionInPatchUrl) => {
    await start({ partitionInPatchUrl });
    const made = await client.post('demo_readings', { demo_value: 1, partitionid: 'p' }, REPRESENTATION);
    const id = made.json.demo_readingid;
    const answer = await client.patch(
      `demo_readings(${id})?partitionId=p`,
      { demo_value: 2 },
      { 'If-Match': '*' },
    );
    expect(answer.status).toBe(partitionInPatchUrl === 'used' ? 204 : 404);
    const inBody = await client.patch(
      `demo_readings(${id})`,
      { demo_value: 3, partitionid: 'p' },
      { 'If-Match': '*' },
    );
    expect(inBody.status).toBe(204);
    expect((await client.get(`demo_readings(${id})?partitionId=p`)).json.demo_value).toBe(3);
  },
);

test('bulk messages of elastic tables succeed in part, and say for each target what became of it', async () => {
  await start();
  const target = (more: object) => ({ '@odata.type': `${PREFIX}demo_reading`, ...more });
  const [row] = await all();
  const answer = await client.post(
    `demo_readings/${PREFIX}CreateMultiple`,
    {
      Targets: [
        target({ demo_name: 'one' }),
        target({ demo_readingid: row.demo_readingid, partitionid: row.partitionid }),
      ],
    },
    { Prefer: 'odata.include-annotations="*"' },
  );
  expect(answer.status).toBe(400);
  const details = JSON.parse(
    answer.json.error['@Microsoft.PowerApps.CDS.ErrorDetails.Plugin.BulkApiErrorDetails'],
  );
  expect(details).toMatchObject([
    { RequestIndex: 0, StatusCode: 201 },
    { RequestIndex: 1, StatusCode: 412, Id: row.demo_readingid },
  ]);
  expect((await client.get("demo_readings?$filter=demo_name eq 'one'")).json.value).toHaveLength(1);
  const gone = await client.post(`demo_readings/${PREFIX}DeleteMultiple`, {
    Targets: [target({ demo_readingid: row.demo_readingid, partitionid: row.partitionid })],
  });
  expect(gone.status).toBe(204);
  expect(await all()).toHaveLength(28);
});

test('a change set takes elastic rows and is not atomic for them', async () => {
  await start();
  const part = (id: number, body: object) =>
    [
      '--c',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      `Content-ID: ${id}`,
      '',
      'POST /api/data/v9.2/demo_readings HTTP/1.1',
      'Content-Type: application/json',
      '',
      JSON.stringify(body),
    ].join('\r\n');
  const body = [
    '--b',
    'Content-Type: multipart/mixed; boundary=c',
    '',
    part(1, { demo_name: 'kept' }),
    part(2, { demo_value: 'none' }),
    '--c--',
    '--b--',
    '',
  ].join('\r\n');
  await client.call('POST', '$batch', {
    raw: body,
    headers: { 'Content-Type': 'multipart/mixed; boundary=b' },
  });
  expect((await client.get("demo_readings?$filter=demo_name eq 'kept'")).json.value).toHaveLength(1);
});

test('what elastic tables lack is refused: nested rows, money, files, alternate keys, many-to-many', async () => {
  await start();
  const columns = "EntityDefinitions(LogicalName='demo_reading')";
  const column = (type: string) => ({
    '@odata.type': `${PREFIX}${type}AttributeMetadata`,
    SchemaName: 'demo_Extra',
  });
  for (const type of ['Money', 'File', 'Image'])
    expect(await client.post(`${columns}/Attributes`, column(type))).toMatchObject({
      status: 400,
      code: '0x80048d0b',
    });
  expect(
    await client.post(`${columns}/Keys`, { SchemaName: 'demo_K', KeyAttributes: ['demo_value'] }),
  ).toMatchObject({ code: '0x80048d0b' });
  expect(
    await client.post('RelationshipDefinitions', {
      '@odata.type': `${PREFIX}ManyToManyRelationshipMetadata`,
      SchemaName: 'demo_R_C',
      Entity1LogicalName: 'demo_reading',
      Entity2LogicalName: 'contact',
    }),
  ).toMatchObject({ code: '0x80048d0b' });
  expect(await client.post('demo_readings', { owninguser: { fullname: 'x' } })).toMatchObject({
    status: 400,
  });
});

test('elastic tables are joined by left outer joins only, from either side', async () => {
  await start();
  const query = (type: string) =>
    client.get(
      `demo_readings?fetchXml=${encodeURIComponent(`<fetch top="1"><entity name="demo_reading"><attribute name="demo_name"/><link-entity name="systemuser" from="systemuserid" to="ownerid" alias="u" link-type="${type}"><attribute name="fullname"/></link-entity></entity></fetch>`)}`,
    );
  expect((await query('outer')).json.value).toEqual([
    expect.objectContaining({ 'u.fullname': expect.any(String) }),
  ]);
  for (const type of ['inner', 'matchfirstrowusingcrossapply', 'exists', 'not any'])
    expect(await query(type)).toMatchObject({ status: 400, code: '0x80048d0b' });
  const upwards = `<fetch><entity name="systemuser"><attribute name="fullname"/><link-entity name="demo_reading" from="ownerid" to="systemuserid"/></entity></fetch>`;
  expect(await client.get(`systemusers?fetchXml=${encodeURIComponent(upwards)}`)).toMatchObject({
    status: 400,
    code: '0x80048d0b',
  });
});

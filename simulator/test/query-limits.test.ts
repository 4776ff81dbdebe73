import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const DAY_MS = 24 * 3600 * 1000;

/** Rows straight into the store: five thousand requests would say no more. */
async function addEvents(count: number): Promise<void> {
  const { database } = client.server.environment;
  for (let at = 0; at < count; at++) {
    // An idle connection would be closed before the last row is in.
    if (at % 10_000 === 0) await client.get('WhoAmI');
    const id = `${at.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
    database.put('demo_event', id, { demo_eventid: id, demo_name: `event ${at}` });
  }
}

test('[R5] counts stop at 5000 and say so only when asked', async () => {
  await addEvents(5003);
  const { json } = await client.get('demo_events?$select=demo_name&$count=true', {
    Prefer:
      'odata.maxpagesize=2,odata.include-annotations="Microsoft.Dynamics.CRM.totalrecordcount,Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"',
  });
  expect(json).toMatchObject({
    '@odata.count': 5000,
    '@Microsoft.Dynamics.CRM.totalrecordcount': 5000,
    '@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded': true,
  });
  expect(json.value).toHaveLength(2);
  expect((await client.get('demo_events/$count')).text).toBe('5000');
  expect((await client.get("demo_events/$count?$filter=endswith(demo_name,' 7')")).text).toBe('1');
  const uncounted = await client.get('demo_events?$top=1', { Prefer: 'odata.include-annotations="*"' });
  expect(uncounted.json['@Microsoft.Dynamics.CRM.totalrecordcount']).toBe(-1);
  const xml = encodeURIComponent(
    '<fetch count="1" returntotalrecordcount="true"><entity name="demo_event"><attribute name="demo_name"/></entity></fetch>',
  );
  expect((await client.get(`demo_events?fetchXml=${xml}`)).json['@odata.count']).toBe(5000);
});

test('[R5] RetrieveTotalRecordCount tells a snapshot that is up to 24 hours old', async () => {
  const count = async () =>
    (await client.get("RetrieveTotalRecordCount(EntityNames=['subject'])")).json.EntityRecordCountCollection
      .Values[0];
  const before = await count();
  await client.post('subjects', { title: 'One more' });
  client.advance(DAY_MS - 1000);
  expect(await count()).toBe(before);
  client.advance(1000);
  expect(await count()).toBe(before + 1);
});

test('aggregates over more than 50,000 rows are refused with 0x8004E023, by FetchXML and $apply', async () => {
  await addEvents(50_001);
  const xml = encodeURIComponent(
    '<fetch aggregate="true"><entity name="demo_event"><attribute name="demo_eventid" alias="n" aggregate="count"/></entity></fetch>',
  );
  const sql = encodeURIComponent('SELECT COUNT(*) AS n FROM demo_event');
  for (const query of [`fetchXml=${xml}`, '$apply=aggregate($count as n)', `sql=${sql}`]) {
    const answer = await client.get(`demo_events?${query}`);
    expect({ status: answer.status, code: answer.code }).toEqual({ status: 400, code: '0x8004E023' });
  }
});

test('a URL above 32 KB is refused with HTML by the web server, in a batch one above 64 KB', async () => {
  const path = (length: number) => `contacts?$select=contactid&$top=1&padding=${'x'.repeat(length)}`;
  expect((await client.get(path(32_000))).status).toBe(200);
  const long = await client.get(path(33_000));
  expect(long.status).toBe(414);
  expect(long.headers.get('content-type')).toMatch(/^text\/html/);
  const batch = async (length: number) => {
    const raw = `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET ${path(length)} HTTP/1.1\r\n\r\n--b--\r\n`;
    const headers = { 'Content-Type': 'multipart/mixed; boundary=b' };
    return (await client.call('POST', '$batch', { raw, headers })).text;
  };
  expect(await batch(64_000)).toContain('HTTP/1.1 200');
  expect(await batch(66_000)).toContain('HTTP/1.1 414');
});

test('a path segment of more than 260 characters is an invalid URL', async () => {
  const answer = await client.get(`RetrieveTotalRecordCount(EntityNames=['${'x'.repeat(240)}'])`);
  expect(answer.status).toBe(400);
  expect(answer.text).toContain('The request URL is invalid.');
});

test.each([
  ['systemuserroles_association,businessunitid', 'can not be nested or combined'],
  ['systemuserroles_association($expand=businessunitid)', 'can not be nested or combined'],
  [
    'businessunitid($expand=business_unit_system_users($expand=teammembership_association))',
    'can not be nested',
  ],
  ['businessunitid($select=name;$skip=1)', 'not supported in $expand'],
  ['businessunitid($levels=2)', 'not supported in $expand'],
  ['businessunitid($select=name;nonsense)', 'Syntax error'],
  ['businessunitid($top=1)', 'Only $select and $filter clause'],
  ['businessunitid($select=nope)', 'nope'],
  ['nope', 'nope'],
  ['systemuserroles_association/$ref', 'Expand with $ref is only supported on lookup type'],
])('$expand=%s is refused', async (expand, text) => {
  const answer = await client.get(`systemusers?$expand=${encodeURIComponent(expand)}`);
  expect(answer).toMatchObject({ status: 400, code: '0x80060888' });
  expect(answer.json.error.message).toContain(text);
});

test('fifteen $expand options are taken, nested ones counted, a sixteenth is refused', async () => {
  const nested = (count: number) =>
    Array.from({ length: count - 8 }, () => 'createdby($select=fullname)').join(',');
  const users = (count: number) =>
    `accounts?$select=name&$top=1&$expand=${Array.from({ length: 7 }, () => 'createdby($select=fullname)').join(',')},modifiedby($select=fullname;$expand=${nested(count)})`;
  expect((await client.get(users(15))).status).toBe(200);
  const refused = await client.get(users(16));
  expect(refused).toMatchObject({ status: 400, code: '0x80060888' });
});

test('several many-to-many expands stand side by side; a filter in a lookup’s expand hides the row', async () => {
  const links = await client.get(
    'systemusers?$select=fullname&$expand=systemuserroles_association($select=name),teammembership_association($select=name)',
  );
  expect(links.status).toBe(200);
  const path = (name: string) =>
    `contacts?$select=lastname&$top=1&$expand=createdby($select=fullname;$filter=fullname eq '${name}')`;
  expect((await client.get(path('nobody'))).json.value[0].createdby).toBeNull();
});

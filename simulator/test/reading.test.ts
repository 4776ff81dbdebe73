import { guidSortKey } from '../src/model/guid.ts';
import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const pages = (size: number, more = '') => ({ Prefer: `odata.maxpagesize=${size}${more}` });

async function readAll(path: string, size: number): Promise<string[]> {
  const ids: string[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const { json } = await client.get(next, pages(size));
    expect(json.value.length).toBeLessThanOrEqual(size);
    ids.push(...json.value.map((row: Record<string, string>) => row['contactid']));
    next = json['@odata.nextLink'];
  }
  return ids;
}

test('[R2] pages follow the order of SQL Server guids and lose nothing', async () => {
  const ids = await readAll('contacts?$select=contactid', 7);
  expect(ids).toEqual([...ids].sort((a, b) => (guidSortKey(a) < guidSortKey(b) ? -1 : 1)));
  expect(new Set(ids).size).toBe(client.server.environment.database.store('contact').size);
});

test('an explicit order with nulls and ties pages without loss', async () => {
  const ids = await readAll('contacts?$select=jobtitle&$orderby=jobtitle desc', 7);
  expect(new Set(ids).size).toBe(client.server.environment.database.store('contact').size);
  expect(ids).toHaveLength(new Set(ids).size);
});

test('[R1] a page size that is not repeated on the next link falls back to 5000', async () => {
  const first = await client.get('contacts?$select=contactid', pages(5));
  expect(first.headers.get('preference-applied')).toBe('odata.maxpagesize=5');
  const rest = await client.get(first.json['@odata.nextLink']);
  expect(rest.json.value.length).toBeGreaterThan(5);
  expect(rest.json['@odata.nextLink']).toBeUndefined();
});

test('[R2] nextLink stands after value and carries the twice encoded cookie with upper-case GUIDs', async () => {
  const { text, json } = await client.get('contacts?$select=contactid', pages(2));
  expect(text.indexOf('"@odata.nextLink"')).toBeGreaterThan(text.indexOf('"value"'));
  expect(json['@odata.nextLink']).toMatch(
    /\$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%2520page%253d%25221%2522%253e%253ccontactid%2520last%253d%2522%257b[0-9A-F-]{36}%257d/,
  );
});

test('[R2] [R3] key always present, nulls printed, lookups only as _x_value, currency beside money', async () => {
  const { json } = await client.get('accounts?$select=revenue,_primarycontactid_value,fax&$top=1');
  const [row] = json.value;
  expect(Object.keys(row).sort()).toEqual(
    [
      '@odata.etag',
      '_primarycontactid_value',
      '_transactioncurrencyid_value',
      'accountid',
      'fax',
      'revenue',
    ].sort(),
  );
  expect(row.fax).toBeNull();
  expect(json['@odata.nextLink']).toBeUndefined();
});

test('[R4] decimals keep their scale and 64-bit numbers their digits, as literals', async () => {
  const created = await client.call('POST', 'demo_samples', {
    raw: '{"demo_name":"digits","demo_big":9007199254740993,"demo_decimal":0.1234567891,"demo_price":123456789012.3456}',
    headers: { 'Content-Type': 'application/json', Prefer: 'return=representation' },
  });
  expect(created.text).toContain('"demo_big":9007199254740993');
  expect(created.text).toContain('"demo_decimal":0.1234567891');
  expect(created.text).toContain('"demo_price":123456789012.3456000000');
  expect(created.text).toMatch(/"exchangerate":1\.000000000000/);
});

test('[R3] the type of a polymorphic lookup stands only in the annotations asked for, before their property', async () => {
  const lookups =
    'Microsoft.Dynamics.CRM.lookuplogicalname,Microsoft.Dynamics.CRM.associatednavigationproperty';
  const { text } = await client.get(
    'contacts?$select=_parentcustomerid_value&$filter=_parentcustomerid_value ne null&$top=1',
    { Prefer: `odata.include-annotations="${lookups}"` },
  );
  expect(text).toContain(
    '"_parentcustomerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty":"parentcustomerid_account"',
  );
  expect(text).toContain('"_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":"account"');
  expect(text).not.toContain('FormattedValue');
  expect(text.indexOf('@Microsoft.Dynamics.CRM.lookuplogicalname"')).toBeLessThan(
    text.indexOf('"_parentcustomerid_value":'),
  );
});

test('[R15] two Prefer headers are both honoured', async () => {
  const headers = new Headers({ Prefer: 'odata.maxpagesize=3' });
  headers.append('Prefer', 'odata.include-annotations="*"');
  const { json } = await client.get('contacts?$select=statecode', Object.fromEntries(headers));
  expect(json.value).toHaveLength(3);
  expect(json.value[0]['statecode@OData.Community.Display.V1.FormattedValue']).toBe('Active');
  expect(json['@Microsoft.Dynamics.CRM.totalrecordcount']).toBe(-1);
});

test.each([
  ["contains(fullname,'e') and statecode eq 0", true],
  ["not contains(fullname,'zzz')", true],
  ["startswith(lastname,'%25')", true],
  ["endswith(lastname,'zzzz')", false],
  ["fullname eq 'O''Nobody'", false],
  ["Microsoft.Dynamics.CRM.In(PropertyName='statecode',PropertyValues=['0','7'])", true],
  ['_parentcustomerid_value ne null', true],
  ['createdon ge 2000-01-01T00:00:00Z and createdon lt 2100-01-01', true],
  ['versionnumber gt 1', true],
  ['versionnumber gt 9223372036854775806', false],
  ['parentcustomerid_account/name ne null', true],
  ['contactid ne 00000000-0000-0000-0000-000000000000', true],
  ['statecode eq @s&@s=0', true],
])('$filter=%s', async (filter, some) => {
  const { status, json } = await client.get(`contacts?$select=contactid&$filter=${filter}`);
  expect(status).toBe(200);
  expect(json.value.length > 0).toBe(some);
});

test.each([
  ['contacts?$select=nope', '0x80060888'],
  ['contacts?$filter=nope eq 1', '0x80060888'],
  ['contacts?$select=FullName', '0x80060888'],
  ['contacts?$skip=5', '0x80060888'],
  ["contacts?$filter=statecode eq 'x'", '0x80060888'],
  ['contacts?$filter=(statecode eq 0', '0x80060888'],
  ['contacts?$top=-1', '0x80060888'],
])('%s is refused with 400', async (path, code) => {
  expect(await client.get(path)).toMatchObject({ status: 400, code });
});

test('unknown entity set: 404 0x8006088a; missing row: 404 0x80040217', async () => {
  expect(await client.get('Account')).toMatchObject({ status: 404, code: '0x8006088a' });
  const missing = await client.get('accounts(11111111-1111-1111-1111-111111111111)');
  expect(missing).toMatchObject({ status: 404, code: '0x80040217' });
  expect(missing.json.error.message).toBe(
    'account With Id = 11111111-1111-1111-1111-111111111111 Does Not Exist',
  );
});

test('single expand has no etag, a collection expand has one and a link that does not page', async () => {
  const { json } = await client.get(
    'accounts?$select=name&$expand=primarycontactid($select=fullname),contact_customer_accounts($select=fullname;$top=1)&$filter=_primarycontactid_value ne null&$top=1',
  );
  const [row] = json.value;
  expect(row.primarycontactid['@odata.etag']).toBeUndefined();
  expect(row.contact_customer_accounts[0]['@odata.etag']).toMatch(/^W\//);
  expect(row['contact_customer_accounts@odata.nextLink']).not.toContain('skiptoken');
  expect(json['@odata.context']).toContain(
    '#accounts(name,primarycontactid(fullname),contact_customer_accounts(fullname))',
  );
});

test('a nested expand refuses $top and $orderby', async () => {
  const answer = await client.get(
    'accounts?$expand=contact_customer_accounts($top=1;$expand=parentcustomerid_account($select=name))',
  );
  expect(answer).toMatchObject({ status: 400, code: '0x80060888' });
});

test('$count comes in the body and as text below /$count', async () => {
  const { json } = await client.get('contacts?$select=contactid&$count=true&$top=1');
  const plain = await client.get('contacts/$count');
  expect(plain.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(Number(plain.text)).toBe(json['@odata.count']);
});

test('single row: etag header, 304, one property, $ref and $value', async () => {
  const list = await client.get('accounts?$select=name&$filter=_primarycontactid_value ne null&$top=1');
  const id = list.json.value[0].accountid;
  const one = await client.get(`accounts(${id})?$select=name`);
  expect(one.headers.get('etag')).toBe(one.json['@odata.etag']);
  expect((await client.get(`accounts(${id})`, { 'If-None-Match': one.json['@odata.etag'] })).status).toBe(
    304,
  );
  expect((await client.get(`accounts(${id})`, { 'If-None-Match': 'null' })).status).toBe(200);
  expect((await client.get(`accounts(${id})/name`)).json.value).toBe(one.json.name);
  expect((await client.get(`accounts(${id})/name/$value`)).text).toBe(one.json.name);
  const references = await client.get(`accounts(${id})/contact_customer_accounts/$ref`);
  expect(references.json['@odata.context']).toMatch(/\$metadata#Collection\(\$ref\)$/);
  expect(references.json.value[0]['@odata.id']).toMatch(/\/contacts\([0-9a-f-]{36}\)$/);
  expect((await client.get(`accounts(${id})/fax`)).status).toBe(204);
});

test('[R2] FetchXML leaves nulls out, pages by cookie, and says so only when asked', async () => {
  const fetchXml = (page: number, cookie = '') =>
    `accounts?fetchXml=${encodeURIComponent(`<fetch count="15" page="${page}"${cookie}><entity name="account"><attribute name="name"/><attribute name="fax"/></entity></fetch>`)}`;
  const silent = await client.get(fetchXml(1));
  expect(Object.keys(silent.json)).toEqual(['@odata.context', 'value']);
  expect(silent.json.value[0]).not.toHaveProperty('fax');
  const wanted = { Prefer: 'odata.include-annotations="Microsoft.Dynamics.CRM.*"' };
  const ids = new Set<string>();
  let cookie = '';
  for (let page = 1; ; page++) {
    const { json } = await client.get(fetchXml(page, cookie), wanted);
    for (const row of json.value) ids.add(row.accountid);
    if (json['@Microsoft.Dynamics.CRM.morerecords'] === false) break;
    const outer: string = json['@Microsoft.Dynamics.CRM.fetchxmlpagingcookie'];
    const inner = decodeURIComponent(decodeURIComponent(/pagingcookie="([^"]*)"/.exec(outer)![1]!));
    cookie = ` paging-cookie="${inner.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')}"`;
  }
  expect(ids.size).toBe(client.server.environment.database.store('account').size);
});

test('FetchXML: joins, conditions and aggregates', async () => {
  const run = (xml: string) => client.get(`contacts?fetchXml=${encodeURIComponent(xml)}`);
  const joined = await run(
    '<fetch><entity name="contact"><attribute name="fullname"/><link-entity name="account" from="accountid" to="parentcustomerid" alias="a"><attribute name="name"/></link-entity></entity></fetch>',
  );
  expect(joined.json.value[0]['a.name']).toEqual(expect.any(String));
  const count = await run(
    '<fetch aggregate="true"><entity name="contact"><attribute name="contactid" alias="n" aggregate="count"/></entity></fetch>',
  );
  expect(count.json.value[0].n).toBe(client.server.environment.database.store('contact').size);
  const unknown = await run('<fetch><entity name="contact"><attribute name="nope"/></entity></fetch>');
  expect(unknown).toMatchObject({ status: 400, code: '0x80041103' });
});

import { startClient, type Client } from './support/client.ts';

/** Behaviours that a first reading of the facts left out; each is named by its fact. */
let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const CRLF = '\r\n';

async function idOf(query: string, key: string): Promise<string> {
  const { json } = await client.get(query);
  return String(json.value[0][key]);
}

test('a filter must be a condition', async () => {
  expect((await client.get('accounts?$filter=name')).status).toBe(400);
  expect((await client.get('accounts?$filter=creditonhold&$top=1')).status).toBe(200);
});

test('$top is ignored where a page size is asked for', async () => {
  const headers = { Prefer: 'odata.maxpagesize=5' };
  const { json } = await client.get('contacts?$select=fullname&$top=2', headers);
  expect(json.value).toHaveLength(5);
  expect(json['@odata.nextLink']).toContain('$skiptoken=');
});

test('nested expands stand in the context, and their next links do page', async () => {
  const inner = '$expand=primarycontactid($select=fullname;$expand=createdby($select=fullname))';
  const { json: single } = await client.get(`accounts?$select=name&$top=1&${inner}`);
  expect(single['@odata.context']).toMatch(
    /#accounts\(name,primarycontactid\(fullname,createdby\(fullname\)\)\)$/,
  );
  const nested =
    '$expand=contact_customer_accounts($select=fullname;$expand=parentcustomerid_account($select=name))';
  const headers = { Prefer: 'odata.maxpagesize=1' };
  let row: Record<string, string> | undefined;
  for (let next = `accounts?$select=name&${nested}`; row === undefined && next !== '';) {
    const { json } = await client.get(next, headers);
    row = json.value.find((one: object) => 'contact_customer_accounts@odata.nextLink' in one);
    next = json['@odata.nextLink'] ?? '';
  }
  const link = String(row?.['contact_customer_accounts@odata.nextLink']);
  expect(decodeURIComponent(decodeURIComponent(decodeURIComponent(link)))).toMatch(/countOfRecords="\d+"/);
  const { json: second } = await client.get(link, headers);
  const [shown] = row?.['contact_customer_accounts'] as unknown as { contactid: string }[]; // an expanded collection
  expect(second.value).toHaveLength(1);
  expect(second.value[0].contactid).not.toBe(shown?.contactid);
});

test('a row behind a navigation property can be read and not written', async () => {
  const id = await idOf('accounts?$filter=_primarycontactid_value ne null&$top=1', 'accountid');
  expect((await client.get(`accounts(${id})/primarycontactid?$select=fullname`)).status).toBe(200);
  expect((await client.delete(`accounts(${id})/primarycontactid`)).status).toBe(405);
  expect((await client.patch(`accounts(${id})/primarycontactid`, { firstname: 'x' })).status).toBe(405);
});

test('every preference that took effect is echoed on a write too', async () => {
  const headers = { Prefer: 'return=representation,odata.include-annotations="*"' };
  const { headers: answered } = await client.post('accounts?$select=name', { name: 'x' }, headers);
  expect(answered.get('preference-applied')).toBe('return=representation,odata.include-annotations="*"');
});

test('error parts of a batch carry REQ_ID', async () => {
  const part = ['--b', 'Content-Type: application/http', '', 'GET nothings HTTP/1.1', '', '', '--b--', ''];
  const { text, status } = await client.call('POST', '$batch', {
    headers: { 'Content-Type': 'multipart/mixed; boundary=b' },
    raw: part.join(CRLF),
  });
  expect(status).toBe(400);
  expect(text).toMatch(/HTTP\/1\.1 404 Not Found\r\nREQ_ID: [0-9a-f-]{36}\r\n/);
});

test('an update of many names the missing row in the plural', async () => {
  const id = '00000000-0000-0000-0000-0000000000ff';
  const { status, json } = await client.post('contacts/Microsoft.Dynamics.CRM.UpdateMultiple', {
    Targets: [{ '@odata.type': 'Microsoft.Dynamics.CRM.contact', contactid: id, lastname: 'x' }],
  });
  expect(status).toBe(404);
  expect(json.error).toMatchObject({
    code: '0x80040217',
    message: `Contact With Ids = ${id} Do Not Exist`,
  });
});

test.each([
  ['incidents', 'incidentid', 0, { statecode: 1, statuscode: 5 }],
  ['quotes', 'quoteid', 1, { statecode: 2, statuscode: 4 }],
])('%s are ended by a message, not by an update [W5]', async (set, key, open, closed) => {
  const id = await idOf(`${set}?$select=statecode`, key);
  await client.patch(`${set}(${id})`, { statecode: open });
  const { status, code } = await client.patch(`${set}(${id})`, closed);
  expect({ status, code }).toEqual({ status: 400, code: '0x80100005' });
});

test('an order is fulfilled by a message bound to the collection [W5]', async () => {
  const account = await idOf('accounts?$select=name&$top=1', 'accountid');
  const order = { name: 'An order', 'customerid_account@odata.bind': `/accounts(${account})` };
  const made = await client.post('salesorders', order, { Prefer: 'return=representation' });
  const id = String(made.json.salesorderid);
  const refused = await client.patch(`salesorders(${id})`, { statecode: 3, statuscode: 100001 });
  expect(refused.code).toBe('0x80100005');
  const { status } = await client.post('salesorders/Microsoft.Dynamics.CRM.FulfillSalesOrder', {
    Status: 100001,
    OrderClose: { subject: 'delivered', 'salesorderid@odata.bind': `/salesorders(${id})` },
  });
  expect(status).toBe(204);
  const { json } = await client.get(`salesorders(${id})?$select=statecode,statuscode`);
  expect(json).toMatchObject({ statecode: 3, statuscode: 100001 });
});

test('a closing message leaves a completed close activity behind [W5]', async () => {
  const id = await idOf('opportunities?$filter=statecode eq 0&$top=1', 'opportunityid');
  const close = { subject: 'won', actualrevenue: 12.5, 'opportunityid@odata.bind': `/opportunities(${id})` };
  const { status } = await client.post('WinOpportunity', { Status: 3, OpportunityClose: close });
  expect(status).toBe(204);
  const { json } = await client.get(
    `opportunitycloses?$select=subject,statecode,actualrevenue&$filter=_opportunityid_value eq ${id}`,
  );
  expect(json.value).toMatchObject([{ subject: 'won', statecode: 1 }]);
});

test('closed sales documents and their lines are read-only but for administrators [W5]', async () => {
  const { json } = await client.get('quotedetails?$select=_quoteid_value&$top=1');
  const [{ quotedetailid: line, _quoteid_value: quote }] = json.value;
  await client.patch(`quotes(${quote})`, { statecode: 1 });
  const { json: users } = await client.get(
    "systemusers?$select=systemuserid&$filter=fullname eq 'Teo Marchetti'",
  );
  const other = { MSCRMCallerID: String(users.value[0].systemuserid) };
  await client.patch(`quotes(${quote})`, { 'ownerid@odata.bind': `/systemusers(${other.MSCRMCallerID})` });
  const write = async (path: string) => (await client.patch(path, { description: 'x' }, other)).code;
  expect(await write(`quotes(${quote})`)).toBe('0x8004022e');
  expect(await write(`quotedetails(${line})`)).toBe('0x80043b09');
  expect((await client.patch(`quotes(${quote})`, { description: 'x' })).status).toBe(204);
  expect((await client.patch(`quotes(${quote})`, { statecode: 0 }, other)).status).toBe(204);
  expect(await write(`quotes(${quote})`)).toBeUndefined();
});

test('spaces in the request line of a batch part are read, as Microsoft’s own client sends them', async () => {
  const line = "GET accounts?$select=name&$filter=name ne 'x y'&$top=1 HTTP/1.1";
  const part = ['--b', 'Content-Type: application/http', '', line, '', '', '--b--', ''];
  const { status, text } = await client.call('POST', '$batch', {
    headers: { 'Content-Type': 'multipart/mixed; boundary=b' },
    raw: part.join(CRLF),
  });
  expect(status).toBe(200);
  expect(text).toContain('HTTP/1.1 200 OK');
});

test('one request counts once in the statistics, a batch too', async () => {
  const count = async () => (await client.get(`${client.server.url}/_simulator/statistics`)).json.requests;
  const before = await count();
  await client.get('WhoAmI');
  const get = ['--b', 'Content-Type: application/http', '', 'GET WhoAmI HTTP/1.1', '', ''];
  await client.call('POST', '$batch', {
    headers: { 'Content-Type': 'multipart/mixed; boundary=b' },
    raw: [...get, ...get, '--b--', ''].join(CRLF),
  });
  expect(await count()).toBe(before + 2);
});

test('a row that loses its parent by RemoveLink gets a new etag [W15]', async () => {
  const parent = await client.post('accounts', { name: 'parent' }, { Prefer: 'return=representation' });
  const id = String(parent.json.accountid);
  const child = await client.post(
    'accounts?$select=name',
    { name: 'child', 'parentaccountid@odata.bind': `/accounts(${id})` },
    { Prefer: 'return=representation' },
  );
  expect((await client.delete(`accounts(${id})`)).status).toBe(204);
  const { json } = await client.get(
    `accounts(${child.json.accountid})?$select=modifiedon,_parentaccountid_value`,
  );
  expect(json['_parentaccountid_value']).toBeNull();
  expect(json['@odata.etag']).not.toBe(child.json['@odata.etag']);
});

test.each([
  ['accounts', 'account', 'parentaccountid', '0x80040507'],
  ['contacts', 'contact', 'parentcustomerid_contact', '0x8004050a'],
])('a row of %s cannot stand above itself', async (set, table, navigation, refusal) => {
  const name = table === 'account' ? 'name' : 'lastname';
  const make = async () => {
    const { json } = await client.post(set, { [name]: 'loop' }, { Prefer: 'return=representation' });
    return String(json[`${table}id`]);
  };
  const [upper, middle, lower] = [await make(), await make(), await make()];
  const put = async (id: string, parent: string) =>
    (await client.patch(`${set}(${id})`, { [`${navigation}@odata.bind`]: `/${set}(${parent})` })).code;
  expect(await put(middle, upper)).toBeUndefined();
  expect(await put(lower, middle)).toBeUndefined();
  expect(await put(upper, lower)).toBe(refusal);
  expect(await put(upper, upper)).toBe(refusal);
});

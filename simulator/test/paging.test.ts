import { request } from 'node:http';
import type { Switches } from '../src/service/switches.ts';
import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterEach(() => {
  client.server.environment.switches = { ...client.server.environment.switches, ...DEFAULTS };
});
afterAll(() => client.close());

const DEFAULTS = {
  pageSizeAboveCap: 'capped',
  topWithNextLink: false,
  shortPages: false,
  ieee754Compatible: 'ignored',
  securedColumns: 'null',
  zoneOfIndependentTimes: 'Z',
} as const satisfies Partial<Switches>;

function set(switches: Partial<Switches>): void {
  client.server.environment.switches = { ...client.server.environment.switches, ...switches };
}

const pages = (size: number) => ({ Prefer: `odata.maxpagesize=${size}` });

interface ReadPage {
  readonly ids: string[];
  readonly next: string | undefined;
}

async function read(path: string, size: number): Promise<ReadPage> {
  const { status, json } = await client.get(path, pages(size));
  expect(status).toBe(200);
  return {
    ids: json.value.map((row: Record<string, string>) => row['contactid']),
    next: json['@odata.nextLink'],
  };
}

async function readPages(path: string, size: number): Promise<string[][]> {
  const all: string[][] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const page = await read(next, size);
    all.push(page.ids);
    next = page.next;
  }
  return all;
}

const contacts = () => [...client.server.environment.database.store('contact').values()];

test('[R14] a row that is inserted behind the cursor is missed, one ahead of it is seen', async () => {
  const first = await read('contacts?$select=contactid', 5);
  const behind = '00000000-0000-0000-0000-000000000001';
  const ahead = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  for (const contactid of [behind, ahead]) await client.post('contacts', { contactid, lastname: 'Late' });
  const rest = (await readPages(first.next!, 5)).flat();
  expect(rest).toContain(ahead);
  expect(rest).not.toContain(behind);
  for (const id of [behind, ahead]) await client.delete(`contacts(${id})`);
});

test('[R14] a row that is deleted before its page is gone, one whose page was read stays read', async () => {
  const made = ['ffffffff-ffff-ffff-ffff-fffffffffff1', 'ffffffff-ffff-ffff-ffff-fffffffffff2'];
  for (const contactid of made) await client.post('contacts', { contactid, lastname: 'Short-lived' });
  const before = contacts().length;
  const first = await read('contacts?$select=contactid', before - 1);
  expect(first.ids).toContain(made[0]);
  for (const id of made) await client.delete(`contacts(${id})`);
  const rest = await readPages(first.next!, before);
  expect(rest).toEqual([[]]);
});

test('[R14] pages may be short or empty and still have a next link', async () => {
  set({ shortPages: true });
  const all = await readPages('contacts?$select=contactid', 6);
  expect(all.slice(0, 4).map((ids) => ids.length)).toEqual([6, 3, 0, 6]);
  expect(new Set(all.flat()).size).toBe(contacts().length);
  expect(all.flat()).toHaveLength(contacts().length);
});

test('[R14] a change-tracked read with uneven pages ends in one deltaLink all the same', async () => {
  set({ shortPages: true });
  const ids = new Set<string>();
  let links = 0;
  for (let next: string | undefined = 'contacts?$select=contactid'; next !== undefined;) {
    const { json } = await client.get(next, { Prefer: 'odata.track-changes,odata.maxpagesize=7' });
    for (const row of json.value) ids.add(row.contactid);
    if (json['@odata.deltaLink'] !== undefined) links++;
    next = json['@odata.nextLink'];
  }
  expect(links).toBe(1);
  expect(ids.size).toBe(contacts().length);
});

test('a page size above 5000 is cut, or refused where that is switched on', async () => {
  const cut = await client.get('contacts?$select=contactid', pages(6000));
  expect(cut.headers.get('preference-applied')).toBe('odata.maxpagesize=5000');
  set({ pageSizeAboveCap: 'refused' });
  expect(await client.get('contacts', pages(6000))).toMatchObject({ status: 400, code: '0x80060888' });
});

test('$top has no next link, or one where that is switched on', async () => {
  expect((await client.get('contacts?$top=3')).json['@odata.nextLink']).toBeUndefined();
  set({ topWithNextLink: true });
  const { json } = await client.get('contacts?$top=3');
  expect(json.value).toHaveLength(3);
  expect(json['@odata.nextLink']).toContain('$skiptoken=');
});

test('64-bit and decimal numbers stay numbers, or are quoted with an echo where that is switched on', async () => {
  const body =
    '{"demo_name":"q","demo_big":9007199254740993,"demo_decimal":0.5,"demo_price":1.5,"demo_count":7}';
  const made = await client.call('POST', 'demo_samples', {
    raw: body,
    headers: { 'Content-Type': 'application/json', Prefer: 'return=representation' },
  });
  const path = `demo_samples(${made.json.demo_sampleid})?$select=demo_big,demo_decimal,demo_price,demo_count,versionnumber`;
  const accept = { Accept: 'application/json;IEEE754Compatible=true' };
  expect((await client.get(path, accept)).text).toContain('"demo_big":9007199254740993');
  set({ ieee754Compatible: 'honoured' });
  const quoted = await client.get(path, accept);
  expect(quoted.headers.get('content-type')).toContain('IEEE754Compatible=true');
  expect(quoted.text).toContain('"demo_big":"9007199254740993"');
  expect(quoted.text).toContain('"demo_decimal":"0.5000000000"');
  expect(quoted.text).toMatch(/"demo_price":"1\.5/);
  expect(quoted.text).toMatch(/"versionnumber":"\d+"/);
  expect(quoted.text).toContain('"demo_count":7');
  const plain = await client.get(path);
  expect(plain.headers.get('content-type')).not.toContain('IEEE754');
  expect(plain.text).toContain('"demo_big":9007199254740993');
});

test('times without a zone carry Z, or nothing where that is switched', async () => {
  const filter = 'demo_samples?$select=demo_opens&$filter=demo_opens ne null&$top=1';
  expect((await client.get(filter)).json.value[0].demo_opens).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  set({ zoneOfIndependentTimes: 'none' });
  expect((await client.get(filter)).json.value[0].demo_opens).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
});

/** `fetch` joins equal headers into one line; this sends two. */
async function getWithTwoPrefers(path: string, one: string, two: string): Promise<string> {
  const user = client.server.environment.adminUserId;
  const issued = await fetch(`${client.server.url}/_simulator/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user }),
  });
  const { access_token: token } = (await issued.json()) as { access_token: string }; // the endpoint's shape
  return new Promise((resolve, reject) => {
    const headers = ['Host', '127.0.0.1', 'Authorization', `Bearer ${token}`, 'Prefer', one, 'Prefer', two];
    request(`${client.server.url}/api/data/v9.2/${path}`, { headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

test('[R15] two Prefer headers on lines of their own are both honoured', async () => {
  const text = await getWithTwoPrefers(
    'contacts?$select=statecode',
    'odata.maxpagesize=3',
    'odata.include-annotations="*"',
  );
  expect(text.match(/"contactid":/g)).toHaveLength(3);
  expect(text).toContain('"statecode@OData.Community.Display.V1.FormattedValue":"Active"');
});

test('[R15] one Prefer header with commas means the same as two', async () => {
  const joined = await client.get('contacts?$select=statecode', {
    Prefer: 'odata.maxpagesize=3, odata.include-annotations="*"',
  });
  expect(joined.json.value).toHaveLength(3);
  expect(joined.json.value[0]['statecode@OData.Community.Display.V1.FormattedValue']).toBe('Active');
});

test('choices sort by their label, lookups by the name behind them, related columns by page number', async () => {
  const kinds = await client.get(
    'demo_samples?$select=demo_kind&$orderby=demo_kind&$filter=demo_kind ne null',
    { Prefer: 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"' },
  );
  const labels: string[] = kinds.json.value.map(
    (row: Record<string, string>) => row['demo_kind@OData.Community.Display.V1.FormattedValue'],
  );
  expect(labels).toEqual([...labels].sort());
  expect(new Set(labels).size).toBeGreaterThan(1);
  const names: (string | null)[] = [];
  const path =
    'contacts?$select=contactid&$expand=parentcustomerid_account($select=name)&$orderby=parentcustomerid_account/name desc';
  for (let next: string | undefined = path; next !== undefined;) {
    const { json } = await client.get(next, pages(9));
    names.push(
      ...json.value.map(
        (row: Record<string, { name: string } | null>) => row['parentcustomerid_account']?.name ?? null,
      ),
    );
    next = json['@odata.nextLink'];
    if (next !== undefined)
      expect(next).toMatch(/\$skiptoken=%3Ccookie%20pagenumber=%22\d+%22%20istracking=/);
  }
  expect(names).toHaveLength(contacts().length);
  const key = (name: string | null) => (name === null ? '' : name.toLowerCase());
  expect(names).toEqual([...names].sort((a, b) => (key(a) < key(b) ? 1 : key(a) > key(b) ? -1 : 0)));
});

test.each([
  ['contacts?$orderby=contact_customer_accounts/name', '0x80060888'],
  ['contacts?$orderby=nope/name', '0x80060888'],
  ['contacts?$skiptoken=nonsense', '0x8004112A'],
  ['contacts?$skiptoken=<cookie pagenumber="0" istracking="False" />', '0x8004112A'],
])('%s is refused with 400', async (path, code) => {
  expect(await client.get(path)).toMatchObject({ status: 400, code });
});

test('a next link under another order is refused with 0x80041129', async () => {
  const { json } = await client.get('contacts?$select=fullname&$orderby=lastname', pages(3));
  const link: string = json['@odata.nextLink'];
  expect(await client.get(link.replace('$orderby=lastname', '$orderby=firstname'))).toMatchObject({
    status: 400,
    code: '0x80041129',
  });
});

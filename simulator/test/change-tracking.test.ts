import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeEach(async () => (client = await startClient()));
afterEach(() => client.close());

const TRACK = { Prefer: 'odata.track-changes' };

async function firstLink(path = 'accounts?$select=name'): Promise<string> {
  return (await client.get(path, TRACK)).json['@odata.deltaLink'];
}

test('[R6] [R7] the delta link stands on the last page only, before value, and its watermark is that of the first page', async () => {
  const first = await client.get('accounts?$select=name', {
    Prefer: 'odata.track-changes,odata.maxpagesize=25',
  });
  expect(first.headers.get('preference-applied')).toContain('odata.track-changes');
  expect(first.json['@odata.deltaLink']).toBeUndefined();
  expect(first.json['@odata.nextLink']).toContain('istracking=%22True%22');
  const late = await client.post('accounts', { name: 'while paging' }, { Prefer: 'return=representation' });
  const last = await client.get(first.json['@odata.nextLink'], { Prefer: 'odata.maxpagesize=100' });
  expect(last.json['@odata.nextLink']).toBeUndefined();
  expect(last.text.indexOf('@odata.deltaLink')).toBeLessThan(last.text.indexOf('"value"'));
  expect(last.json['@odata.deltaLink']).toMatch(
    /\$deltatoken=\d+%21\d\d%2f\d\d%2f\d{4}%20\d\d%3a\d\d%3a\d\d$/,
  );
  const delta = await client.get(last.json['@odata.deltaLink']);
  expect(delta.json.value.map((row: { accountid: string }) => row.accountid)).toContain(late.json.accountid);
});

test('[R6] a delta gives changed rows whole, tombstones last with a bare id, and a new link', async () => {
  const link = await firstLink();
  const [gone, changed] = (await client.get('accounts?$select=name&$top=2')).json.value;
  await client.delete(`accounts(${gone.accountid})`);
  await client.patch(`accounts(${changed.accountid})`, { fax: '1' });
  const { json } = await client.get(link);
  expect(json['@odata.context']).toMatch(/\$metadata#accounts\(name\)\/\$delta$/);
  const own = json.value.filter((item: Record<string, string>) =>
    [gone.accountid, changed.accountid].includes(item['accountid'] ?? item['id']),
  );
  expect(own[0]).toMatchObject({ name: changed.name, accountid: changed.accountid });
  expect(own[1]).toEqual({
    '@odata.context': `${client.server.url}/api/data/v9.2/$metadata#accounts/$deletedEntity`,
    id: gone.accountid,
    reason: 'deleted',
  });
  expect(json.value.at(-1).reason).toBe('deleted');
  expect((await client.get(json['@odata.deltaLink'])).json.value).toEqual([]);
  const count = await client.get(link.replace('accounts?', 'accounts/$count?'));
  expect(Number(count.text)).toBe(json.value.length);
});

test('[R7] a delta pages without loss and holds what changed while it was paged for the next one', async () => {
  const link = await firstLink('contacts?$select=fullname');
  const { json: all } = await client.get('contacts?$select=contactid');
  const ids: string[] = all.value.map((row: { contactid: string }) => row.contactid);
  for (const id of ids.slice(0, 5)) await client.patch(`contacts(${id})`, { fax: '1' });
  for (const id of ids.slice(5, 8)) await client.delete(`contacts(${id})`);
  const seen: string[] = [];
  let next: string | undefined = link;
  let last: string | undefined;
  while (next !== undefined) {
    const { json }: { json: Record<string, never> & { value: Record<string, string>[] } } = await client.get(
      next,
      { Prefer: 'odata.maxpagesize=3' },
    );
    seen.push(...json.value.map((item) => item['contactid'] ?? item['id']!));
    if (seen.length === 3) await client.patch(`contacts(${ids[4]})`, { fax: '2' });
    next = json['@odata.nextLink'];
    last = json['@odata.deltaLink'];
  }
  const again = await client.get(last!);
  seen.push(...again.json.value.map((item: Record<string, string>) => item['contactid']));
  for (const id of ids.slice(0, 8)) expect(seen).toContain(id);
});

test.each(['$filter=statecode eq 0', '$orderby=name', '$top=1', '$expand=primarycontactid'])(
  '[R6] refused with change tracking: %s',
  async (option) => {
    const answer = await client.get(`accounts?${option}`, TRACK);
    expect(answer.status).toBe(400);
    expect(answer.json.error.message).toMatch(
      /query parameter isn't supported when Change Tracking is enabled\.$/,
    );
  },
);

test('[R6] a token older than expirechangetrackingindays: 0x80044352', async () => {
  const link = await firstLink();
  const { database, identity } = client.server.environment;
  database.put('organization', identity.organizationId, {
    ...database.get('organization', identity.organizationId)!.values,
    expirechangetrackingindays: 0,
  });
  client.advance(60_000);
  expect(await client.get(link)).toMatchObject({ status: 400, code: '0x80044352' });
});

test('a table that is not enabled: 0x80072491; without global read: 0x80040220', async () => {
  expect(await client.get('workflows', TRACK)).toMatchObject({ status: 400, code: '0x80072491' });
  const salesperson = await client.as('mira.falk@lindqvist.example');
  expect(await salesperson.get('accounts', TRACK)).toMatchObject({ status: 403, code: '0x80040220' });
});

test('links are tracked on the intersect table', async () => {
  const { environment } = client.server;
  const set = environment.schema.table('demo_event_contact')!.entitySetName!;
  const link = await firstLink(set);
  const [row] = (await client.get(`${set}?$top=1`)).json.value;
  await client.delete(`demo_events(${row.demo_eventid})/demo_event_contact(${row.contactid})/$ref`);
  const { json } = await client.get(link);
  expect(json.value).toHaveLength(1);
  expect(json.value[0].reason).toBe('deleted');
});

test('[R7] a row created and deleted between two polls is a tombstone for an id nobody has seen', async () => {
  const link = await firstLink();
  const made = await client.post('accounts', { name: 'short' }, { Prefer: 'return=representation' });
  await client.delete(`accounts(${made.json.accountid})`);
  const { json } = await client.get(link);
  expect(json.value).toEqual([expect.objectContaining({ id: made.json.accountid, reason: 'deleted' })]);
});

test('what was deleted before the first enumeration is never told', async () => {
  const [row] = (await client.get('accounts?$select=name&$top=1')).json.value;
  await client.delete(`accounts(${row.accountid})`);
  expect((await client.get(await firstLink())).json.value).toEqual([]);
});

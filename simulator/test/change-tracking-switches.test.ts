import { startClient, type Client } from './support/client.ts';
import type { Switches } from '../src/service/switches.ts';

let client: Client;
afterEach(() => client.close());

const TRACK = { Prefer: 'odata.track-changes' };

async function start(switches: Partial<Switches>): Promise<void> {
  client = await startClient({ switches });
}

async function firstLink(path = 'accounts?$select=name'): Promise<string> {
  return (await client.get(path, TRACK)).json['@odata.deltaLink'];
}

async function firstId(set: string, key: string): Promise<string> {
  return (await client.get(`${set}?$select=${key}&$top=1`)).json.value[0][key];
}

test.each([400, 410] as const)('an expired token is refused with %s', async (expiredTokenStatus) => {
  await start({ expiredTokenStatus });
  const link = await firstLink();
  client.advance(8 * 86_400_000);
  expect(await client.get(link)).toMatchObject({ status: expiredTokenStatus, code: '0x80044352' });
});

test.each([true, false])(
  '[R6] a token of before the definition changed (metadataChangeExpiresTokens %s)',
  async (metadataChangeExpiresTokens) => {
    await start({ metadataChangeExpiresTokens });
    const link = await firstLink('demo_samples?$select=demo_name');
    await client.patch(`demo_samples(${await firstId('demo_samples', 'demo_sampleid')})`, { demo_count: 1 });
    const { environment } = client.server;
    environment.replaceSchema(environment.schema.definition, ['demo_sample']);
    const answer = await client.get(link);
    expect(answer.status).toBe(metadataChangeExpiresTokens ? 400 : 200);
    expect(answer.code).toBe(metadataChangeExpiresTokens ? '0x80044352' : undefined);
    expect((await client.get(await firstLink('accounts?$select=name'))).status).toBe(200);
  },
);

test('tracking where the table is not enabled: refused', async () => {
  await start({ trackingWhereDisabled: 'refused' });
  expect(await client.get('workflows', TRACK)).toMatchObject({ status: 400, code: '0x80072491' });
});

test('tracking where the table is not enabled: an ordinary answer that does not claim the preference', async () => {
  await start({ trackingWhereDisabled: 'ignored' });
  const answer = await client.get('workflows', TRACK);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('preference-applied')).toBeNull();
  expect(answer.json['@odata.deltaLink']).toBeUndefined();
  expect(await firstLink()).toContain('$deltatoken');
});

test.each(['firstPage', 'lastPage'] as const)(
  '[R7] a row changed during the enumeration, watermark at the %s',
  async (changeWatermark) => {
    await start({ changeWatermark });
    const first = await client.get('accounts?$select=name', {
      Prefer: 'odata.track-changes,odata.maxpagesize=25',
    });
    const seen: string = first.json.value[0].accountid;
    await client.patch(`accounts(${seen})`, { name: 'changed behind the cursor' });
    const last = await client.get(first.json['@odata.nextLink']);
    const delta = await client.get(last.json['@odata.deltaLink']);
    const ids = delta.json.value.map((row: { accountid: string }) => row.accountid);
    expect(ids).toEqual(changeWatermark === 'firstPage' ? [seen] : []);
  },
);

test.each(['row', 'rowAndTombstone'] as const)(
  'a row deleted and made again under its id shows as %s',
  async (rowMadeAgain) => {
    await start({ rowMadeAgain });
    const link = await firstLink();
    const id = await firstId('accounts', 'accountid');
    await client.delete(`accounts(${id})`);
    await client.post('accounts', { accountid: id, name: 'again' });
    const own = (await client.get(link)).json.value.filter(
      (item: Record<string, string>) => item['accountid'] === id || item['id'] === id,
    );
    expect(own[0]).toMatchObject({ accountid: id, name: 'again' });
    expect(own.slice(1).map((item: { reason: string }) => item.reason)).toEqual(
      rowMadeAgain === 'row' ? [] : ['deleted'],
    );
  },
);

test.each([true, false])(
  'formatted values on the last page (formattedValuesDropDeltaLink %s)',
  async (formattedValuesDropDeltaLink) => {
    await start({ formattedValuesDropDeltaLink });
    const all = await client.get('accounts?$select=name', {
      Prefer: 'odata.track-changes,odata.include-annotations="*"',
    });
    expect(all.json['@odata.deltaLink'] === undefined).toBe(formattedValuesDropDeltaLink);
    const some = await client.get('accounts?$select=name', {
      Prefer: 'odata.track-changes,odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"',
    });
    expect(some.json['@odata.deltaLink']).toContain('$deltatoken');
  },
);

test.each([true, false])('a file uploaded and removed (filesInChanges %s)', async (filesInChanges) => {
  await start({ filesInChanges });
  const id = await firstId('demo_samples', 'demo_sampleid');
  const link = await firstLink('demo_samples?$select=demo_name');
  await client.call('PATCH', `demo_samples(${id})/demo_document`, {
    raw: 'new content',
    headers: { 'Content-Type': 'application/octet-stream', 'x-ms-file-name': 'new.txt' },
  });
  const { json } = await client.get(link);
  const expected = filesInChanges ? [id] : [];
  expect(json.value.map((row: { demo_sampleid: string }) => row.demo_sampleid)).toEqual(expected);
  await client.delete(`demo_samples(${id})/demo_document`);
  const after = await client.get(json['@odata.deltaLink']);
  expect(after.json.value.map((row: { demo_sampleid: string }) => row.demo_sampleid)).toEqual(expected);
  const row = (await client.get(`demo_samples(${id})?$select=demo_document_name`)).json;
  expect(row.demo_document_name).toBeNull();
});

test.each([true, false])('an intersect table (intersectTracking %s)', async (intersectTracking) => {
  await start({ intersectTracking });
  const set = client.server.environment.schema.table('demo_event_contact')!.entitySetName!;
  const answer = await client.get(set, TRACK);
  expect(answer.status).toBe(intersectTracking ? 200 : 400);
  expect(answer.code).toBe(intersectTracking ? undefined : '0x80072491');
});

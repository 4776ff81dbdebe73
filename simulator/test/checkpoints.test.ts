import { startClient, type Client } from './support/client.ts';

let client: Client;
beforeEach(async () => (client = await startClient()));
afterEach(() => client.close());

async function control(path: string, body: object = {}) {
  const response = await fetch(`${client.server.url}/_simulator/checkpoints${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const json = (await response.json()) as Record<string, string>; // the shape that this endpoint documents
  return { status: response.status, json };
}

const TRACK = { Prefer: 'odata.track-changes' };

test('a restore puts rows, files, versions and definitions back to the moment, as often as one likes', async () => {
  const [sample] = (await client.get('demo_samples?$top=1')).json.value;
  const path = `demo_samples(${sample.demo_sampleid})`;
  await client.call('PATCH', `${path}/demo_document`, {
    raw: 'before',
    headers: { 'Content-Type': 'application/octet-stream', 'x-ms-file-name': 'a.txt' },
  });
  const before = (await client.get(path)).json;
  const { status, json } = await control('');
  expect(status).toBe(201);
  for (let round = 0; round < 2; round++) {
    await client.post("EntityDefinitions(LogicalName='demo_sample')/Attributes", {
      '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata',
      SchemaName: 'demo_Future',
      MaxLength: 10,
    });
    await client.patch(path, { demo_name: 'future', demo_future: 'x' });
    await client.delete(`${path}/demo_document`);
    const made = await client.post('accounts', { name: 'future' }, { Prefer: 'return=representation' });
    const back = await control(`/${json['id']}/restore`);
    expect(back.json['organizationId']).toBe((await client.get('WhoAmI')).json.OrganizationId);
    expect((await client.get(path)).json).toEqual(before);
    expect((await client.get(`${path}/demo_document/$value`)).text).toBe('before');
    expect((await client.get(`accounts(${made.json.accountid})`)).status).toBe(404);
  }
});

test('a token from the lost future is answered without an error and tells nothing', async () => {
  const { json } = await control('');
  const ids = (await client.get('accounts?$select=accountid&$top=3')).json.value;
  for (const { accountid } of ids) await client.patch(`accounts(${accountid})`, { fax: 'future' });
  const future = (await client.get('accounts?$select=name', TRACK)).json['@odata.deltaLink'];
  await control(`/${json['id']}/restore`);
  const first = await client.get(future);
  expect(first).toMatchObject({ status: 200, json: { value: [] } });
  await client.patch(`accounts(${ids[0].accountid})`, { fax: 'after' });
  expect((await client.get(future)).json.value).toEqual([]);
  const next = await client.get(first.json['@odata.deltaLink']);
  expect(next.json.value).toHaveLength(1);
});

test('a copy is another organization and another environment, unless told otherwise', async () => {
  const before = client.server.environment.identity;
  const { json } = await control('');
  const copy = await control(`/${json['id']}/copy`);
  expect(copy.json['organizationId']).not.toBe(before.organizationId);
  expect(copy.json['environmentId']).not.toBe(before.environmentId);
  expect((await client.get('WhoAmI')).json.OrganizationId).toBe(copy.json['organizationId']);
  const organizations = (await client.get('organizations?$select=name,maxuploadfilesize')).json.value;
  expect(organizations).toEqual([
    expect.objectContaining({ organizationid: copy.json['organizationId'], maxuploadfilesize: 5_242_880 }),
  ]);
  const kept = await control(`/${json['id']}/restore`, { newEnvironment: true });
  expect(kept.json['organizationId']).toBe(copy.json['organizationId']);
  expect(kept.json['environmentId']).not.toBe(copy.json['environmentId']);
});

test('a checkpoint that is not there: 404', async () => {
  expect((await control('/none/restore')).status).toBe(404);
});

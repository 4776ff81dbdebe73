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

test('rights go back: what a role was given since, and roles made since', async () => {
  const role = client.server.environment.security.roles;
  const basic = (await client.get("roles?$filter=name eq 'Basic User'&$select=roleid")).json.value[0].roleid;
  const before = new Map(role.get(basic)!.privileges);
  const { json } = await control('');
  const bypass = '0ea552b0-a491-4470-9a1b-82068deccf66';
  await client.post(`roles(${basic})/Microsoft.Dynamics.CRM.AddPrivilegesRole`, {
    Privileges: [{ PrivilegeId: bypass, Depth: 'Global' }],
  });
  const made = await client.post('roles', { name: 'Future' }, { Prefer: 'return=representation' });
  expect(role.get(basic)!.privileges.get('prvBypassCustomBusinessLogic')).toBe(8);
  expect(role.has(made.json.roleid)).toBe(true);
  for (let round = 0; round < 2; round++) {
    await control(`/${json['id']}/restore`);
    expect(role.get(basic)!.privileges).toEqual(before);
    expect(role.has(made.json.roleid)).toBe(false);
    role.get(basic)!.privileges.clear();
  }
});

test('custom logic goes back to what was registered, and goes on counting', async () => {
  const kept = await client.call('POST', `${client.server.url}/_simulator/hooks`, {
    body: { table: 'account', message: 'Create' },
  });
  await client.post('accounts', { name: 'counted' });
  const { json } = await control('');
  await client.call('DELETE', `${client.server.url}/_simulator/hooks/${kept.json.id}`);
  await client.call('POST', `${client.server.url}/_simulator/hooks`, {
    body: { table: 'account', message: 'Create', refuse: 'No accounts in the future.' },
  });
  expect((await client.post('accounts', { name: 'x' })).code).toBe('0x80040265');
  await control(`/${json['id']}/restore`);
  expect((await client.post('accounts', { name: 'x' })).status).toBe(204);
  const { value } = (await client.call('GET', `${client.server.url}/_simulator/hooks`)).json;
  expect(value).toMatchObject([{ id: kept.json.id, runs: 1 }]);
});

test('work that waited waits again, what the lost future planned does not happen', async () => {
  const flow = async (table: string, column: string) =>
    client.call('POST', `${client.server.url}/_simulator/hooks`, {
      body: {
        table,
        message: 'Update',
        kind: 'flow',
        columns: [column],
        set: { description: `by ${column}` },
      },
    });
  await flow('account', 'fax');
  await flow('account', 'telephone1');
  const { accountid } = (await client.get('accounts?$select=accountid&$top=1')).json.value[0];
  await client.patch(`accounts(${accountid})`, { fax: '1' });
  const { json } = await control('');
  await client.patch(`accounts(${accountid})`, { telephone1: '1' });
  const told = async () =>
    (await client.get(`accounts(${accountid})?$select=description`)).json.description ?? '';
  await control(`/${json['id']}/restore`);
  expect(await told()).not.toMatch(/^by /);
  client.advance(10_000);
  expect(await told()).toBe('by fax');
  // The second time it is due at once: the clock does not go back.
  await control(`/${json['id']}/restore`);
  expect(await told()).toBe('by fax');
});

test('a file on its way up has to begin anew', async () => {
  const [sample] = (await client.get('demo_samples?$top=1')).json.value;
  const target = { '@odata.type': 'Microsoft.Dynamics.CRM.demo_sample', demo_sampleid: sample.demo_sampleid };
  const { json } = await control('');
  const begun = await client.post('InitializeFileBlocksUpload', {
    Target: target,
    FileAttributeName: 'demo_document',
    FileName: 'a.txt',
  });
  const block = {
    BlockId: 'MQ==',
    BlockData: 'YQ==',
    FileContinuationToken: begun.json.FileContinuationToken,
  };
  expect((await client.post('UploadBlock', block)).status).toBe(204);
  await control(`/${json['id']}/restore`);
  expect((await client.post('UploadBlock', block)).status).toBe(400);
});

import { plainText } from '../src/store/values.ts';
import { startClient, type Client } from './support/client.ts';

let client: Client;
let mira: Client;
const MIRA = 'mira.falk@lindqvist.example';
const INES = 'ines.duarte@lindqvist.example';
beforeAll(async () => {
  client = await startClient();
  mira = await client.as(MIRA);
});
afterAll(() => client.close());

function user(domainname: string): { id: string; objectId: string } {
  const store = client.server.environment.database.store('systemuser');
  const id = store.referrers('domainname', domainname)[0]!;
  return { id, objectId: plainText(store.get(id)!.values['azureactivedirectoryobjectid']) };
}

async function newRow(set: string, body: Record<string, unknown>) {
  return (await client.post(set, body, { Prefer: 'return=representation' })).json;
}

test('rows beyond the depth of the role are silently missing [R11]', async () => {
  const all = Number((await client.get('accounts/$count')).text);
  const some = await mira.get('accounts?$select=name');
  expect(some.status).toBe(200);
  expect(some.json.value.length).toBeLessThan(all);
  const hidden = await newRow('accounts', { name: 'of the service' });
  expect(await mira.get(`accounts(${hidden.accountid})`)).toMatchObject({ status: 403, code: '0x80048306' });
});

test('no privilege at all: 403 0x80040220 with the text of the platform', async () => {
  const { database } = client.server.environment;
  const { id } = user(INES);
  database.put('systemuser', id, { ...database.get('systemuser', id)!.values, isdisabled: false });
  const ines = await client.as(INES);
  const answer = await ines.get('accounts?$select=name');
  expect(answer).toMatchObject({ status: 403, code: '0x80040220' });
  expect(answer.json.error.message).toMatch(
    /^Principal user \(Id=.* is missing prvReadAccount privilege \(Id=.*on OTC=1 for entity 'account'/,
  );
});

test('overriddencreatedon needs its privilege [W3]', async () => {
  const answer = await mira.post('accounts', { name: 'x', overriddencreatedon: '2001-01-01T00:00:00Z' });
  expect(answer).toMatchObject({ status: 403, code: '0x80040220' });
  expect(answer.json.error.message).toContain('prvOverrideCreatedOnCreatedBy');
});

test('impersonation: the rights of both, created by the one on behalf of the other', async () => {
  const { id, objectId } = user(MIRA);
  const full = { Prefer: 'return=representation' };
  for (const header of [{ CallerObjectId: objectId }, { MSCRMCallerID: id }]) {
    const { json } = await client.post('accounts', { name: 'for Mira' }, { ...full, ...header });
    expect(json).toMatchObject({
      _createdby_value: id,
      _ownerid_value: id,
      _createdonbehalfby_value: client.server.environment.adminUserId,
    });
  }
  const seen = await client.get('accounts?$select=name', { CallerObjectId: objectId });
  const own = await mira.get('accounts?$select=name');
  expect(seen.json.value).toEqual(own.json.value);
  const whoAmI = await client.get('WhoAmI', { CallerObjectId: objectId });
  expect(whoAmI.json.UserId).toBe(id);
});

test('impersonation without the right: 403 0x8004a110', async () => {
  const answer = await mira.get('WhoAmI', { MSCRMCallerID: user(INES).id });
  expect(answer).toMatchObject({ status: 403, code: '0x8004a110' });
});

test('a secured column reads as null (or is absent, by switch) and refuses to be written, judged for the impersonated user [W12] [R11]', async () => {
  const teo = 'teo.marchetti@lindqvist.example';
  const { id, objectId } = user(teo);
  const row = await newRow('demo_samples', {
    demo_name: 's',
    demo_secret: 'hush',
    'ownerid@odata.bind': `/systemusers(${id})`,
  });
  expect(row.demo_secret).toBe('hush');
  const path = `demo_samples(${row.demo_sampleid})`;
  const seen = await client.get(`${path}?$select=demo_secret`, { CallerObjectId: objectId });
  expect(seen).toMatchObject({ status: 200, json: { demo_secret: null } });
  const { environment } = client.server;
  environment.switches = { ...environment.switches, securedColumns: 'absent' };
  const without = await client.get(`${path}?$select=demo_secret`, { CallerObjectId: objectId });
  expect(without.json).not.toHaveProperty('demo_secret');
  environment.switches = { ...environment.switches, securedColumns: 'null' };
  const filtered = await client.get("demo_samples?$filter=demo_secret eq 'hush'", {
    CallerObjectId: objectId,
  });
  expect(filtered.json.value).toEqual([]);
  expect(await client.patch(path, { demo_secret: 'x' }, { CallerObjectId: objectId })).toMatchObject({
    status: 403,
    code: '0x8004f507',
  });
  const made = await client.post(
    'demo_samples',
    { demo_name: 'x', demo_secret: 'x' },
    { CallerObjectId: objectId },
  );
  expect(made).toMatchObject({ status: 403, code: '0x8004f502' });
});

test('rights can be asked for: one privilege, several, and those on a row', async () => {
  const { id } = user(MIRA);
  const one = await client.get(
    `systemusers(${id})/Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvReadAccount')`,
  );
  expect(one.json.RolePrivileges).toEqual([
    expect.objectContaining({
      PrivilegeName: 'prvReadAccount',
      Depth: expect.stringMatching(/^(Basic|Local|Deep|Global)$/),
    }),
  ]);
  const several = await client.get(
    `systemusers(${client.server.environment.adminUserId})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)?@p1=["prvCreateAccount","prvAppendAccount"]`,
  );
  expect(several.json.RolePrivileges.map((grant: { Depth: string }) => grant.Depth)).toEqual([
    'Global',
    'Global',
  ]);
  const row = await newRow('accounts', { name: 'mine' });
  const ask = (who: string) =>
    client.get(
      `systemusers(${who})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@p1)?@p1={'@odata.id':'accounts(${row.accountid})'}`,
    );
  expect((await ask(client.server.environment.adminUserId)).json.AccessRights).toMatch(
    /^ReadAccess, WriteAccess/,
  );
  const before = (await ask(user(INES).id)).json.AccessRights;
  expect(before).toBe('None');
});

test('sharing opens one row', async () => {
  const row = await newRow('accounts', { name: 'shared' });
  const { id } = user(MIRA);
  const Target = { accountid: row.accountid, '@odata.type': 'Microsoft.Dynamics.CRM.account' };
  const Principal = { systemuserid: id, '@odata.type': 'Microsoft.Dynamics.CRM.systemuser' };
  const grant = { Target, PrincipalAccess: { Principal, AccessMask: 'ReadAccess' } };
  expect((await mira.get(`accounts(${row.accountid})`)).status).toBe(403);
  expect((await client.post('GrantAccess', grant)).status).toBe(204);
  expect((await mira.get(`accounts(${row.accountid})`)).status).toBe(200);
  const shared = await client.get(
    `RetrieveSharedPrincipalsAndAccess(Target=@p1)?@p1={'@odata.id':'accounts(${row.accountid})'}`,
  );
  expect(shared.json.PrincipalAccesses).toEqual([
    {
      AccessMask: 'ReadAccess',
      Principal: { '@odata.type': '#Microsoft.Dynamics.CRM.systemuser', ownerid: id },
    },
  ]);
  expect((await client.post('RevokeAccess', { Target, Revokee: Principal })).status).toBe(204);
  expect((await mira.get(`accounts(${row.accountid})`)).status).toBe(403);
});

test('error annotations appear only when asked for', async () => {
  const plain = await client.get('accounts?$select=nope');
  expect(Object.keys(plain.json.error)).toEqual(['code', 'message']);
  const full = await client.get('accounts?$select=nope', { Prefer: 'odata.include-annotations="*"' });
  expect(full.json.error['@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus']).toBe('0');
});

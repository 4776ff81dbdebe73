import { startClient, type Client } from './support/client.ts';
import { create, user, type User } from './support/rows.ts';

let client: Client;
let mira: User;
let teo: User;
beforeAll(async () => {
  client = await startClient();
  mira = user(client, 'mira.falk');
  teo = user(client, 'teo.marchetti');
});
afterAll(() => client.close());

const TYPE = 'Microsoft.Dynamics.CRM.';
const ask = (who: string, call: string) => client.get(`${who}/${TYPE}${call}`);
const secretId = () =>
  client.server.environment.schema.table('demo_sample')!.columns.get('demo_secret')!.metadataId;
const sampleOf = async (owner: User): Promise<string> => {
  const body = { demo_name: 's', demo_secret: 'AB-1234', 'ownerid@odata.bind': `/systemusers(${owner.id})` };
  return (await create(client, 'demo_samples', body)).demo_sampleid;
};

test('RetrieveUserSetOfPrivilegesByIds and ByNames tell the same', async () => {
  const table = client.server.environment.schema.table('account')!;
  const { id, name } = table.privileges.find((one) => one.verb === 'Read')!;
  const byId = await ask(
    `systemusers(${mira.id})`,
    `RetrieveUserSetOfPrivilegesByIds(PrivilegeIds=@p1)?@p1=["${id}"]`,
  );
  const byName = await ask(
    `systemusers(${mira.id})`,
    `RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)?@p1=["${name}"]`,
  );
  expect(byId.json.RolePrivileges).toEqual(byName.json.RolePrivileges);
  expect(byId.json.RolePrivileges).toMatchObject([{ PrivilegeName: name, Depth: 'Local' }]);
});

test('RetrievePrincipalAccessInfo tells apart what comes from roles and what was shared', async () => {
  const { accountid } = await create(client, 'accounts', { name: 'A' });
  const call = `RetrievePrincipalAccessInfo(ObjectId=${accountid},EntityName='account')`;
  const info = async () => JSON.parse((await ask(`systemusers(${mira.id})`, call)).json.AccessInfo) as object; // JSON in a text
  expect(await info()).toMatchObject({ GrantedAccessRights: 'None' });
  await client.post('GrantAccess', {
    Target: { accountid, '@odata.type': `${TYPE}account` },
    PrincipalAccess: {
      Principal: { systemuserid: mira.id, '@odata.type': `${TYPE}systemuser` },
      AccessMask: 'ReadAccess,WriteAccess',
    },
  });
  const both = 'ReadAccess, WriteAccess';
  expect(await info()).toEqual({
    RoleAccessRights: 'None',
    PoaAccessRights: both,
    HsmAccessRights: 'None',
    GrantedAccessRights: both,
  });
});

test('RetrievePrincipalAccess can be asked of a team, and fails for a row that is not there', async () => {
  const { json } = await client.get("teams?$filter=name eq 'Tenders'&$select=teamid");
  const team = `teams(${json.value[0].teamid})`;
  const { accountid } = await create(client, 'accounts', { name: 'A' });
  const call = (id: string) => `RetrievePrincipalAccess(Target=@p1)?@p1={'@odata.id':'accounts(${id})'}`;
  expect((await ask(team, call(accountid))).json.AccessRights).toBe('None');
  expect((await ask(team, call('00000000-0000-4000-8000-000000000009'))).status).toBe(404);
});

test('a team owns rows, and its members reach them by the depth of their own rows', async () => {
  const { json } = await client.get("teams?$filter=name eq 'Tenders'&$select=teamid");
  const ownerid = `/teams(${json.value[0].teamid})`;
  const row = await create(client, 'accounts', { name: 'of the team', 'ownerid@odata.bind': ownerid });
  expect(row).toMatchObject({ _owningteam_value: json.value[0].teamid, _owninguser_value: null });
  const member = await client.as('teo.marchetti@lindqvist.example');
  expect((await member.get(`accounts(${row.accountid})`)).status).toBe(200);
});

test('an owner that is disabled, or not there, is refused', async () => {
  const to = (id: string) =>
    client.post('accounts', { name: 'x', 'ownerid@odata.bind': `/systemusers(${id})` });
  expect(await to(user(client, 'ines.duarte').id)).toMatchObject({ status: 400, code: '0x8004022b' });
  expect(await to('00000000-0000-4000-8000-000000000009')).toMatchObject({ code: '0x80040217' });
});

test('a row stands in the unit of its owner, or where the organization allows it in another', async () => {
  const { database, identity, rootBusinessUnitId } = client.server.environment;
  const body = {
    name: 'x',
    'ownerid@odata.bind': `/systemusers(${mira.id})`,
    'owningbusinessunit@odata.bind': `/businessunits(${rootBusinessUnitId})`,
  };
  const unit = async () => (await create(client, 'accounts', body))._owningbusinessunit_value;
  expect(await unit()).not.toBe(rootBusinessUnitId);
  const organization = database.get('organization', identity.organizationId)!;
  const setting = (on: boolean) =>
    database.put('organization', organization.id, {
      ...organization.values,
      orgdborgsettings: `<OrgSettings><EnableOwnershipAcrossBusinessUnits>${on}</EnableOwnershipAcrossBusinessUnits></OrgSettings>`,
    });
  setting(true);
  expect(await unit()).toBe(rootBusinessUnitId);
  setting(false);
});

test('a reader sees rows within the depth of the role and no error for the others [R11]', async () => {
  const asMira = await client.as('mira.falk@lindqvist.example');
  await create(client, 'accounts', { name: 'seen by few', fax: 'R11' });
  const own = await create(client, 'accounts', {
    name: 'of Mira',
    fax: 'R11',
    'ownerid@odata.bind': `/systemusers(${mira.id})`,
  });
  const { status, json } = await asMira.get("accounts?$select=name&$filter=fax eq 'R11'&$count=true");
  expect(status).toBe(200);
  expect(json['@odata.count']).toBe(1);
  expect(json.value).toMatchObject([{ accountid: own.accountid }]);
});

test('a secured column of one row can be shared with one user: to read, to write, once [W12] [R11]', async () => {
  const [shared, other] = [await sampleOf(teo), await sampleOf(teo)];
  const asTeo = await client.as('teo.marchetti@lindqvist.example');
  const body = {
    attributeid: secretId(),
    'objectid_demo_sample@odata.bind': `/demo_samples(${shared})`,
    'principalid_systemuser@odata.bind': `/systemusers(${teo.id})`,
    readaccess: true,
    updateaccess: false,
  };
  expect(
    await client.post('principalobjectattributeaccessset', { ...body, readaccess: false }),
  ).toMatchObject({ code: '0x8004f509' });
  const made = await create(client, 'principalobjectattributeaccessset', body);
  expect(await client.post('principalobjectattributeaccessset', body)).toMatchObject({ code: '0x8004f50b' });
  const secret = async (id: string) =>
    (await asTeo.get(`demo_samples(${id})?$select=demo_secret`)).json.demo_secret;
  expect([await secret(shared), await secret(other)]).toEqual(['AB-1234', null]);
  const write = () => asTeo.patch(`demo_samples(${shared})`, { demo_secret: 'new' });
  expect(await write()).toMatchObject({ status: 403, code: '0x8004f507' });
  await client.patch(`principalobjectattributeaccessset(${made.principalobjectattributeaccessid})`, {
    updateaccess: true,
  });
  expect((await write()).status).toBe(204);
});

test('a masked column shows masked, to administrators too, until a request asks for the plain text', async () => {
  const id = await sampleOf(mira);
  const { maskingruleid } = await create(client, 'maskingrules', {
    name: 'digits',
    regularexpression: '\\d',
    maskedcharacter: '#',
  });
  const rule = await create(client, 'attributemaskingrules', {
    entityname: 'demo_sample',
    attributelogicalname: 'demo_secret',
    'maskingruleid@odata.bind': `/maskingrules(${maskingruleid})`,
  });
  const read = async (who: Client, headers: Record<string, string> = {}) =>
    (await who.get(`demo_samples(${id})?$select=demo_secret`, headers)).json.demo_secret;
  const plain = { 'MSCRM.UnMaskedData': 'true' };
  expect([await read(client), await read(client, plain)]).toEqual(['AB-####', 'AB-1234']);
  const readers = client.server.environment.database.store('fieldpermission');
  const permission = [...readers.values()].find(
    ({ values }) => values['attributelogicalname'] === 'demo_secret',
  )!;
  const soren = await client.as('soren.kjaer@lindqvist.example');
  const row = (
    await create(client, 'demo_samples', {
      demo_name: 's',
      demo_secret: 'AB-1234',
      'ownerid@odata.bind': `/systemusers(${user(client, 'soren.kjaer').id})`,
    })
  ).demo_sampleid;
  const ofSoren = async () => (await soren.get(`demo_samples(${row})/demo_secret`, plain)).json.value;
  expect(await ofSoren()).toBe('AB-####');
  await client.patch(`fieldpermissions(${permission.id})`, { canreadunmasked: 3 });
  expect(await ofSoren()).toBe('AB-1234');
  await client.delete(`attributemaskingrules(${rule.attributemaskingruleid})`);
});

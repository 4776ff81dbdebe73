import { startClient, type Client } from './support/client.ts';
import { create, user } from './support/rows.ts';

let client: Client;
beforeAll(async () => (client = await startClient()));
afterAll(() => client.close());

const typed = (table: string, id: string) => ({
  '@odata.type': `Microsoft.Dynamics.CRM.${table}`,
  [`${table}id`]: id,
});
const newUnit = async (name: string): Promise<string> => {
  const root = client.server.environment.rootBusinessUnitId;
  const body = { name, 'parentbusinessunitid@odata.bind': `/businessunits(${root})` };
  return (await create(client, 'businessunits', body)).businessunitid;
};
const newTask = async (): Promise<string> => (await create(client, 'tasks', { subject: 't' })).activityid;

test('a business unit gets a default team and a copy of every role; a second root is refused [W8]', async () => {
  const unit = await newUnit('North');
  const teams = await client.get(`teams?$filter=_businessunitid_value eq ${unit}&$select=name,isdefault`);
  expect(teams.json.value).toMatchObject([{ name: 'North', isdefault: true }]);
  const roles = await client.get(
    `roles?$filter=_businessunitid_value eq ${unit}&$select=name,_parentrootroleid_value`,
  );
  expect(roles.json.value.map((one: { name: string }) => one.name).sort()).toEqual([
    'Basic User',
    'Salesperson',
    'System Administrator',
  ]);
  expect(await client.post('businessunits', { name: 'Other root' })).toMatchObject({ code: '0x80041d35' });
  expect((await client.delete(`businessunits(${unit})`)).status).toBe(204);
  expect((await client.get(`roles?$filter=_businessunitid_value eq ${unit}`)).json.value).toEqual([]);
});

test('a role made in the root unit appears in every unit, with the privileges that it gets later [W8]', async () => {
  const unit = await newUnit('South');
  const root = client.server.environment.rootBusinessUnitId;
  const { roleid } = await create(client, 'roles', {
    name: 'Reader',
    'businessunitid@odata.bind': `/businessunits(${root})`,
  });
  const { json } = await client.get(`roles?$filter=name eq 'Reader' and _businessunitid_value eq ${unit}`);
  const [copy] = json.value;
  expect(copy._parentrootroleid_value).toBe(roleid);
  const privilege = client.server.environment.schema
    .table('account')!
    .privileges.find((one) => one.verb === 'Read')!;
  const granted = await client.post(`roles(${roleid})/Microsoft.Dynamics.CRM.AddPrivilegesRole`, {
    Privileges: [{ PrivilegeId: privilege.id, Depth: '3' }],
  });
  expect(granted.text).toBe('');
  const person = user(client, 'ines.duarte');
  const link = { '@odata.id': `roles(${copy.roleid})` };
  expect((await client.post(`systemusers(${person.id})/systemuserroles_association/$ref`, link)).text).toBe(
    '',
  );
  expect(client.server.environment.security.rightsOf(person.id).depth(privilege.name)).toBe(8);
});

test('the default team cannot be deleted and takes no members by hand', async () => {
  const unit = await newUnit('East');
  const { json } = await client.get(`teams?$filter=_businessunitid_value eq ${unit}&$select=teamid`);
  const team = `teams(${json.value[0].teamid})`;
  expect(await client.delete(team)).toMatchObject({ status: 400, code: '0x80048307' });
  const Members = [typed('systemuser', user(client, 'mira.falk').id)];
  expect(await client.post(`${team}/Microsoft.Dynamics.CRM.AddMembersTeam`, { Members })).toMatchObject({
    code: '0x8004830b',
  });
});

test('a unit group gets its base unit, which cannot be deleted [W8]', async () => {
  const { uomscheduleid } = await create(client, 'uomschedules', { name: 'Time', baseuomname: 'Hour' });
  const { json } = await client.get(
    `uoms?$filter=_uomscheduleid_value eq ${uomscheduleid}&$select=name,isschedulebaseuom`,
  );
  expect(json.value).toMatchObject([{ name: 'Hour', isschedulebaseuom: true }]);
  expect(await client.delete(`uoms(${json.value[0].uomid})`)).toMatchObject({ code: '0x80043b03' });
});

test('a team and a user have a queue of their own, an application user too', async () => {
  const root = client.server.environment.rootBusinessUnitId;
  const bind = { 'businessunitid@odata.bind': `/businessunits(${root})` };
  const applicationid = 'eeeeeeee-0000-4000-8000-000000000001';
  for (const row of [
    await create(client, 'teams', { name: 'T', ...bind }),
    await create(client, 'systemusers', { applicationid, ...bind }),
  ])
    expect((await client.get(`queues(${row._queueid_value})?$select=name`)).status).toBe(200);
});

test('AddMembersTeam adds members once, RemoveMembersTeam takes them out', async () => {
  const { json } = await client.get("teams?$filter=name eq 'Tenders'&$select=teamid");
  const team = `teams(${json.value[0].teamid})`;
  const { id } = user(client, 'ines.duarte');
  const Members = [{ '@odata.type': 'Microsoft.Dynamics.CRM.systemuser', ownerid: id }];
  const isMember = async () =>
    (await client.get(`${team}/teammembership_association?$filter=systemuserid eq ${id}`)).json.value.length;
  for (let time = 0; time < 2; time++)
    expect((await client.post(`${team}/Microsoft.Dynamics.CRM.AddMembersTeam`, { Members })).status).toBe(
      204,
    );
  expect(await isMember()).toBe(1);
  expect((await client.post(`${team}/Microsoft.Dynamics.CRM.RemoveMembersTeam`, { Members })).status).toBe(
    204,
  );
  expect(await isMember()).toBe(0);
});

test('AddUserToRecordTeam opens one row through a team that is made for it', async () => {
  const mira = user(client, 'mira.falk');
  const { teamtemplateid } = await create(client, 'teamtemplates', {
    teamtemplatename: 'Account team',
    objecttypecode: 1,
    defaultaccessrightsmask: 3,
  });
  const { accountid } = await create(client, 'accounts', { name: 'A' });
  const asMira = await client.as('mira.falk@lindqvist.example');
  expect((await asMira.get(`accounts(${accountid})`)).status).toBe(403);
  const body = { Record: typed('account', accountid), TeamTemplate: typed('teamtemplate', teamtemplateid) };
  const act = (action: string) =>
    client.post(`systemusers(${mira.id})/Microsoft.Dynamics.CRM.${action}`, body);
  const first = await act('AddUserToRecordTeam');
  expect(first).toMatchObject({ status: 200, json: { AccessTeamId: expect.any(String) } });
  expect((await client.get(`teams(${first.json.AccessTeamId})`)).json).toMatchObject({ teamtype: 1 });
  expect((await asMira.patch(`accounts(${accountid})`, { fax: '1' })).status).toBe(204);
  await act('RemoveUserFromRecordTeam');
  expect((await asMira.get(`accounts(${accountid})`)).status).toBe(403);
});

test('AddToQueue makes one item for a row and moves it; a second and one of a closed row are refused', async () => {
  const [first, second] = [
    (await create(client, 'queues', { name: 'Q1' })).queueid,
    (await create(client, 'queues', { name: 'Q2' })).queueid,
  ];
  const task = await newTask();
  const Target = { activityid: task, '@odata.type': 'Microsoft.Dynamics.CRM.task' };
  const add = (queue: string) =>
    client.post(`queues(${queue})/Microsoft.Dynamics.CRM.AddToQueue`, { Target });
  const { json } = await add(first);
  expect((await add(second)).json.QueueItemId).toBe(json.QueueItemId);
  expect((await client.get(`queueitems(${json.QueueItemId})`)).json._queueid_value).toBe(second);
  const again = { 'queueid@odata.bind': `/queues(${first})`, 'objectid_task@odata.bind': `/tasks(${task})` };
  expect(await client.post('queueitems', again)).toMatchObject({ code: '0x80040526' });
  const closed = await newTask();
  await client.patch(`tasks(${closed})`, { statecode: 1 });
  const inactive = {
    'queueid@odata.bind': `/queues(${first})`,
    'objectid_task@odata.bind': `/tasks(${closed})`,
  };
  expect(await client.post('queueitems', inactive)).toMatchObject({ code: '0x8004051e' });
});

test('members of a list come by message, of the kind of the list, and not into a locked one', async () => {
  const { listid } = await create(client, 'lists', { listname: 'L', createdfromcode: 2, type: false });
  const contact = (await create(client, 'contacts', { lastname: 'C' })).contactid;
  const account = (await create(client, 'accounts', { name: 'A' })).accountid;
  const List = typed('list', listid);
  expect(
    (await client.post('AddListMembersList', { List, Members: [typed('contact', contact)] })).status,
  ).toBe(204);
  const members = await client.get(`listmembers?$filter=_listid_value eq ${listid}`);
  expect(members.json.value).toMatchObject([{ _entityid_value: contact }]);
  const one = await client.post(`lists(${listid})/Microsoft.Dynamics.CRM.AddMemberList`, {
    EntityId: typed('contact', contact),
  });
  expect(one.json.Id).toBe(members.json.value[0].listmemberid);
  expect(
    await client.post('AddListMembersList', { List, Members: [typed('account', account)] }),
  ).toMatchObject({ code: '0x80040301' });
  await client.patch(`lists(${listid})`, { lockstatus: true });
  expect(
    await client.post('AddListMembersList', { List, Members: [typed('contact', contact)] }),
  ).toMatchObject({ code: '0x80040302' });
});

test('the base currency keeps its rate and its row; an ISO code is unique', async () => {
  const base = `transactioncurrencies(${client.server.environment.baseCurrencyId})`;
  expect(await client.delete(base)).toMatchObject({ code: '0x80048cff' });
  expect(await client.patch(base, { exchangerate: 2 })).toMatchObject({ code: '0x80048cf5' });
  const body = {
    currencyname: 'Second euro',
    isocurrencycode: 'EUR',
    exchangerate: 1,
    currencysymbol: '€',
    currencyprecision: 2,
  };
  expect(await client.post('transactioncurrencies', body)).toMatchObject({ code: '0x80048cf3' });
});

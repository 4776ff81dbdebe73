import type { OneToManyDefinition } from '../src/model/definitions.ts';
import { masksOf, shareWith } from '../src/service/shares.ts';
import { startClient, type Client } from './support/client.ts';
import { changeSchema, create, user, type User } from './support/rows.ts';

let client: Client;
let mira: User;
let teo: User;
beforeAll(async () => {
  client = await startClient();
  mira = user(client, 'mira.falk');
  teo = user(client, 'teo.marchetti');
});
afterAll(() => client.close());

/** The relationship between accounts and their tasks, as one test needs it. */
function setCascade(schemaName: string, cascade: Partial<OneToManyDefinition['cascade']>): void {
  changeSchema(client, (schema) => ({
    ...schema,
    oneToMany: schema.oneToMany.map((one) =>
      one.schemaName === schemaName ? { ...one, cascade: { ...one.cascade, ...cascade } } : one,
    ),
  }));
}

const owner = (who: User) => ({ 'ownerid@odata.bind': `/systemusers(${who.id})` });
const newAccount = async (more: Record<string, unknown> = {}): Promise<string> =>
  (await create(client, 'accounts', { name: 'parent', ...more })).accountid;
const newTask = async (account: string, more: Record<string, unknown> = {}): Promise<string> => {
  const bind = { 'regardingobjectid_account_task@odata.bind': `/accounts(${account})` };
  return (await create(client, 'tasks', { subject: 'child', ...bind, ...more })).activityid;
};
const ownerOf = async (id: string) =>
  (await client.get(`tasks(${id})?$select=_ownerid_value`)).json._ownerid_value;
const masks = (row: string, who: User) => masksOf(shareWith(client.server.environment, row, who.id));

async function share(action: string, account: string, who: User, AccessMask: string): Promise<number> {
  const Target = { accountid: account, '@odata.type': 'Microsoft.Dynamics.CRM.account' };
  const Principal = { systemuserid: who.id, '@odata.type': 'Microsoft.Dynamics.CRM.systemuser' };
  const body =
    action === 'RevokeAccess'
      ? { Target, Revokee: Principal }
      : { Target, PrincipalAccess: { Principal, AccessMask } };
  return (await client.post(action, body)).status;
}

afterEach(() =>
  setCascade('Account_Tasks', {
    assign: 'Cascade',
    delete: 'Cascade',
    reparent: 'Cascade',
    share: 'Cascade',
  }),
);

test('assigning a row assigns all its children, down the tree [W6]', async () => {
  const upper = await newAccount();
  const lower = await newAccount({ 'parentaccountid@odata.bind': `/accounts(${upper})` });
  const task = await newTask(lower);
  await client.patch(`accounts(${upper})`, owner(mira));
  expect(await ownerOf(task)).toBe(mira.id);
});

test.each([
  ['Active', [true, false, true]],
  ['UserOwned', [true, true, false]],
  ['NoCascade', [false, false, false]],
] as const)(
  'assign by %s reaches: open child of the same owner, completed one, one of somebody else [W6]',
  async (mode, expected) => {
    setCascade('Account_Tasks', { assign: mode });
    const account = await newAccount();
    const tasks = [await newTask(account), await newTask(account), await newTask(account, owner(teo))];
    await client.patch(`tasks(${tasks[1]})`, { statecode: 1, statuscode: 5 });
    await client.patch(`accounts(${account})`, owner(mira));
    const reached = await Promise.all(tasks.map(async (task) => (await ownerOf(task)) === mira.id));
    expect(reached).toEqual(expected);
  },
);

test('delete by NoCascade leaves the child as it is, by Restrict refuses before anything is gone [W6]', async () => {
  const account = await newAccount();
  const task = await newTask(account);
  const contact = await create(client, 'contacts', {
    lastname: 'x',
    'parentcustomerid_account@odata.bind': `/accounts(${account})`,
  });
  setCascade('Account_Tasks', { delete: 'Restrict' });
  expect(await client.delete(`accounts(${account})`)).toMatchObject({ status: 405, code: '0x80040227' });
  expect((await client.get(`contacts(${contact.contactid})`)).status).toBe(200);
  setCascade('Account_Tasks', { delete: 'NoCascade' });
  expect((await client.delete(`accounts(${account})`)).status).toBe(204);
  const { json } = await client.get(`tasks(${task})?$select=_regardingobjectid_value`);
  expect(json._regardingobjectid_value).toBe(account);
});

test('sharing a row shares its children as inherited access; taking it back takes it back [W6]', async () => {
  const account = await newAccount();
  const task = await newTask(account);
  expect(await share('GrantAccess', account, mira, 'ReadAccess')).toBe(204);
  expect(masks(account, mira)).toEqual({ own: 1, inherited: 0 });
  expect(masks(task, mira)).toEqual({ own: 0, inherited: 0x8000001 });
  const asMira = await client.as('mira.falk@lindqvist.example');
  expect((await asMira.get(`tasks(${task})`)).status).toBe(200);
  await share('ModifyAccess', account, mira, 'WriteAccess');
  expect(masks(task, mira)).toEqual({ own: 0, inherited: 0x8000002 });
  await share('RevokeAccess', account, mira, '');
  expect(shareWith(client.server.environment, task, mira.id)).toBeUndefined();
  expect((await asMira.get(`tasks(${task})`)).status).toBe(403);
});

test('a relationship that does not share leaves its children alone', async () => {
  setCascade('Account_Tasks', { share: 'NoCascade' });
  const account = await newAccount();
  const task = await newTask(account);
  await share('GrantAccess', account, mira, 'ReadAccess');
  expect(masks(task, mira)).toEqual({ own: 0, inherited: 0 });
});

test('the owner of the parent, and those with whom it is shared, inherit access to a child [W6]', async () => {
  const account = await newAccount(owner(mira));
  await share('GrantAccess', account, teo, 'ReadAccess');
  const task = await newTask(account);
  expect(masks(task, mira)).toEqual({ own: 0, inherited: 135069719 });
  expect(masks(task, teo)).toEqual({ own: 0, inherited: 0x8000001 });
  const { json } = await client.get(
    `principalobjectaccessset?$filter=objectid eq ${task} and principalid eq ${mira.id}`,
  );
  expect(json.value).toMatchObject([
    {
      accessrightsmask: 0,
      inheritedaccessrightsmask: 135069719,
      objecttypecode: 'task',
      principaltypecode: 'systemuser',
    },
  ]);
  const shared = await client.get(
    `RetrieveSharedPrincipalsAndAccess(Target=@p1)?@p1={'@odata.id':'tasks(${task})'}`,
  );
  expect(shared.json.PrincipalAccesses).toEqual([]);
});

test('another parent brings other inherited access, no parent none [W6]', async () => {
  const [first, second] = [await newAccount(owner(mira)), await newAccount(owner(teo))];
  const task = await newTask(first);
  const bind = 'regardingobjectid_account_task@odata.bind';
  await client.patch(`tasks(${task})`, { [bind]: `/accounts(${second})` });
  expect([masks(task, mira).inherited, masks(task, teo).inherited]).toEqual([0, 135069719]);
  await client.patch(`tasks(${task})`, { [bind]: null });
  expect(masks(task, teo).inherited).toBe(0);
});

test.each(['Active', 'NoCascade'] as const)(
  'reparent by %s gives nothing to what it does not reach',
  async (mode) => {
    setCascade('Account_Tasks', { reparent: mode });
    const upper = await newAccount();
    const task = await newTask(upper);
    await client.patch(`tasks(${task})`, { statecode: 1, statuscode: 5 });
    setCascade('Account_Tasks', { assign: 'NoCascade' });
    await client.patch(`accounts(${upper})`, owner(mira));
    expect(masks(task, mira).inherited).toBe(0);
  },
);

test('an organization may share a row back to its former owner', async () => {
  const { database, identity } = client.server.environment;
  const organization = database.get('organization', identity.organizationId)!;
  database.put('organization', organization.id, {
    ...organization.values,
    sharetopreviousowneronassign: true,
  });
  const account = await newAccount(owner(teo));
  await client.patch(`accounts(${account})`, owner(mira));
  expect(masks(account, teo).own).toBe(851991);
  database.put('organization', organization.id, {
    ...organization.values,
    sharetopreviousowneronassign: false,
  });
});

test('a merge closes the other row, points it to the first and moves its children [W6]', async () => {
  const [target, other] = [await newAccount(), await newAccount({ fax: '7' })];
  const task = await newTask(other);
  const typed = (accountid: string) => ({ '@odata.type': 'Microsoft.Dynamics.CRM.account', accountid });
  const body = { Target: typed(target), Subordinate: typed(other), PerformParentingChecks: false };
  expect(await client.post('Merge', { ...body, Subordinate: typed(target) })).toMatchObject({
    code: '0x80045305',
  });
  const UpdateContent = { ...typed(target), fax: '7' };
  expect((await client.post('Merge', { ...body, UpdateContent })).status).toBe(204);
  expect((await client.get(`accounts(${target})?$select=fax`)).json.fax).toBe('7');
  const merged = await client.get(`accounts(${other})?$select=statecode,merged,_masterid_value`);
  expect(merged.json).toMatchObject({ statecode: 1, merged: true, _masterid_value: target });
  const moved = await client.get(`tasks(${task})?$select=_regardingobjectid_value`);
  expect(moved.json._regardingobjectid_value).toBe(target);
  expect(await client.post('Merge', body)).toMatchObject({ status: 400, code: '0x80045304' });
});

import { pack, unzip, xmlIn } from './support/packed.ts';
import { startEnvironment, type Answer, type Environment, type User } from './support/environment.ts';
import { all, tablesOf, text } from './support/solution.ts';

/** The zip, imported into an environment through the Web API as an administrator does it. */

let environment: Environment;
let administrator: User;
let user: User;
let colleague: User;

beforeEach(async () => {
  environment = await startEnvironment();
  const people = environment.users.filter(({ fullname }) => fullname.includes(' '));
  const isAdministrator = ({ roles }: User): boolean => roles.includes('System Administrator');
  const others = people.filter((one) => !isAdministrator(one));
  [administrator, user, colleague] = [people.find(isAdministrator), others[0], others[1]].map((one) => {
    if (one === undefined) throw new Error('the environment lacks people');
    return one;
  }) as [User, User, User];
}, 60_000);
afterEach(() => environment.close());

const asAdministrator = (method: string, path: string, body?: unknown): Promise<Answer> =>
  environment.send(administrator, method, path, body);

async function importZip(managed: boolean): Promise<void> {
  const answer = await asAdministrator('POST', 'ImportSolution', {
    OverwriteUnmanagedCustomizations: true,
    PublishWorkflows: true,
    CustomizationFile: Buffer.from(await pack(managed)).toString('base64'),
    ImportJobId: '5b0f1c8a-7d24-4f0e-9c3b-2a6e8d1f4b70',
  });
  expect(answer).toMatchObject({ status: 204 });
}

/** Rows of a collection. */
const rows = ({ body }: Answer): Record<string, unknown>[] => body['value'] as Record<string, unknown>[];

async function idOf(collection: string, name: string, key: string): Promise<string> {
  const [row] = rows(await asAdministrator('GET', `${collection}?$filter=name eq '${name}'&$select=${key}`));
  return String(row?.[key]);
}

test.each([false, true])(
  'managed %s: tables, columns, roles and profiles are there',
  async (managed) => {
    await importZip(managed);
    for (const table of tablesOf(xmlIn(unzip(await pack(managed)), 'customizations.xml'))) {
      const known = await asAdministrator(
        'GET',
        `EntityDefinitions(LogicalName='${table.name}')?$select=EntitySetName,OwnershipType&$expand=Attributes($select=LogicalName,IsSecured)`,
      );
      const entity = all(table.entity, 'entity')[0] ?? table.entity;
      expect(known.body).toMatchObject({
        EntitySetName: text(entity, 'EntitySetName'),
        OwnershipType: text(entity, 'OwnershipTypeMask') === 'OrgOwned' ? 'OrganizationOwned' : 'UserOwned',
      });
      const attributes = known.body['Attributes'] as { LogicalName: string; IsSecured: boolean }[];
      for (const [name, column] of table.columns) {
        const found = attributes.find(({ LogicalName }) => LogicalName === name);
        expect([name, found?.IsSecured]).toEqual([name, text(column, 'IsSecured') === '1']);
      }
    }
    const roles = rows(await asAdministrator('GET', "roles?$filter=startswith(name,'Rowback')&$select=name"));
    expect(new Set(roles.map(({ name }) => name))).toEqual(
      new Set(['Rowback Administrator', 'Rowback Operator', 'Rowback Service', 'Rowback User']),
    );
    const profiles = rows(
      await asAdministrator('GET', "fieldsecurityprofiles?$filter=startswith(name,'Rowback')&$select=name"),
    );
    expect(profiles.map(({ name }) => name).sort()).toEqual(['Rowback request readers', 'Rowback service']);
  },
  60_000,
);

test('a user with the role asks once, changes nothing, writes no answer and sees nobody else', async () => {
  await importZip(false);
  const role = await idOf('roles', 'Rowback User', 'roleid');
  const request = { rowback_name: 'history', rowback_kind: 714200000, rowback_targettable: 'account' };
  const target = { rowback_targetid: '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34' };
  const before = await environment.send(user, 'POST', 'rowback_requests', { ...request, ...target });
  expect(before.status).toBe(403);
  for (const one of [user, colleague]) {
    const given = await asAdministrator(
      'POST',
      `systemusers(${one.systemuserid})/systemuserroles_association/$ref`,
      { '@odata.id': `roles(${role})` },
    );
    expect(given.status).toBe(204);
  }
  const asked = await environment.send(user, 'POST', 'rowback_requests', { ...request, ...target });
  expect(asked.status).toBe(204);
  const path = String(asked.made);
  const answer = { rowback_requeststatus: 714200001, rowback_result: '{"ok":true}' };
  const refusals = [
    await environment.send(user, 'PATCH', path, { rowback_name: 'restore' }),
    await environment.send(user, 'DELETE', path),
    await environment.send(user, 'POST', 'rowback_requests', { ...request, ...target, ...answer }),
    await environment.send(colleague, 'GET', path),
    await environment.send(user, 'POST', 'rowback_restores', { rowback_name: 'forged' }),
  ];
  expect(refusals.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  expect(await environment.send(user, 'GET', path)).toMatchObject({
    status: 200,
    body: { rowback_name: 'history' },
  });
}, 60_000);

test('only the profile of readers shows the answer, and only the profile of the service writes it', async () => {
  await importZip(false);
  const asked = await asAdministrator('POST', 'rowback_requests', {
    rowback_name: 'history',
    rowback_kind: 714200000,
    rowback_targettable: 'account',
    rowback_targetid: '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34',
    rowback_requeststatus: 714200001,
    rowback_result: '{"ok":true}',
  });
  expect(asked.status).toBe(204);
  const path = `${String(asked.made)}?$select=rowback_requeststatus,rowback_result`;
  // The role of the service may write the row; whether it may write these two columns is up to the profile.
  const service = await idOf('roles', 'Rowback Service', 'roleid');
  await asAdministrator('POST', `systemusers(${user.systemuserid})/systemuserroles_association/$ref`, {
    '@odata.id': `roles(${service})`,
  });
  const hidden = await environment.send(user, 'GET', path);
  expect(hidden.status).toBe(200);
  expect(hidden.body['rowback_result'] ?? null).toBeNull();
  await assignProfile('Rowback request readers');
  expect((await environment.send(user, 'GET', path)).body).toMatchObject({
    rowback_requeststatus: 714200001,
    rowback_result: '{"ok":true}',
  });
  const answer = { rowback_result: '{"ok":false}' };
  expect((await environment.send(user, 'PATCH', String(asked.made), answer)).status).toBe(403);
  await assignProfile('Rowback service');
  expect((await environment.send(user, 'PATCH', String(asked.made), answer)).status).toBe(204);
}, 60_000);

async function assignProfile(name: string): Promise<void> {
  const profile = await idOf('fieldsecurityprofiles', name, 'fieldsecurityprofileid');
  const given = await asAdministrator(
    'POST',
    `systemusers(${user.systemuserid})/systemuserprofiles_association/$ref`,
    { '@odata.id': `fieldsecurityprofiles(${profile})` },
  );
  expect(given.status).toBe(204);
}

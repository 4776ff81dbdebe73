import type { TableDefinition } from '../model/definitions.ts';
import { builtInSchema, readBuiltInSchema } from './built-in-schema.ts';

const schema = builtInSchema();
const extents = [
  ['lean', schema],
  ['full', builtInSchema('full')],
] as const;
const tables = new Map(schema.tables.map((table) => [table.logicalName, table]));

function table(name: string): TableDefinition {
  const found = tables.get(name);
  if (!found) throw new Error(`no table ${name}`);
  return found;
}

test('the recorded account definition is kept: ids, options, flags', () => {
  const account = table('account');
  expect(account.metadataId).toBe('70816501-edb9-4740-a16c-6a5efbc05d84');
  expect(account.privileges.find((privilege) => privilege.verb === 'Create')).toEqual({
    id: 'd26fe964-230b-42dd-ad93-5cc879de411e',
    name: 'prvCreateAccount',
    verb: 'Create',
  });
  expect(account.columns.get('statecode')).toMatchObject({ validForCreate: false, validForUpdate: true });
  expect(account.columns.get('overriddencreatedon')).toMatchObject({
    validForCreate: true,
    validForUpdate: false,
  });
  expect(account.columns.get('createdon')).toMatchObject({ validForCreate: false, validForUpdate: false });
  expect(account.columns.get('accountcategorycode')?.options).toEqual([
    { value: 1, label: 'Preferred Customer' },
    { value: 2, label: 'Standard' },
  ]);
});

test('entity sets and keys are irregular where the service has them so', () => {
  expect(table('opportunity').entitySetName).toBe('opportunities');
  expect(table('systemuserroles').entitySetName).toBe('systemuserrolescollection');
  expect(table('email').primaryId).toBe('activityid');
  expect(table('systemuser').primaryId).toBe('systemuserid');
  expect(table('owner').entitySetName).toBeNull();
});

test.each([
  ['contact', 'parentcustomerid', 'account', 'parentcustomerid_account'],
  ['annotation', 'objectid', 'account', 'objectid_account'],
  ['task', 'regardingobjectid', 'account', 'regardingobjectid_account_task'],
  ['connection', 'record1id', 'contact', 'record1id_contact'],
  ['opportunity', 'ownerid', 'owner', 'ownerid'],
  ['email', 'ownerid', 'owner', 'ownerid'],
  ['activityparty', 'partyid', 'systemuser', 'partyid_systemuser'],
])('the lookup %s.%s to %s is bound through %s', (child, column, parent, navigation) => {
  const found = schema.oneToMany.filter(
    (one) =>
      one.referencingTable === child && one.referencingColumn === column && one.referencedTable === parent,
  );
  expect(found.map((one) => one.referencingNavigation)).toEqual([navigation]);
});

test.each([
  ['annotation', 'objectid', 'incident', 'Cascade'],
  ['customeraddress', 'parentid', 'account', 'Cascade'],
  ['contact', 'parentcustomerid', 'account', 'Cascade'],
  ['account', 'primarycontactid', 'contact', 'RemoveLink'],
  ['quote', 'customerid', 'account', 'Restrict'],
  ['opportunityproduct', 'opportunityid', 'opportunity', 'Cascade'],
  ['account', 'transactioncurrencyid', 'transactioncurrency', 'Restrict'],
])('deleting the parent of %s.%s in %s means %s', (child, column, parent, action) => {
  const found = schema.oneToMany.find(
    (one) =>
      one.referencingTable === child && one.referencingColumn === column && one.referencedTable === parent,
  );
  expect(found?.cascade.delete).toBe(action);
});

test.each(extents)('every state has a default status, which belongs to it: %s', (_, schema) => {
  for (const one of schema.tables) {
    const states = one.columns.get('statecode');
    if (states?.type !== 'StateType') continue;
    const statuses = one.columns.get('statuscode')?.options ?? [];
    expect(states.options?.length).toBeGreaterThan(0);
    for (const state of states.options ?? []) {
      expect([
        one.logicalName,
        state.value,
        statuses.find((status) => status.value === state.defaultStatus)?.state,
      ]).toEqual([one.logicalName, state.value, state.value]);
    }
  }
});

test.each(extents)('every relationship joins tables and lookup columns that are there: %s', (_, schema) => {
  const tables = new Map(schema.tables.map((one) => [one.logicalName, one]));
  const names = new Set<string>();
  for (const one of schema.oneToMany) {
    expect(tables.has(one.referencedTable)).toBe(true);
    expect(tables.get(one.referencingTable)?.columns.get(one.referencingColumn)?.targets).toBeDefined();
    expect(one.referencingNavigation).not.toBe('');
    const name = `${one.referencingTable}.${one.referencingNavigation}`;
    expect(names).not.toContain(name);
    names.add(name);
  }
  for (const link of schema.manyToMany) {
    const intersect = tables.get(link.intersectTable)!;
    expect(intersect.intersect).toBe(true);
    expect(intersect.columns.has(link.column1) && intersect.columns.has(link.column2)).toBe(true);
  }
});

test.each(extents)('ids are unique and the same in every run: %s', (extent, schema) => {
  const again = readBuiltInSchema(extent);
  const ids = schema.tables.flatMap((one) => [
    one.metadataId,
    ...[...one.columns.values()].map((column) => column.metadataId),
  ]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(again).toEqual(schema);
});

test.each(extents)('columns of other publishers are left out: %s', (_, schema) => {
  for (const one of schema.tables) {
    expect([...one.columns.keys()].filter((name) => /^(spice|msa|adx)_/.test(name))).toEqual([]);
  }
});

test('activity tables share the privileges of activities', () => {
  const names = ['task', 'email', 'phonecall', 'appointment', 'activitypointer'].map(
    (name) => table(name).privileges.find((privilege) => privilege.verb === 'Read')?.id,
  );
  expect(new Set(names).size).toBe(1);
  expect(table('task').privileges.map((privilege) => privilege.name)).toContain('prvReadActivity');
});

test('the full extent adds tables and lookups to them, and changes nothing else', () => {
  const full = new Map(builtInSchema('full').tables.map((one) => [one.logicalName, one]));
  const plain = (one: object) => JSON.stringify({ ...one, columns: 0, targets: 0, columnNumber: 0 });
  const changed = schema.tables.flatMap((one) => {
    const wide = full.get(one.logicalName)!;
    const columns = [...one.columns].filter(([name, column]) => {
      const found = wide.columns.get(name)!;
      const kept = (column.targets ?? []).every((target) => found.targets?.includes(target));
      return plain(found) !== plain(column) || !kept;
    });
    const names = columns.map(([name]) => `${one.logicalName}.${name}`);
    return plain(wide) === plain(one) ? names : [one.logicalName, ...names];
  });
  expect(changed).toEqual([]);
  expect(full.get('account')?.columns.get('preferredserviceid')?.targets).toEqual(['service']);
  expect(full.get('contract')).toMatchObject({
    entitySetName: 'contracts',
    primaryName: 'title',
    hasNotes: true,
  });
});

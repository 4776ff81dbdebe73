import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Value } from '../src/base/value.ts';
import type { Snapshot } from '../src/vault/index.ts';
import { openLocalEnvironment, type LocalEnvironment } from './support/local-environment.ts';

/** What lies in the vault before and after a table's shape moved, read back at both snapshots. */
let local: LocalEnvironment;
beforeAll(async () => {
  local = await openLocalEnvironment();
}, 60_000);
afterAll(() => local.close());

const label = (text: string) => ({ LocalizedLabels: [{ Label: text, LanguageCode: 1033 }] });
const column = (type: string, name: string, more: object = {}) => ({
  '@odata.type': `Microsoft.Dynamics.CRM.${type}AttributeMetadata`,
  SchemaName: name,
  DisplayName: label(name),
  ...more,
});

const made = async (name: string, columns: readonly object[]) =>
  local.ask('POST', 'EntityDefinitions', {
    '@odata.type': 'Microsoft.Dynamics.CRM.EntityMetadata',
    SchemaName: name,
    DisplayName: label(name),
    DisplayCollectionName: label(`${name}s`),
    OwnershipType: 'UserOwned',
    ChangeTrackingEnabled: true,
    Attributes: [column('String', `${name}Name`, { IsPrimaryName: true, MaxLength: 100 }), ...columns],
  });

const columnsOf = (table: string) => `EntityDefinitions(LogicalName='${table}')/Attributes`;

async function rowOf(table: string, values: Readonly<Record<string, Value>>): Promise<string> {
  const row = await local.ask('POST', `${table}s`, { [`${table}name`]: 'One', ...values });
  return String(row[`${table}id`]);
}

async function backedUp(table: string): Promise<Snapshot> {
  const { snapshot } = await local.backUp({ include: [table] });
  if (snapshot === null) throw new Error(`the backup of ${table} found nothing to name`);
  return snapshot;
}

/** Values of the table's rows by key, as a snapshot has them, and as what type the column was captured. */
async function rowsAt(snapshot: Snapshot, folder: string, name: string) {
  const at = await local.vault.snapshots.tableAt(snapshot, folder);
  const rows: Record<string, [Value | undefined, string | undefined]> = {};
  for await (const row of local.vault.table(folder).scan(at?.throughSeq ?? 0)) {
    const schema = await local.vault.schemas.read(row.schema);
    rows[row.key] = [row.values[name], schema.columns.find((one) => one.name === name)?.type];
  }
  return rows;
}

test('a column that was dropped and made again begins anew', async () => {
  await made('new_Pump', [column('String', 'new_Code', { MaxLength: 100 })]);
  const [kept, emptied] = [
    await rowOf('new_pump', { new_code: 'old' }),
    await rowOf('new_pump', { new_code: 'x' }),
  ];
  const before = await backedUp('new_pump');
  await local.ask('DELETE', `${columnsOf('new_pump')}(LogicalName='new_code')`);
  await local.ask('POST', columnsOf('new_pump'), column('String', 'new_Code', { MaxLength: 100 }));
  // The same text as before, in a column that is another one.
  await local.ask('PATCH', `new_pumps(${kept})`, { new_code: 'old' });
  const after = await backedUp('new_pump');
  expect(await rowsAt(before, 'new_pump', 'new_code')).toEqual({
    [kept]: ['old', 'string'],
    [emptied]: ['x', 'string'],
  });
  expect(await rowsAt(after, 'new_pump', 'new_code')).toEqual({
    [kept]: ['old', 'string'],
    [emptied]: [null, 'string'],
  });
  const state = await local.vault.table('new_pump').state();
  const { columns } = await local.vault.schemas.read(state?.schemaId ?? '');
  expect(columns.find(({ name }) => name === 'new_code')?.deltaName).toBe('new_code__2');
  const head = await local.vault.table('new_pump').at(kept, state?.throughSeq ?? 0);
  expect(head?.schema).toBe(state?.schemaId);
});

test('a column that came back as one of another kind keeps both values apart', async () => {
  await made('new_Valve', [column('String', 'new_Size', { MaxLength: 100 })]);
  const id = await rowOf('new_valve', { new_size: '12' });
  const before = await backedUp('new_valve');
  await local.ask('DELETE', `${columnsOf('new_valve')}(LogicalName='new_size')`);
  await local.ask('POST', columnsOf('new_valve'), column('Integer', 'new_Size'));
  await local.ask('PATCH', `new_valves(${id})`, { new_size: 12 });
  const after = await backedUp('new_valve');
  expect(await rowsAt(before, 'new_valve', 'new_size')).toEqual({ [id]: ['12', 'string'] });
  expect(await rowsAt(after, 'new_valve', 'new_size')).toEqual({ [id]: [12, 'int'] });
});

test('a table that was dropped and made again has a folder of its own, and the old one is no longer current', async () => {
  await made('new_Tank', [column('Integer', 'new_Level')]);
  const old = await rowOf('new_tank', { new_level: 1 });
  const before = await backedUp('new_tank');
  await local.ask('DELETE', "EntityDefinitions(LogicalName='new_tank')");
  await made('new_Tank', [column('Integer', 'new_Level')]);
  const young = await rowOf('new_tank', { new_level: 2 });
  const after = await backedUp('new_tank');
  expect(await rowsAt(before, 'new_tank', 'new_level')).toEqual({ [old]: [1, 'int'] });
  expect(await rowsAt(after, 'new_tank__2', 'new_level')).toEqual({ [young]: [2, 'int'] });
  expect(after.tables['new_tank__2']).toMatchObject({ status: 'complete', rowCount: 1 });
  expect(after.tables['new_tank']).toMatchObject({ status: 'stale', stateOf: before.id });
});

test('a date that became independent of time zones is captured as what it is now', async () => {
  await made('new_Lamp', [column('DateTime', 'new_Lit', { Format: 'DateAndTime' })]);
  const [lit, dark] = [
    await rowOf('new_lamp', { new_lit: '2026-03-01T23:30:00Z' }),
    await rowOf('new_lamp', {}),
  ];
  const before = await backedUp('new_lamp');
  const moved = column('DateTime', 'new_Lit', { DateTimeBehavior: { Value: 'TimeZoneIndependent' } });
  await local.ask('PUT', `${columnsOf('new_lamp')}(LogicalName='new_lit')`, moved);
  const after = await backedUp('new_lamp');
  expect((await rowsAt(before, 'new_lamp', 'new_lit'))[lit]).toEqual(['2026-03-01T23:30:00Z', 'timestamp']);
  expect((await rowsAt(after, 'new_lamp', 'new_lit'))[lit]).toEqual(['2026-03-01T23:30:00Z', 'wallTime']);
  // An empty one says the same under both; its version stays.
  expect(after.tables['new_lamp']?.captured).toMatchObject({ put: 1, gone: 0 });
  expect((await rowsAt(after, 'new_lamp', 'new_lit'))[dark]?.[0]).toBeNull();
  expect((await local.backUp({ include: ['new_lamp'] })).snapshot).toBeNull();
});

test('a date that became a day is captured as that day', async () => {
  await made('new_Fuse', [column('DateTime', 'new_Blown', { Format: 'DateAndTime' })]);
  const id = await rowOf('new_fuse', { new_blown: '2026-03-01T23:30:00Z' });
  const before = await backedUp('new_fuse');
  const moved = column('DateTime', 'new_Blown', { DateTimeBehavior: { Value: 'DateOnly' } });
  await local.ask('PUT', `${columnsOf('new_fuse')}(LogicalName='new_blown')`, moved);
  const after = await backedUp('new_fuse');
  expect(await rowsAt(before, 'new_fuse', 'new_blown')).toEqual({
    [id]: ['2026-03-01T23:30:00Z', 'timestamp'],
  });
  expect(await rowsAt(after, 'new_fuse', 'new_blown')).toEqual({ [id]: ['2026-03-01', 'date'] });
});

test('a decimal of other digits is read in full once, and shows its digits at either snapshot', async () => {
  await made('new_Coil', [column('Decimal', 'new_Turns', { Precision: 2, MinValue: 0, MaxValue: 1000 })]);
  const id = await rowOf('new_coil', { new_turns: 1.25 });
  const before = await backedUp('new_coil');
  const moved = column('Decimal', 'new_Turns', { Precision: 5 });
  await local.ask('PUT', `${columnsOf('new_coil')}(LogicalName='new_turns')`, moved);
  const written = await rowOf('new_coil', { new_turns: 1.23456 });
  const after = await backedUp('new_coil');
  expect(after.tables['new_coil']?.mode).toBe('full');
  expect(await rowsAt(before, 'new_coil', 'new_turns')).toEqual({ [id]: ['1.25', 'decimal'] });
  expect(await rowsAt(after, 'new_coil', 'new_turns')).toEqual({
    [id]: ['1.25', 'decimal'],
    [written]: ['1.23456', 'decimal'],
  });
  expect((await local.backUp({ include: ['new_coil'] })).snapshot).toBeNull();
});

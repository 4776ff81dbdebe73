import { describe, expect, test } from '@jest/globals';
import { column, details, environment } from '../../test/support/metadata.ts';
import { planBackup, type BackupPolicy } from './plan.ts';
import type { TableDetails } from '../dataverse/index.ts';

const everything: BackupPolicy = { name: 'default', include: ['*'], exclude: [], files: true, everyMs: null };

function plan(
  tables: readonly TableDetails[],
  policy: Partial<BackupPolicy> = {},
  readable?: readonly string[],
) {
  return planBackup(
    {
      environment,
      tables,
      details: new Map(tables.map((table) => [table.name, table])),
      readable: new Set(readable ?? tables.map((table) => table.name)),
      readableSecured: new Map(),
      counts: new Map([['account', 12_000]]),
    },
    { ...everything, ...policy },
  );
}

const reasonOf = (planned: ReturnType<typeof plan>, table: string) =>
  planned.excluded.find((excluded) => excluded.table === table)?.code ?? 'planned';

describe('which tables', () => {
  test.each([
    ['virtual', details('new_remote', { kind: 'virtual' })],
    ['not-exposed', details('calendarthing', { exposed: false })],
    ['own', details('rowback_request')],
    ['definition', details('systemform')],
    ['solution-machinery', details('solutioncomponentdefinition')],
    ['activity-base', details('activitypointer')],
    ['planned', details('customeraddress')],
    ['planned', details('activityparty')],
    ['planned', details('systemuser')],
    ['planned', details('systemuserroles', { kind: 'intersect' })],
  ] as const)('%s: %o', (reason, table) => {
    expect(reasonOf(plan([table]), table.name)).toBe(reason);
  });

  test('a table that we cannot read as a whole is left out, because a part would look like deletes', () => {
    const planned = plan([details('account')], {}, []);
    expect(planned.tables).toEqual([]);
    expect(planned.excluded[0]).toMatchObject({
      code: 'no-privilege',
      hint: expect.stringContaining('prvReadaccount'),
    });
  });

  test('a policy’s lists may name kinds; logs stay out unless they are chosen', () => {
    const tables = [
      details('account', { custom: false }),
      details('new_a', { custom: true }),
      details('new_reading', { custom: true, kind: 'elastic' }),
      details('asyncoperation'),
      details('systemform'),
    ];
    const chosen = (policy: Partial<BackupPolicy>) => plan(tables, policy).tables.map(({ table }) => table);
    expect(chosen({})).toEqual(['account', 'new_a', 'new_reading']);
    expect(chosen({ include: ['kind:custom'] })).toEqual(['new_a', 'new_reading']);
    expect(chosen({ include: ['kind:custom'], elastic: false })).toEqual(['new_a']);
    expect(chosen({ include: ['account', 'kind:log'] })).toEqual(['account', 'asyncoperation']);
    expect(chosen({ exclude: ['kind:custom'] })).toEqual(['account']);
  });

  test('entries that mean no table are told', () => {
    const policy = { include: ['account', 'acount', 'kind:elastic'], exclude: ['new_*'] };
    expect(plan([details('account')], policy).unmatched).toEqual(['acount', 'kind:elastic', 'new_*']);
  });

  test('a policy’s patterns decide, and an exact name outweighs our own list', () => {
    const tables = [details('account'), details('new_a'), details('new_log'), details('workflow')];
    const planned = plan(tables, { include: ['new_*', 'workflow'], exclude: ['new_log'] });
    expect(planned.tables.map((table) => table.table)).toEqual(['new_a', 'workflow']);
  });
});

describe('how a table is read', () => {
  test('by change tracking where it is on', () => {
    expect(plan([details('account')]).tables[0]).toMatchObject({
      mode: 'change-tracking',
      requestsPerRun: 1,
    });
  });

  test('by its keys and row versions where it is off, a page for every 5,000 rows', () => {
    const [table] = plan([details('account', { changeTracking: false })]).tables;
    expect(table).toMatchObject({ mode: 'version-scan', requestsPerRun: 3 });
    expect(table?.why).toContain('turn it on');
  });

  test('by its keys where it is elastic, a page for every 500 rows', () => {
    const [table] = plan([details('account', { kind: 'elastic' })]).tables;
    expect(table).toMatchObject({ mode: 'version-scan', requestsPerRun: 24 });
  });

  test('by its keys where the policy comes back after the service forgot what was deleted', () => {
    const [table] = plan([details('account')], { everyMs: 10 * 86_400_000 }).tables;
    expect(table?.mode).toBe('version-scan');
  });

  test('audit by what was added, where a policy names it', () => {
    const audit = details('audit', { changeTracking: false }, [column('createdon', { kind: 'datetime' })]);
    expect(plan([audit]).excluded).toMatchObject([{ table: 'audit', code: 'audit' }]);
    const [table] = plan([audit], { include: ['audit'] }).tables;
    expect(table).toMatchObject({ mode: 'append', requestsPerRun: 1 });
  });

  test('in full where its rows have no versions', () => {
    const unversioned = details('account', { changeTracking: false });
    const columns = unversioned.columns.filter(({ name }) => name !== 'versionnumber');
    const [table] = plan([{ ...unversioned, columns }]).tables;
    expect(table).toMatchObject({ mode: 'full', requestsPerRun: 3 });
  });

  test('requests a day follow the interval', () => {
    expect(plan([details('account')], { everyMs: 3_600_000 })).toMatchObject({
      runsPerDay: 24,
      requestsPerDay: 24 * 11 + 3,
    });
  });

  test('an intersect table carries the pair that it links', () => {
    const link = {
      schemaName: 'accountleads_association',
      intersectTable: 'accountleads',
      table1: 'account',
      column1: 'accountid',
      navigation1: 'a',
      table2: 'lead',
      column2: 'leadid',
      navigation2: 'b',
      custom: false,
    };
    const tables = [
      details('account', { manyToMany: [link] }),
      details('accountleads', { kind: 'intersect' }),
    ];
    const planned = plan(tables).tables.find((table) => table.table === 'accountleads');
    expect(planned?.schema.link).toEqual({
      relationship: 'accountleads_association',
      column1: 'accountid',
      table1: 'account',
      column2: 'leadid',
      table2: 'lead',
    });
  });
});

describe('columns', () => {
  const table = details('new_thing', {}, [
    column('new_rate', { kind: 'decimal', precision: 10 }),
    column('exchangerate', { kind: 'decimal', precision: 12 }),
    column('new_price', { kind: 'money', precision: 4 }),
    column('new_price_base', { kind: 'money', precision: 4, calculationOf: 'new_price' }),
    column('new_sum', { kind: 'integer', source: 'rollup' }),
    column('new_sum_date', { kind: 'datetime', dateBehavior: 'userLocal' }),
    column('new_day', { kind: 'datetime', dateBehavior: 'dateOnly' }),
    column('new_clock', { kind: 'datetime', dateBehavior: 'timeZoneIndependent' }),
    column('new_hidden', { kind: 'text', secured: true }),
    column('new_tags', { kind: 'multiChoice', options: [{ value: 1, label: 'One' }] }),
    column('new_picture', { kind: 'image' }),
    column('new_pictureid', { kind: 'guid' }),
    column('new_picture_timestamp', { kind: 'bigint' }),
    column('new_parties', { kind: 'partyList' }),
    column('ownerid', { kind: 'owner' }),
  ]);
  const planned = plan([table]).tables[0];
  const schemaOf = (name: string) => planned?.schema.columns.find((one) => one.name === name);

  test('get the vault’s types, with what decides how they compare', () => {
    expect(schemaOf('new_rate')).toMatchObject({ type: 'decimal', scale: 10 });
    expect(schemaOf('exchangerate')).toMatchObject({ type: 'rate', scale: 12 });
    expect(schemaOf('new_price_base')).toMatchObject({ type: 'decimal', volatile: true });
    expect(schemaOf('new_sum')).toMatchObject({ volatile: true });
    expect(schemaOf('new_sum_date')).toMatchObject({ type: 'timestamp', volatile: true });
    expect(schemaOf('new_day')?.type).toBe('date');
    expect(schemaOf('new_clock')?.type).toBe('wallTime');
    expect(schemaOf('new_tags')).toMatchObject({ type: 'multiSelect', choices: { 1: 'One' } });
    expect(schemaOf('new_picture')).toMatchObject({ type: 'image', contentStamp: 'new_picture_timestamp' });
    expect(schemaOf('ownerid')?.type).toBe('lookup');
    expect(schemaOf('new_price')?.volatile).toBeUndefined();
  });

  test('that the service may hide from us are left out, and say why', () => {
    expect(schemaOf('new_hidden')).toBeUndefined();
    expect(planned?.leftOut.map(({ column: name, code }) => [name, code])).toEqual([
      ['new_pictureid', 'part-of-image'],
      ['new_parties', 'not-a-value'],
      ['new_hidden', 'secured'],
    ]);
  });

  test('of notes are bodies, unless the policy leaves out files', () => {
    const note = details('annotation', {}, [
      column('filename', { kind: 'text' }),
      column('mimetype', { kind: 'text' }),
      column('documentbody', { kind: 'text' }),
    ]);
    const body = (files: boolean) =>
      plan([note], { files }).tables[0]?.schema.columns.find((one) => one.name === 'documentbody');
    expect(body(true)).toMatchObject({ type: 'body', contentStamp: 'versionnumber' });
    expect(body(false)).toBeUndefined();
  });
});

import { isDeepStrictEqual } from 'node:util';
import { inflateSync } from 'node:zlib';
import type { SeedRow } from '../../model/seed.ts';
import { builtInSchema } from '../built-in-schema.ts';
import { checkSeed } from '../check-seed.ts';
import { demoEnvironment } from './demo-environment.ts';
import { pdfPage, pngGradient } from './small-files.ts';
import { TRICKY_TEXTS } from './samples.ts';

const base = builtInSchema();
const demo = demoEnvironment(base);
const rowsOf = (table: string): SeedRow[] => demo.seed.rows.filter((row) => row.table === table);

test('the same seed makes the same environment, another seed another one', () => {
  expect(isDeepStrictEqual(demoEnvironment(base), demo)).toBe(true);
  expect(demoEnvironment(base, { seed: 7 }).seed.rows.map((row) => row.id)).not.toEqual(
    demo.seed.rows.map((row) => row.id),
  );
});

test('every value fits its column and every lookup leads to a row', () => {
  expect(checkSeed(demo.schema, demo.seed)).toEqual([]);
});

test('it has the size of a small company and grows with size', () => {
  expect(rowsOf('account')).toHaveLength(40);
  expect(rowsOf('contact')).toHaveLength(120);
  expect(demo.seed.rows.length).toBeGreaterThan(900);
  expect(demo.seed.rows.length).toBeLessThan(1600);
  const larger = demoEnvironment(base, { size: 3 });
  expect(larger.seed.rows.filter((row) => row.table === 'contact')).toHaveLength(360);
  expect(checkSeed(larger.schema, larger.seed)).toEqual([]);
});

test('every column of the sample table that may hold a value holds one somewhere', () => {
  const table = demo.schema.tables.find((one) => one.logicalName === 'demo_sample');
  const samples = rowsOf('demo_sample');
  const never = [...(table?.columns.values() ?? [])]
    .filter((column) => column.custom && column.validOData)
    .map((column) => column.logicalName)
    .filter((name) => !samples.some((row) => row.values[name] !== undefined || row.files?.[name]))
    // Filled by the platform from the currency.
    .filter((name) => name !== 'demo_price_base');
  expect(never).toEqual([]);
});

test('every kind of column that a maker can add is there', () => {
  const table = demo.schema.tables.find((one) => one.logicalName === 'demo_sample');
  const types = new Set(
    [...(table?.columns.values() ?? [])]
      .filter((column) => column.custom || column.type === 'OwnerType')
      .map((column) => column.type),
  );
  for (const type of [
    'StringType',
    'MemoType',
    'IntegerType',
    'BigIntType',
    'DecimalType',
    'DoubleType',
    'MoneyType',
    'BooleanType',
    'DateTimeType',
    'PicklistType',
    'MultiSelectPicklistType',
    'LookupType',
    'CustomerType',
    'OwnerType',
    'ImageType',
    'FileType',
  ]) {
    expect(types).toContain(type);
  }
  const columns = table?.columns;
  expect([...(columns?.values() ?? [])].map((column) => column.dateBehavior)).toEqual(
    expect.arrayContaining(['UserLocal', 'DateOnly', 'TimeZoneIndependent']),
  );
  expect([...(columns?.values() ?? [])].map((column) => column.sourceType)).toEqual(
    expect.arrayContaining([1, 2, 3]),
  );
  expect(columns?.get('demo_secret')?.secured).toBe(true);
  expect(columns?.get('demo_code')?.autoNumberFormat).toBeDefined();
});

test('texts that break careless code are among the values', () => {
  const texts = rowsOf('demo_sample').map((row) => row.values['demo_notes']);
  const missing = TRICKY_TEXTS.filter(
    (tricky) => !texts.some((text) => typeof text === 'string' && text.startsWith(`${tricky}\r\n`)),
  );
  expect(missing).toEqual([]);
});

test('closed rows of every kind are there: won, resolved, sent, inactive', () => {
  const has = (table: string, state: number, status: number): boolean =>
    rowsOf(table).some((row) => row.values['statecode'] === state && row.values['statuscode'] === status);
  expect(has('opportunity', 1, 3)).toBe(true);
  expect(has('incident', 1, 5)).toBe(true);
  expect(has('email', 1, 3)).toBe(true);
  expect(has('account', 1, 2)).toBe(true);
  expect(has('task', 1, 5)).toBe(true);
});

test('names repeat, accounts form trees, people and companies point at each other', () => {
  const names = rowsOf('account').map((row) => row.values['name']);
  expect(new Set(names).size).toBeLessThan(names.length);
  expect(rowsOf('account').some((row) => row.values['parentaccountid'])).toBe(true);
  const parents = new Map(rowsOf('account').map((row) => [row.id, row.values['parentaccountid']]));
  for (const id of parents.keys()) {
    let steps = 0;
    for (let up = parents.get(id); typeof up === 'object' && up; up = parents.get(up.id)) {
      expect(++steps).toBeLessThan(40);
    }
  }
  expect(rowsOf('account').filter((row) => row.values['primarycontactid']).length).toBeGreaterThan(20);
});

test('people have roles, one works through an application, one has left', () => {
  expect(demo.seed.users.filter((user) => user.roles.includes('Salesperson'))).toHaveLength(3);
  expect(demo.seed.users.find((user) => user.fullname === 'Rowback service')).toMatchObject({
    roles: ['System Administrator'],
    applicationid: expect.any(String),
  });
  expect(rowsOf('systemuser').some((row) => row.values['isdisabled'] === true)).toBe(true);
  const role = demo.seed.roles?.find((one) => one.name === 'Salesperson');
  expect(role?.privileges).toContainEqual({ name: 'prvWriteAccount', depth: 2 });
  expect(role?.privileges).toContainEqual({ name: 'prvReadProduct', depth: 8 });
  expect(role?.privileges.map((one) => one.name)).not.toContain('prvWriteUser');
});

test('files are what their names say', () => {
  const png = Buffer.from(pngGradient(20, 10, [1, 2, 3]));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const data = png.indexOf('IDAT') + 4;
  expect(inflateSync(png.subarray(data, data + png.readUInt32BE(data - 8)))).toHaveLength(10 * (1 + 20 * 3));
  const pdf = Buffer.from(pdfPage('Größe (1)')).toString('latin1');
  const start = Number(/startxref\n(\d+)/.exec(pdf)?.[1]);
  expect(pdf.slice(start, start + 4)).toBe('xref');
  expect(rowsOf('annotation').some((row) => row.values['mimetype'] === 'application/pdf')).toBe(true);
});

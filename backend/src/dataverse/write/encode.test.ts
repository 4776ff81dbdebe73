import { columnWith, lookupTo, tableWith } from '../../../test/support/table-details.ts';
import { encodeRow } from './encode.ts';

const id = '00000000-0000-0000-0000-00000000000a';
const user = tableWith('systemuser', 'systemusers', []);
const tables = new Map([[user.name, user]]);
const table = tableWith(
  'account',
  'accounts',
  [
    columnWith('statecode', { kind: 'state', validForCreate: false }),
    columnWith('revenue', { kind: 'money' }),
    columnWith('revenue_base', { kind: 'money', calculationOf: 'revenue', validForUpdate: false }),
    columnWith('score', { kind: 'integer', source: 'rollup' }),
    columnWith('createdon', { kind: 'datetime', validForCreate: false, validForUpdate: false }),
    columnWith('importsequencenumber', { kind: 'integer', validForUpdate: false }),
    columnWith('lastusedincampaign', { kind: 'datetime', validForCreate: false }),
    columnWith('rating', { kind: 'choice' }),
    columnWith('ownerid', { kind: 'owner', targets: ['systemuser', 'team'] }),
    columnWith('parentid', { kind: 'lookup', targets: ['gone'] }),
    columnWith('entityimage', { kind: 'image', attributeOf: 'entityimageid' }),
  ],
  { manyToOne: [lookupTo('account', 'ownerid', 'owner', 'ownerid')] },
);

test('columns that the service would ignore are named, not sent', () => {
  const values = {
    name: 'A',
    statecode: 1,
    revenue_base: '1.0',
    score: 3,
    createdon: null,
    entityimage: id,
    x: 1,
  };
  const { body, omitted } = encodeRow(table, values, 'update', tables);
  expect(body).toEqual({ name: 'A' });
  expect(Object.fromEntries(omitted.map((one) => [one.column, one.because]))).toEqual({
    statecode: 'written-separately',
    revenue_base: 'computed',
    score: 'computed',
    createdon: 'not-writable',
    entityimage: 'written-separately',
    x: 'unknown-column',
  });
});

test('create and update each take their own columns', () => {
  const values = { importsequencenumber: 7, lastusedincampaign: '2026-01-01T00:00:00Z' };
  expect(Object.keys(encodeRow(table, values, 'create', tables).body)).toEqual(['importsequencenumber']);
  expect(Object.keys(encodeRow(table, values, 'update', tables).body)).toEqual(['lastusedincampaign']);
});

test('a new row is told only those empty columns that would get a default', () => {
  const values = { name: null, rating: null, ownerid: null };
  expect(encodeRow(table, values, 'create', tables).body).toEqual({ rating: null });
});

test('the owner goes through its one relationship, whatever the owner is', () => {
  const values = { ownerid: { table: 'systemuser', id } };
  expect(encodeRow(table, values, 'update', tables).body).toEqual({
    'ownerid@odata.bind': `/systemusers(${id})`,
  });
});

test('a lookup to a table that is not there is named', () => {
  const values = { parentid: { table: 'gone', id } };
  expect(encodeRow(table, values, 'update', tables).omitted).toEqual([
    { column: 'parentid', because: 'unknown-target' },
  ]);
});

test.each([
  ['revenue', 'a secret'],
  ['revenue', '1,5'],
  ['revenue', '1E9'],
  ['revenue', ''],
  ['importsequencenumber', NaN],
  ['importsequencenumber', Infinity],
])('a %s of %p is refused before it is sent, and not shown', (column, value) => {
  const work = () => encodeRow(table, { [column]: value }, 'create', tables);
  expect(work).toThrow(expect.objectContaining({ code: 'dataverse-bad-request', table: 'account' }));
  expect(work).not.toThrow('secret');
});

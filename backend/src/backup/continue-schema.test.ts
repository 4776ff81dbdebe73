import { expect, test } from '@jest/globals';
import type { ColumnSchema, TableSchema } from '../vault/index.ts';
import { continueSchema, retiredColumns } from './continue-schema.ts';

const column = (name: string, more: Partial<ColumnSchema> = {}): ColumnSchema => ({
  name,
  id: `id-${name}`,
  type: 'string',
  deltaName: name,
  label: name,
  ...more,
});
const schema = (...columns: ColumnSchema[]): TableSchema => ({
  format: 1,
  table: 't',
  tableId: 't',
  label: 'T',
  kind: 'standard',
  key: ['tid'],
  primaryId: 'tid',
  primaryName: null,
  columns,
});
const columnsOf = (result: TableSchema) =>
  result.columns.map(({ deltaName, knownFrom }) => [deltaName, knownFrom]);

test('the columns of a new table are known from its beginning', () => {
  expect(columnsOf(continueSchema(schema(column('a')), [], 's1'))).toEqual([['a', undefined]]);
});

test('a column that appears is known from this snapshot on, and stays so', () => {
  const second = continueSchema(schema(column('a'), column('b')), [column('a')], 's2');
  expect(columnsOf(second)).toEqual([
    ['a', undefined],
    ['b', 's2'],
  ]);
  expect(columnsOf(continueSchema(schema(column('a'), column('b')), second.columns, 's3'))).toEqual(
    columnsOf(second),
  );
});

test('a name that comes back as another column gets a name of its own', () => {
  const again = column('a', { id: 'other' });
  expect(columnsOf(continueSchema(schema(again), [column('a')], 's2'))).toEqual([['a__2', 's2']]);
});

test('a type that Delta keeps in another way gets a name of its own, one that it keeps alike does not', () => {
  expect(columnsOf(continueSchema(schema(column('a', { type: 'int' })), [column('a')], 's2'))).toEqual([
    ['a__2', 's2'],
  ]);
  expect(columnsOf(continueSchema(schema(column('a', { type: 'guid' })), [column('a')], 's2'))).toEqual([
    ['a', undefined],
  ]);
});

test('names of columns that went away stay taken', () => {
  const known = [column('a'), column('gone')];
  expect(retiredColumns(known, schema(column('a'))).map((one) => one.deltaName)).toEqual(['gone']);
});

import { expect, test } from '@jest/globals';
import type { ColumnSchema, ColumnType } from '../vault/index.ts';
import { sameValues } from './same-values.ts';

const column = (name: string, type: ColumnType, more: Partial<ColumnSchema> = {}): ColumnSchema => ({
  name,
  id: name,
  type,
  deltaName: name,
  label: name,
  ...more,
});
const strict = { ignoreVersion: false };

test('money with other zeros at its end is the same money', () => {
  expect(sameValues([column('m', 'decimal')], { m: '12.5000' }, { m: '12.50' }, strict)).toBe(true);
  expect(sameValues([column('m', 'decimal')], { m: '12.50' }, { m: '12.51' }, strict)).toBe(false);
});

test('the choices of a multi-select come in any order', () => {
  expect(sameValues([column('c', 'multiSelect')], { c: '10,2' }, { c: '2,10' }, strict)).toBe(true);
});

test('a lookup to another table with the same id is another lookup', () => {
  const id = '00000000-0000-4000-8000-000000000001';
  const columns = [column('l', 'lookup')];
  expect(sameValues(columns, { l: { table: 'account', id } }, { l: { table: 'contact', id } }, strict)).toBe(
    false,
  );
});

test('a file with another id is another file', () => {
  expect(sameValues([column('f', 'file')], { f: 'a' }, { f: 'b' }, strict)).toBe(false);
});

test('a column that was not captured counts as empty, so only a value in it is news', () => {
  expect(sameValues([column('new', 'string')], {}, { new: null }, strict)).toBe(true);
  expect(sameValues([column('new', 'string')], {}, { new: 'x' }, strict)).toBe(false);
});

test('a value of a column that became another one is news, an empty one is not', () => {
  const columns = [column('when', 'wallTime')];
  const moved = { ...strict, moved: new Set(['when']) };
  const value = { when: '2026-07-01T12:00:00Z' };
  expect(sameValues(columns, value, value, moved)).toBe(false);
  expect(sameValues(columns, { when: null }, { when: null }, moved)).toBe(true);
});

test('volatile columns are never compared', () => {
  expect(sameValues([column('sum', 'int', { volatile: true })], { sum: 1 }, { sum: 2 }, strict)).toBe(true);
});

test('after a rewind the row version proves nothing', () => {
  const columns = [column('versionnumber', 'long'), column('name', 'string')];
  const [head, now] = [
    { versionnumber: '9', name: 'x' },
    { versionnumber: '4', name: 'x' },
  ];
  expect(sameValues(columns, head, now, strict)).toBe(false);
  expect(sameValues(columns, head, now, { ignoreVersion: true })).toBe(true);
});

import { expect, test } from '@jest/globals';
import { column, details, environment } from '../../test/support/metadata.ts';
import type { Metadata } from '../backup/index.ts';
import type { TableDetails } from '../dataverse/index.ts';
import { schemaDifference } from './schema-difference.ts';

function metadata(tables: readonly TableDetails[], more: Partial<Metadata> = {}): Metadata {
  const named = new Map(tables.map((table) => [table.name, table]));
  return { environment, tables: named, others: new Map(), choices: [], security: null, ...more };
}

test('the same metadata differs in nothing, whatever the order', () => {
  const [a, b] = [details('account'), details('contact')];
  expect(schemaDifference(metadata([a, b]), metadata([b, a]))).toEqual([]);
});

test('tables, columns and keys come, go, change and come again under the same name', () => {
  const before = metadata([
    details('account', {}, [
      column('name', { maxLength: 100, required: 'none' }),
      column('rating', { kind: 'choice', options: [{ value: 1, label: 'Hot' }] }),
      column('code'),
      column('old'),
    ]),
    details('gone'),
  ]);
  const keys = [{ name: 'by_code', columns: ['code'], active: true }];
  const after = metadata([
    details('account', { keys }, [
      column('name', { maxLength: 200, required: 'application' }),
      column('rating', { kind: 'choice', options: [{ value: 1, label: 'Warm' }] }),
      column('code', { id: 'another' }),
      column('new'),
    ]),
    details('come'),
  ]);
  const found = schemaDifference(before, after);
  const lines = found.map(({ kind, change, name, facts }) =>
    [kind, change, name, ...facts.map((one) => `${one.fact}: ${one.before} > ${one.after}`)].join(' '),
  );
  expect(lines).toEqual([
    'column recreated account.code',
    'column changed account.name maxLength: 100 > 200 required: none > application',
    'column added account.new',
    'column removed account.old',
    'column changed account.rating choices: 1 Hot > 1 Warm',
    'column added come.comeid',
    'column added come.versionnumber',
    'column removed gone.goneid',
    'column removed gone.versionnumber',
    'key added account.by_code',
    'table added come',
    'table removed gone',
  ]);
});

test('roles that we may no longer see are not called removed', () => {
  const security = { roles: [{ id: 'r1', name: 'Sales', businessUnitId: 'b' }], profiles: [] };
  expect(schemaDifference(metadata([], { security }), metadata([]))).toEqual([]);
});

import { columnWith } from '../../test/support/table-details.ts';
import type { TableSchema } from '../vault/index.ts';
import { coverColumns } from './columns.ts';

const secret = columnWith('secret', { secured: true });
const schema: TableSchema = {
  format: 1,
  table: 'thing',
  tableId: 'id of thing',
  label: 'Thing',
  kind: 'standard',
  key: ['thingid'],
  primaryId: 'thingid',
  primaryName: null,
  columns: [{ name: 'secret', id: secret.id, type: 'string', deltaName: 'secret', label: 'Secret' }],
};
const of = { known: [secret], schema, leftOut: [], contents: null, isRead: () => false };

test('a column that was captured once and is left out now is not protected', () => {
  const leftOut = [{ column: 'secret', code: 'secured', why: 'hidden' }];
  expect(coverColumns({ ...of, leftOut })).toMatchObject([{ status: 'not', reason: { code: 'secured' } }]);
  expect(coverColumns(of)).toMatchObject([{ status: 'protected', reason: null }]);
});

test('a column that nothing was read of yet is not protected, whatever the plan says of it', () => {
  const none = { ...schema, columns: [] };
  expect(coverColumns({ ...of, schema: none })).toMatchObject([{ reason: { code: 'not-read-yet' } }]);
});

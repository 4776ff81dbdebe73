import { describe, expect, test } from '@jest/globals';
import type { ColumnSchema, TableSchema, TableState } from '../vault/index.ts';
import type { TablePlan } from './plan.ts';
import { columnsMark, nextRound, printBookmark } from './read-state.ts';

const size: ColumnSchema = {
  name: 'size',
  id: 'a',
  type: 'decimal',
  deltaName: 'size',
  scale: 2,
  label: 'Size',
};
const schemaWith = (more: Partial<ColumnSchema>): TableSchema => ({
  format: 1,
  table: 't',
  tableId: 't',
  label: 'T',
  kind: 'standard',
  key: ['tid'],
  primaryId: 'tid',
  primaryName: null,
  columns: [{ ...size, ...more }],
});

/** A table whose token was made with `columns`. */
const stateWith = (columns: TableSchema, isTracked = true): TableState => ({
  version: 1,
  throughSeq: 1,
  token: printBookmark({
    link: 'l',
    at: '2026-07-01T12:00:00Z',
    columns: columnsMark(columns),
    epoch: 1,
    tracked: isTracked,
  }),
  position: null,
  schemaId: 's',
  epoch: 1,
  key: ['tid'],
  versionCount: 1,
  newestSnapshot: null,
  bytes: 1,
});

// Of a plan only its mode is looked at.
const tracked = { mode: 'change-tracking' } as TablePlan;
const roundWith = (more: Partial<ColumnSchema>) =>
  nextRound(tracked, schemaWith(more), stateWith(schemaWith({})), 1);

test('a token goes on with the columns that it was made with, under whatever labels', () => {
  expect(roundWith({ label: 'Extent', choices: { 1: 'one' } })).toMatchObject({ kind: 'changes' });
});

test.each<Partial<ColumnSchema>>([
  { scale: 4 },
  { scale: 1 },
  { type: 'rate' },
  { id: 'b' },
  { name: 'extent' },
])('columns that became %j lead to a full read that compares', (more) => {
  expect(roundWith(more)).toEqual({ kind: 'compare', because: 'columns-moved' });
});

describe('a version scan', () => {
  // Of a plan only its mode is looked at.
  const scanned = { mode: 'version-scan' } as TablePlan;
  const own = stateWith(schemaWith({}), false);

  test('goes on while columns and epoch stay', () => {
    expect(nextRound(scanned, schemaWith({}), own, 1)).toEqual({ kind: 'scan' });
  });

  test('gives way to a full read where columns moved, or a new epoch began', () => {
    const because = (columns: TableSchema, epoch: number) => nextRound(scanned, columns, own, epoch);
    expect(because(schemaWith({ id: 'b' }), 1)).toEqual({ kind: 'compare', because: 'columns-moved' });
    expect(because(schemaWith({}), 2)).toEqual({ kind: 'compare', because: 'new-epoch' });
  });

  test('begins with a full read of a table that was read otherwise, and the other way round', () => {
    const tracking = stateWith(schemaWith({}));
    const compare = { kind: 'compare', because: 'no-token' };
    expect(nextRound(scanned, schemaWith({}), tracking, 1)).toEqual(compare);
    expect(nextRound(tracked, schemaWith({}), own, 1)).toEqual(compare);
    expect(nextRound(scanned, schemaWith({}), { ...own, token: null }, 1)).toEqual(compare);
  });
});

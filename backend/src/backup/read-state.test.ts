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

describe('a table that only grows', () => {
  const grows = { mode: 'append' } as TablePlan;
  const mark = (after: string, columns = schemaWith({})) =>
    printBookmark({ link: '', at: after, columns: columnsMark(columns), epoch: 1, tracked: false, after });
  const [stopped, ended] = ['2026-07-01T10:00:00Z', '2026-07-01T12:00:00Z'];
  const state = { ...stateWith(schemaWith({})), token: mark(ended) };

  test('goes on where the last read ended, or stopped', () => {
    const next = (now: TableState | null) => nextRound(grows, schemaWith({}), now, 1);
    expect(next(null)).toEqual({ kind: 'append', after: null, isNew: true });
    expect(next(state)).toEqual({ kind: 'append', after: ended, isNew: false });
    const unfinished = { ...state, token: null, position: mark(stopped) };
    expect(next(unfinished)).toEqual({ kind: 'append', after: stopped, isNew: false });
    // A read that begins again beside an older token goes on from its own position.
    expect(next({ ...state, position: mark(stopped) })).toMatchObject({ after: stopped });
  });

  test('is read from its beginning with other columns, and in a new epoch', () => {
    const begins = { kind: 'append', after: null, isNew: false };
    expect(nextRound(grows, schemaWith({ id: 'b' }), state, 1)).toEqual(begins);
    expect(nextRound(grows, schemaWith({}), state, 2)).toEqual(begins);
  });
});

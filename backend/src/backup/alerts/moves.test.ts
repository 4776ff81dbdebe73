import { describe, expect, test } from '@jest/globals';
import { alertsOfMoves, type AlertRules, type TableMoves } from './moves.ts';
import type { Past } from './past.ts';

const none = { rows: null, percent: null };
const rules: AlertRules = {
  changed: { rows: null, percent: 10 },
  deleted: { rows: 100, percent: null },
  allow: [],
};
const noPast: Past = { of: () => [], lastAt: null };
const run = { snapshot: '20261126T140500Z-bbbb', before: '20261126T140000Z-aaaa', hours: 1 / 12 };
const flow = '6f1e0000-0000-4000-8000-000000000001';
const person = '6f1e0000-0000-4000-8000-000000000002';
const contacts: TableMoves = {
  table: 'contact',
  folder: 'contact',
  put: 0,
  deleted: 0,
  lastSavedBy: {},
  rowsBefore: 40_000,
  afterSeq: 100,
  throughSeq: 200,
};

describe('an alert about moved rows', () => {
  test('names the rows, the users who saved them, and the snapshot that has them as they were', () => {
    const lastSavedBy = { [person]: 12, [flow]: 39_988 };
    const [alert, ...others] = alertsOfMoves({ ...contacts, put: 40_000, lastSavedBy }, noPast, rules, run);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      id: '20261126T140500Z-bbbb.many-changed.contact',
      code: 'many-changed',
      figures: { rows: 40_000, limit: 4_000, tableRows: 40_000 },
      selection: { operation: 'put', afterSeq: 100, throughSeq: 200, before: run.before, rows: 40_000 },
      expected: null,
    });
    expect(Object.entries(alert?.lastSavedBy ?? {})).toEqual([
      [flow, 39_988],
      [person, 12],
    ]);
  });

  test('deletes and changes are judged each by their own threshold', () => {
    const both = { ...contacts, put: 5_000, deleted: 100 };
    expect(alertsOfMoves(both, noPast, rules, run).map((alert) => alert.code)).toEqual([
      'many-changed',
      'many-deleted',
    ]);
    expect(alertsOfMoves({ ...contacts, put: 3_999, deleted: 99 }, noPast, rules, run)).toEqual([]);
  });

  test('without thresholds and without a past there is none', () => {
    const quiet = { changed: none, deleted: none, allow: [] };
    expect(alertsOfMoves({ ...contacts, put: 40_000, deleted: 40_000 }, noPast, quiet, run)).toEqual([]);
  });
});

describe('a known job', () => {
  const nightly = { by: [flow], tables: ['con*'], operations: ['changed'] as const, why: 'nightly sync' };
  const allowing: AlertRules = { ...rules, allow: [nightly] };
  const expectedOf = (moves: Partial<TableMoves>, all: AlertRules = allowing) =>
    alertsOfMoves({ ...contacts, ...moves }, noPast, all, run).map((alert) => alert.expected);

  test('is kept with its reason where nothing unusual is left without its rows', () => {
    const lastSavedBy = { [flow]: 20_000, [person]: 50 };
    expect(expectedOf({ put: 20_050, lastSavedBy })).toEqual(['nightly sync']);
  });

  test('does not hide what somebody else did beside it', () => {
    const lastSavedBy = { [flow]: 20_000, [person]: 5_000 };
    expect(expectedOf({ put: 25_000, lastSavedBy })).toEqual([null]);
  });

  test('allows neither another table, nor deletes that nobody signed, nor what it did not do', () => {
    expect(expectedOf({ table: 'account', put: 20_000, lastSavedBy: { [flow]: 20_000 } })).toEqual([null]);
    expect(expectedOf({ deleted: 20_000 })).toEqual([null]);
    expect(expectedOf({ put: 20_000 })).toEqual([null]);
    const deletes = { ...nightly, by: [], operations: ['deleted'] as const };
    expect(expectedOf({ deleted: 20_000 }, { ...rules, allow: [deletes] })).toEqual(['nightly sync']);
  });
});

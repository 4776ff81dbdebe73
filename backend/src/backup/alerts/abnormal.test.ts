import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judge, runsToJudgeBy, type PastRun } from './abnormal.ts';

const noThreshold = { rows: null, percent: null };
const every5Minutes = (counts: readonly number[]): PastRun[] =>
  counts.map((rows) => ({ rows, hours: 5 / 60 }));
const repeat = (count: number, rows: number) => every5Minutes(Array.from({ length: count }, () => rows));
const now = (rows: number, hours = 5 / 60) => ({ rows, hours, tableRows: 100_000 });

describe('thresholds of the policy', () => {
  test('rows count without any past, from exactly that number on', () => {
    const threshold = { rows: 500, percent: null };
    expect(judge(now(499), [], threshold)).toBeNull();
    expect(judge(now(500), [], threshold)).toEqual({ because: 'rows', limit: 500 });
  });

  test('percent is of the rows that the table had, and a handful of rows is never too many', () => {
    const threshold = { rows: null, percent: 10 };
    expect(judge(now(9_999), [], threshold)).toBeNull();
    expect(judge(now(10_000), [], threshold)).toEqual({ because: 'percent', limit: 10_000 });
    expect(judge({ rows: 19, hours: 1, tableRows: 20 }, [], threshold)).toBeNull();
    expect(judge({ rows: 20, hours: 1, tableRows: 20 }, [], threshold)).not.toBeNull();
  });
});

describe('the table’s own past', () => {
  test('says nothing before there are twenty runs', () => {
    expect(judge(now(40_000), repeat(runsToJudgeBy - 1, 3), noThreshold)).toBeNull();
    expect(judge(now(40_000), repeat(runsToJudgeBy, 3), noThreshold)).toMatchObject({ because: 'past' });
  });

  test('a busy table may be as busy as it always was', () => {
    const busy = every5Minutes(Array.from({ length: 60 }, (_, i) => 800 + (i % 7) * 100));
    expect(judge(now(1_500), busy, noThreshold)).toBeNull();
    expect(judge(now(40_000), busy, noThreshold)).toMatchObject({ because: 'past' });
  });

  test('one disaster in the past does not make the next one usual', () => {
    const once = every5Minutes([...Array.from({ length: 59 }, () => 5), 40_000]);
    expect(judge(now(40_000), once, noThreshold)).toMatchObject({ because: 'past' });
  });

  test('a quiet table that moves now and then is judged by the runs in which it moved', () => {
    const nightly = every5Minutes(Array.from({ length: 60 }, (_, i) => (i % 4 === 0 ? 2_000 : 0)));
    expect(judge(now(2_100), nightly, noThreshold)).toBeNull();
    expect(judge(now(20_000), nightly, noThreshold)).toMatchObject({ because: 'past' });
  });

  test('after an outage more may have moved, in proportion', () => {
    const past = repeat(40, 200);
    expect(judge(now(10_000), past, noThreshold)).not.toBeNull();
    expect(judge(now(10_000, 8), past, noThreshold)).toBeNull();
  });

  test('whatever the past, more rows are never less abnormal', () => {
    const counts = fc.array(fc.nat(5_000), { minLength: 0, maxLength: 60 });
    fc.assert(
      fc.property(counts, fc.nat(50_000), fc.nat(50_000), (past, some, more) => {
        const abnormal = judge(now(some), every5Minutes(past), noThreshold) !== null;
        const worse = judge(now(some + more), every5Minutes(past), noThreshold) !== null;
        return !abnormal || worse;
      }),
    );
  });
});

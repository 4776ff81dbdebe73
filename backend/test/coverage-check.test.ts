import { expect, test } from '@jest/globals';
import { coverageFaults, type CoveredTable } from '../demo/coverage-check.ts';

const computed = { code: 'computed', why: 'the platform computes it', hint: 'Nothing to do.' };
const account: CoveredTable = {
  table: 'account',
  label: 'Account',
  status: 'protected',
  reasons: [],
  warnings: [],
  mode: 'change-tracking',
  rowCount: 1,
  recoveryPoint: null,
  tokenFrom: null,
  filesPending: 0,
  filesLost: 0,
  columns: [
    { column: 'name', label: 'Name', status: 'protected', reason: null },
    { column: 'openrevenue', label: 'Open Revenue', status: 'partly', reason: computed },
  ],
};
const known = new Map([['account', ['name', 'openrevenue']]]);
const out = { ...account, columns: [] };

test('what is covered or explained is no fault', () => {
  expect(coverageFaults(known, [account])).toEqual([]);
});

test.each<[string, readonly CoveredTable[], RegExp]>([
  ['a table that the report lacks', [], /^account is not in the report$/],
  ['a column that the report lacks', [{ ...account, columns: account.columns.slice(0, 1) }], /openrevenue/],
  ['a table that the report invents', [account, { ...out, table: 'lead' }], /^lead is in the report/],
  ['a table without a reason', [{ ...account, status: 'partly' }], /^account is not explained$/],
  [
    'a table that could not be read',
    [{ ...account, status: 'partly', reasons: [{ ...computed, code: 'stale' }] }],
    /^account is not wholly protected: stale/,
  ],
  [
    'a column that is hidden',
    [
      {
        ...account,
        columns: account.columns.map((column) => ({
          ...column,
          status: 'not' as const,
          reason: column.column === 'name' ? { ...computed, code: 'secured' } : computed,
        })),
      },
    ],
    /^account\.name is not wholly protected: secured/,
  ],
  [
    'a reason that says nothing',
    [
      {
        ...account,
        columns: account.columns.map((one) => ({ ...one, reason: one.reason && { ...computed, hint: '' } })),
      },
    ],
    /^account\.openrevenue: computed says nothing$/,
  ],
])('%s is a fault', (_name, tables, fault) => {
  const faults = coverageFaults(known, tables);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(fault);
});

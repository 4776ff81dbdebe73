import { comparedColumns, restorePlan } from '../../browser/stand-in-data';
import type { Comparison } from './contract';
import { differences, plansExactly, tickedColumns } from './difference';

const id = 'a0000000-0000-4000-8000-00000000000a';
const side = { version: null, snapshot: null, capturedAt: null, modifiedOn: null, modifiedBy: null };
const comparison: Comparison = {
  table: 'account',
  tableLabel: 'Account',
  id,
  name: 'Alpine Ski House',
  from: { ...side, kind: 'version' },
  to: { ...side, kind: 'live' },
  columns: comparedColumns(id),
};
const plan = restorePlan(id, 'plan-1', undefined);
const none: ReadonlyMap<string, boolean> = new Map();
const column = (name: string, overrides = none, known: typeof plan | null = plan) =>
  differences(comparison, known, overrides).find((one) => one.name === name);

test('what the plan restores is ticked, and nothing else', () => {
  expect(tickedColumns(differences(comparison, plan, none))).toEqual([
    'paymenttermscode',
    'primarycontactid',
    'creditlimit',
  ]);
});

test('a kept column is offered without a tick, with the reason', () => {
  expect(column('telephone1')).toMatchObject({
    tick: { kind: 'offered', ticked: false, kept: true },
    why: expect.stringContaining('after the import') as string,
  });
});

test('a person may tick a kept column and untick a restored one', () => {
  const overrides = new Map([
    ['telephone1', true],
    ['creditlimit', false],
  ]);
  expect(tickedColumns(differences(comparison, plan, overrides))).toEqual([
    'paymenttermscode',
    'primarycontactid',
    'telephone1',
  ]);
});

test('a column that may not be written has no working tick and says why', () => {
  expect(column('customertypecode')).toMatchObject({
    tick: { kind: 'cannot' },
    why: 'You can see this column but not change it.',
  });
});

test('what the backup does not hold is never offered', () => {
  expect(column('fax')).toMatchObject({ tick: { kind: 'none' }, then: { captured: false } });
});

test('nothing is ticked before the plan is known', () => {
  expect(column('creditlimit', none, null)?.tick).toEqual({ kind: 'pending' });
  expect(tickedColumns(differences(comparison, null, new Map([['creditlimit', true]])))).toEqual([]);
});

test('a column that the plan does not know is not offered', () => {
  const silent = { ...plan, rows: [] };
  expect(column('creditlimit', none, silent)?.tick).toEqual({ kind: 'cannot' });
});

test('a plan is used again only for exactly its columns, and only before it expires', () => {
  const columns = ['creditlimit', 'paymenttermscode', 'primarycontactid'];
  const before = Date.parse(plan.expiresAt) - 1;
  expect(plansExactly(plan, columns, before)).toBe(true);
  expect(plansExactly(plan, columns.slice(1), before)).toBe(false);
  expect(plansExactly(plan, [...columns, 'telephone1'], before)).toBe(false);
  expect(plansExactly(plan, columns, before + 1)).toBe(false);
});

test('what the platform rewrites with every save is no difference', () => {
  const [first] = comparison.columns;
  const columns = [
    { ...first!, name: 'modifiedon' },
    { ...first!, name: 'versionnumber' },
  ];
  const found = differences({ ...comparison, columns }, plan, none);
  expect(found.map(({ differs, tick }) => [differs, tick.kind])).toEqual([
    [false, 'none'],
    [false, 'none'],
  ]);
});

import { builtInSchema } from '../data/index.ts';
import type { TableDefinition } from '../model/definitions.ts';
import { sequentialIds } from '../model/guid.ts';
import { autoNumbers, passNumbers } from './auto-number.ts';
import { createEnvironment } from './index.ts';

function numbered(format: string): TableDefinition {
  const account = builtInSchema().tables.find((table) => table.logicalName === 'account')!;
  const column = account.columns.get('accountnumber')!;
  return { ...account, columns: new Map([['accountnumber', { ...column, autoNumberFormat: format }]]) };
}

const environment = createEnvironment({
  schema: builtInSchema(),
  seed: { rows: [], links: [], users: [] },
  identity: { clientSecret: 'secret of the tests' },
  now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
  newId: sequentialIds(0),
});

test('numbers begin at 1000, rise, and keep their width', () => {
  const table = numbered('CAS-{SEQNUM:6}-{DATETIMEUTC:yyyyMMddHHmmss}');
  expect(autoNumbers(environment, table, {})).toEqual({ accountnumber: 'CAS-001000-20260102030405' });
  environment.autoNumbers.set('account', 'accountnumber', 7);
  expect(autoNumbers(environment, table, {})).toEqual({ accountnumber: 'CAS-000007-20260102030405' });
});

test('a value that was sent is kept', () => {
  expect(autoNumbers(environment, numbered('{SEQNUM:4}'), { accountnumber: 'mine' })).toEqual({});
});

test('numbers of seed rows are not given again', () => {
  const table = numbered('A.{SEQNUM:4}');
  passNumbers(environment, table, { accountnumber: 'A.4711' });
  passNumbers(environment, table, { accountnumber: 'Ax9999' });
  expect(autoNumbers(environment, table, {})).toEqual({ accountnumber: 'A.4712' });
});

test('an environment without any seed has its administrator, unit, currency and roles', () => {
  const { database } = environment;
  expect(database.store('systemuser').size).toBe(1);
  expect(database.get('businessunit', environment.rootBusinessUnitId)).toBeDefined();
  expect(database.get('transactioncurrency', environment.baseCurrencyId)).toBeDefined();
  expect(environment.security.rightsOf(environment.adminUserId).administrator).toBe(true);
});

import { currentRecord } from './current-record';

const id = '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34';
const other = '11111111-58a1-4a8e-9d53-7b0c6a1e2d34';
const form = { contextInfo: { entityTypeName: 'account', entityId: `{${id.toUpperCase()}}` } };
const record = (table: string, recordId: string, isOwn = false) => ({
  kind: 'record',
  record: { table, id: recordId },
  isOwn,
});

test("without bound columns it is the form's own record, its id lower case and without braces", () => {
  expect(currentRecord({ recordId: null, tableName: null, mode: form })).toEqual(record('account', id, true));
});

test('bound columns win over the form, so that a deleted record can be named', () => {
  expect(currentRecord({ recordId: other, tableName: 'contact', mode: form })).toEqual(
    record('contact', other),
  );
});

test("a bound id alone is of the form's table", () => {
  expect(currentRecord({ recordId: other, tableName: null, mode: form })).toEqual(record('account', other));
});

test("the form's own id is not taken for a record of another table", () => {
  expect(currentRecord({ recordId: null, tableName: 'contact', mode: form })).toEqual({ kind: 'new-row' });
});

test.each(['', '{}', 'not an id', '00000000-0000-0000-0000-000000000000', undefined])(
  'an id of %p means that the row is new',
  (entityId) => {
    const mode = { contextInfo: { entityTypeName: 'account', entityId } };
    expect(currentRecord({ recordId: null, tableName: null, mode })).toEqual({ kind: 'new-row' });
  },
);

test.each([{}, null, { contextInfo: null }, { contextInfo: 'x' }])(
  'a host that says nothing (%p) leaves it unknown',
  (mode) => {
    expect(currentRecord({ recordId: null, tableName: null, mode })).toEqual({ kind: 'unknown' });
  },
);

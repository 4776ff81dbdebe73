import fc from 'fast-check';
import { columnWith, lookupTo, tableWith } from '../../../test/support/table-details.ts';
import type { Values } from '../../base/value.ts';
import { encodeRow } from '../write/encode.ts';
import { rowDecoder } from './decode.ts';
import { isObject, parseLossless, parseRowText, plainDigits, stringifyLossless } from './lossless.ts';

const account = tableWith('account', 'accounts', []);
const contact = tableWith('contact', 'contacts', []);
const tables = new Map([account, contact].map((table) => [table.name, table]));
const row = tableWith(
  'sample',
  'samples',
  [
    columnWith('memo', { kind: 'memo' }),
    columnWith('whole', { kind: 'integer' }),
    columnWith('big', { kind: 'bigint' }),
    columnWith('decimal', { kind: 'decimal' }),
    columnWith('money', { kind: 'money' }),
    columnWith('double', { kind: 'double' }),
    columnWith('flag', { kind: 'boolean' }),
    columnWith('choice', { kind: 'choice' }),
    columnWith('many', { kind: 'multiChoice' }),
    columnWith('at', { kind: 'datetime', dateBehavior: 'userLocal' }),
    columnWith('wall', { kind: 'datetime', dateBehavior: 'timeZoneIndependent' }),
    columnWith('day', { kind: 'datetime', dateBehavior: 'dateOnly' }),
    columnWith('parent', { kind: 'customer', targets: ['account', 'contact'] }),
  ],
  {
    manyToOne: [
      lookupTo('sample', 'parent', 'account', 'parent_account'),
      lookupTo('sample', 'parent', 'contact', 'parent_contact'),
    ],
  },
);

const integerDigits = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const digits = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 22n }), fc.stringMatching(/^\d{1,10}$/), fc.boolean())
  .map(([whole, fraction, negative]) => `${negative ? '-' : ''}${whole}.${fraction}`);
const instantText = fc
  .date({ min: new Date('1753-01-01T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const double = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((one) => (Object.is(one, -0) ? 0 : one));

const values: fc.Arbitrary<Values> = fc.record({
  name: orNull(fc.string({ unit: 'binary' })),
  memo: orNull(fc.string({ unit: 'grapheme' })),
  whole: orNull(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  big: orNull(integerDigits),
  decimal: orNull(digits),
  money: orNull(digits),
  double: orNull(double),
  flag: orNull(fc.boolean()),
  choice: orNull(fc.integer({ min: 0, max: 999_999_999 })),
  many: orNull(fc.constant('1,2,3')),
  at: orNull(instantText),
  wall: orNull(instantText),
  day: orNull(instantText.map((text) => text.slice(0, 10))),
  parent: orNull(fc.record({ table: fc.constantFrom('account', 'contact'), id: fc.uuid() })),
});

/** What the service does with a lookup: it takes a binding and prints id and table apart. */
function asPrinted(body: unknown): Record<string, unknown> {
  const printed: Record<string, unknown> = { sampleid: '00000000-0000-0000-0000-000000000001' };
  if (!isObject(body)) throw new TypeError('a body is an object');
  for (const [name, value] of Object.entries(body)) {
    const target = /^parent_(account|contact)@odata.bind$/.exec(name)?.[1];
    if (target === undefined) printed[name] = value;
    else if (typeof value === 'string') {
      printed['_parent_value'] = /\(([^)]+)\)/.exec(value)?.[1];
      printed['_parent_value@Microsoft.Dynamics.CRM.lookuplogicalname'] = target;
    }
  }
  return printed;
}

test('what is written reads back equal, to the last digit', () => {
  const decode = rowDecoder(
    row,
    row.columns.map((column) => column.name).filter((name) => name !== 'sampleid'),
  );
  fc.assert(
    fc.property(values, (given) => {
      const { body, omitted } = encodeRow(row, given, 'update', tables);
      expect(omitted).toEqual([]);
      const wire = stringifyLossless(body);
      expect(decode(asPrinted(parseLossless(wire))).values).toEqual(given);
    }),
  );
});

test('digits with an exponent are the same number without one', () => {
  const number = fc.tuple(
    fc.bigInt({ min: 0n, max: 10n ** 15n }),
    fc.stringMatching(/^\d{0,6}$/),
    fc.integer({ min: -8, max: 8 }),
  );
  fc.assert(
    fc.property(number, ([whole, fraction, exponent]) => {
      const text = `${whole}${fraction === '' ? '' : `.${fraction}`}e${exponent}`;
      const plain = plainDigits(text);
      expect(plain).toMatch(/^\d+(\.\d+)?$/);
      expect(Number(plain)).toBeCloseTo(Number(text), -Math.floor(Math.log10(Number(text) + 1)) + 12);
    }),
  );
});

test('a row read the fast way is the same row, its numbers as their text', () => {
  const some = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', '\\', '1', '-', '.', 'e', ':', ',', '[', '{') }),
      double,
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  fc.assert(
    fc.property(fc.dictionary(fc.string(), some), (given) => {
      const asText = (_: string, value: unknown) =>
        typeof value === 'number' ? JSON.stringify(value) : value;
      const expected: unknown = JSON.parse(JSON.stringify(given, asText));
      expect(parseRowText(JSON.stringify(given))).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

import fc from 'fast-check';
import { columnWith, tableWith } from '../../../test/support/table-details.ts';
import type { ColumnKind } from '../metadata/types.ts';
import { rowDecoder } from './decode.ts';
import { JsonText } from './json-text.ts';
import { parseRowText } from './lossless.ts';
import type { RowReader } from './page-scanner.ts';
import { type PageRow, rowReader } from './read-row.ts';

const kinds: readonly ColumnKind[] = [
  'text',
  'memo',
  'integer',
  'bigint',
  'decimal',
  'money',
  'double',
  'boolean',
  'choice',
  'multiChoice',
  'datetime',
  'guid',
  'lookup',
  'customer',
];
const table = tableWith('sample', 'samples', [
  ...kinds.map((kind) =>
    columnWith(`a_${kind}`, {
      kind,
      ...(kind === 'lookup' ? { targets: ['account'] } : {}),
      ...(kind === 'customer' ? { targets: ['account', 'contact'] } : {}),
    }),
  ),
  columnWith('a_day', { kind: 'datetime', dateBehavior: 'dateOnly' }),
]);
const columns = table.columns.map(({ name }) => name);
const lookupTable = 'Microsoft.Dynamics.CRM.lookuplogicalname';
const properties = table.columns.map(({ name, kind }) =>
  kind === 'lookup' || kind === 'customer' ? `_${name}_value` : name,
);

const decimal = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 22n), max: 10n ** 22n }),
    fc.constantFrom('', '.0', '.10', '.0000000001', '.9999999999', 'e3', 'E-2', '.5e+1'),
  )
  .map(([whole, rest]) => `${whole}${rest}`);
const literal = fc.oneof(
  decimal,
  decimal.map((digits) => `"${digits}"`),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.constantFrom(
    '-9223372036854775808',
    '9223372036854775807',
    '100000000000.0000000000',
    '-0',
    '-0.0',
    '1e400',
  ),
  fc.constantFrom('true', 'false', 'null', '""', '[]', '{}', '{"a":[1]}'),
  fc.uuid().map((id) => JSON.stringify(id.toUpperCase())),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc
    .string({ unit: fc.constantFrom('"', '\\', '\ud800', '\udc00', '😀', 'é', '\u0000', '\u2028') })
    .map((text) => JSON.stringify(text)),
  fc
    .tuple(
      fc.date({ min: new Date('1753-01-01'), max: new Date('9999-12-30'), noInvalidDate: true }),
      fc.constantFrom('Z', '.5Z', '.1234567Z', '', '+02:00', 'X'),
    )
    .map(([date, zone]) => `"${date.toISOString().slice(0, 19)}${zone}"`),
);
const member = fc.oneof(
  fc.tuple(fc.constantFrom(...properties), literal),
  fc.tuple(
    fc.constantFrom('_a_lookup_value', '_a_customer_value').map((name) => `${name}@${lookupTable}`),
    fc.constantFrom('"account"', '"contact"', 'null'),
  ),
  fc.tuple(fc.constant('unasked'), literal),
  fc.tuple(fc.constant('@odata.etag'), fc.constantFrom('"W/\\"12\\""', 'null')),
);
const rows = fc.array(fc.uniqueArray(member, { selector: ([name]) => name, maxLength: 20 }), {
  minLength: 1,
  maxLength: 4,
});

/** The row that is the whole of a text. */
function readWhole(reader: RowReader<PageRow>, text: string): PageRow {
  const bytes = Buffer.from(text);
  expect(reader.find(new JsonText(bytes), 0)).toBe(bytes.length);
  return reader.row();
}

/** What a way of reading makes of a text: the row, or that it is refused. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error instanceof Error ? `refused: ${error.message}` : error;
  }
}

test('a row read from its text is the row that the parsed JSON gives, whatever stands in it', () => {
  const decode = rowDecoder(table, columns);
  fc.assert(
    fc.property(rows, fc.uuid(), (given, id) => {
      const read = rowReader(table, columns);
      for (const members of given) {
        const body = [['sampleid', JSON.stringify(id)], ...members.filter(([name]) => name !== 'sampleid')];
        const text = `{${body.map(([name = '', value = '']) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
        const expected = outcome(() => decode(parseRowText(text)));
        const found = outcome(() => {
          const row = readWhole(read, text);
          return row.gone ? row : { id: row.id, etag: row.etag, values: row.values };
        });
        expect(found).toEqual(expected);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a value that is none is refused as an answer that cannot be read', () => {
  const read = rowReader(table, columns);
  expect(() => readWhole(read, `{"sampleid":"x","a_integer":1-2}`)).toThrow('cannot be read');
  expect(() => readWhole(read, `{"sampleid":"x","a_boolean":tru}`)).toThrow('cannot be read');
});

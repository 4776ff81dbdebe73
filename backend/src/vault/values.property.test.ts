import fc from 'fast-check';
import {
  type VaultFixture,
  capturedAt,
  collect,
  columnOf,
  idOf,
  openVaultFixture,
  schemaOf,
  snapshotIdOf,
} from '../../test/support/vault-fixture.ts';
import type { Value } from '../base/value.ts';

let fixture: VaultFixture;
beforeAll(async () => {
  fixture = await openVaultFixture();
});
afterAll(() => fixture.close());

const schema = schemaOf([
  columnOf('a_string', 'string'),
  columnOf('a_body', 'body'),
  columnOf('an_int', 'int'),
  columnOf('a_long', 'long'),
  columnOf('a_decimal', 'decimal', { scale: 10 }),
  columnOf('a_money', 'decimal', { scale: 2 }),
  columnOf('a_rate', 'rate', { scale: 12 }),
  columnOf('a_double', 'double'),
  columnOf('a_boolean', 'boolean'),
  columnOf('a_timestamp', 'timestamp'),
  columnOf('a_wall_time', 'wallTime'),
  columnOf('a_date', 'date'),
  columnOf('a_multi_select', 'multiSelect'),
  columnOf('a_lookup', 'lookup'),
  columnOf('a_file', 'file'),
  columnOf('an_image', 'image'),
]);

const digits = (min: bigint, max: bigint, scale: number): fc.Arbitrary<string> =>
  fc.bigInt({ min, max }).map((value) => {
    const text = String(value < 0n ? -value : value).padStart(scale + 1, '0');
    const point = text.length - scale;
    return `${value < 0n ? '-' : ''}${text.slice(0, point)}${scale === 0 ? '' : `.${text.slice(point)}`}`;
  });
const most = 10n ** 38n - 1n;
/** On both sides of what fits 18 digits, which are read another way. */
const shortest = 10n ** 19n;
const instant = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999_999 }),
  )
  .map(([date, micros]) => {
    const fraction = micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`;
    return `${date.toISOString().slice(0, 19)}${fraction}Z`;
  });
const date = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const text = fc.string({ unit: 'binary', maxLength: 40 });
const nullable = (value: fc.Arbitrary<Value>): fc.Arbitrary<Value> => fc.option(value, { nil: null });

const values = fc.record({
  a_string: nullable(fc.oneof(text, fc.constantFrom('', '\u0000', '\u2028\r\n"\\', '😀', 'null', "'"))),
  an_int: nullable(fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1))),
  a_long: nullable(digits(-(2n ** 63n), 2n ** 63n - 1n, 0)),
  a_decimal: nullable(
    fc.oneof(
      digits(-most, most, 10),
      digits(-shortest, shortest, 10),
      fc.constantFrom(
        '9999999999999999999999999999.9999999999',
        '99999999.9999999999',
        '-100000000.0000000000',
      ),
    ),
  ),
  a_money: nullable(digits(-(10n ** 17n), 10n ** 17n, 2)),
  a_rate: nullable(fc.oneof(digits(-most, most, 12), digits(-shortest, shortest, 12))),
  a_double: nullable(fc.double({ noNaN: true, noDefaultInfinity: true })),
  a_boolean: nullable(fc.boolean()),
  a_timestamp: nullable(instant),
  a_wall_time: nullable(instant),
  a_date: nullable(date),
  a_multi_select: nullable(
    fc.array(fc.integer(), { minLength: 1, maxLength: 5 }).map((set) => set.join(',')),
  ),
  a_lookup: nullable(fc.record({ table: fc.constantFrom('account', 'contact'), id: fc.uuid() })),
  a_file: nullable(fc.uuid()),
  an_image: nullable(fc.uuid()),
});

describe('values', () => {
  let run = 0;
  it('of every type come back as they went in, at the ends of their ranges and in any Unicode', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 60 }), async (rows) => {
        run += 1;
        const table = fixture.vault.table(`thing${run}`);
        const schemaId = await fixture.vault.schemas.put(schema);
        const writer = await table.append({ snapshot: snapshotIdOf(1), epoch: 0, schema, schemaId });
        const expected = rows.map((row, i) => ({ ...row, thingid: idOf(i) }));
        for (const row of expected) await writer.put(row.thingid, row, capturedAt);
        const { throughSeq } = await writer.commit();
        const read = await collect(table.scan(throughSeq));
        read.sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(read.map((version) => version.values)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('keep more digits than the scale says, and print as many as it says', async () => {
    const table = fixture.vault.table('digits');
    const of = schemaOf([columnOf('price', 'decimal', { scale: 2 })]);
    const schemaId = await fixture.vault.schemas.put(of);
    const writer = await table.append({ snapshot: snapshotIdOf(1), epoch: 0, schema: of, schemaId });
    const prices = ['1', '-0.5', '1.005', '1.5000000000000', '007'];
    for (const [i, price] of prices.entries()) {
      await writer.put(idOf(i), { thingid: idOf(i), price }, capturedAt);
    }
    const { throughSeq } = await writer.commit();
    const read = await table.headsOf(
      prices.map((_, i) => idOf(i)),
      throughSeq,
    );
    const printed = prices.map((_, i) => {
      const version = read.get(idOf(i));
      return version?.op === 'put' && version.values['price'];
    });
    expect(printed).toEqual(['1.00', '-0.50', '1.005', '1.50', '7.00']);
  });

  it.each([
    ['int', 2147483648],
    ['int', 1.5],
    ['int', '1'],
    ['long', '9223372036854775808'],
    ['long', 1],
    ['decimal', '1.12345678901'],
    ['decimal', '1e3'],
    ['decimal', '12345678901234567890123456789'],
    ['decimal', ''],
    ['double', Number.NaN],
    ['double', '1'],
    ['boolean', 'true'],
    ['timestamp', '2026-02-30T00:00:00Z'],
    ['timestamp', '2026-01-01T00:00:00'],
    ['timestamp', '2026-01-01T00:00:00.1234567Z'],
    ['date', '2026-02-30'],
    ['date', '2026-01-01T00:00:00Z'],
    ['string', 1],
    ['lookup', 'account'],
  ] as const)('that are no %s are refused: %p', async (type, value) => {
    const of = schemaOf([columnOf('c', type)]);
    const schemaId = await fixture.vault.schemas.put(of);
    const writer = await fixture.vault
      .table('refused')
      .append({ snapshot: snapshotIdOf(1), epoch: 0, schema: of, schemaId });
    await expect(writer.put(idOf(1), { thingid: idOf(1), c: value }, capturedAt)).rejects.toMatchObject({
      code: 'value-refused',
      context: { table: 'thing', column: 'c' },
    });
    await writer.close();
  });
});

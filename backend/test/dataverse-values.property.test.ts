import fc from 'fast-check';
import type { Value, Values } from '../src/base/value.ts';
import type { DataverseClient, TableDetails } from '../src/dataverse/index.ts';
import { rowDecoder } from '../src/dataverse/json/decode.ts';
import { parseRowText } from '../src/dataverse/json/lossless.ts';
import { startSimulator, type Simulator } from './support/simulator.ts';

let simulator: Simulator;
let client: DataverseClient;
let sample: TableDetails;

beforeAll(async () => {
  simulator = await startSimulator('--switch', 'ieee754Compatible=honoured');
  client = simulator.connect().client;
  [sample] = (await client.readTableDetails(['demo_sample'])) as [TableDetails];
});
afterAll(() => simulator.close());

let made = 0;
/** A new id for each run of a property. */
const nextId = () => `30000000-0000-4000-8000-${String((made += 1)).padStart(12, '0')}`;

const digitsAround = (whole: bigint, scale: number) => {
  const text = whole
    .toString()
    .replace('-', '')
    .padStart(scale + 1, '0');
  const sign = whole < 0n ? '-' : '';
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
};
/** Whole numbers with the ends of the range among them. */
const ends = (min: bigint, max: bigint) =>
  fc.oneof(fc.constantFrom(min, max, 0n, min + 1n, max - 1n), fc.bigInt({ min, max }));

const bigint = ends(-(2n ** 63n), 2n ** 63n - 1n).map(String);
/** Ten digits after the point, up to a hundred thousand million. */
const decimal = ends(-(10n ** 21n), 10n ** 21n).map((one) => digitsAround(one, 10));
/** Four digits after the point, to the ends that a money column allows. */
const money = ends(-9_223_372_036_854_770_000n, 9_223_372_036_854_770_000n).map((one) =>
  digitsAround(one, 4),
);

const two = (n: number) => String(n).padStart(2, '0');
const day = fc
  .record({ year: fc.constantFrom(1753, 1899, 1969, 1970, 2024, 9999), month: fc.nat(11), day: fc.nat(27) })
  .map(({ year, month, day }) => `${year}-${two(month + 1)}-${two(day + 1)}`);
const time = fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59)).map((parts) => parts.map(two).join(':'));
const instant = fc.tuple(day, time).map(([date, at]) => `${date}T${at}Z`);

/** Anything but NUL, also halves of surrogate pairs, marks that combine, and what controls. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom(
        '\ud800',
        '\udfff',
        '\u0301',
        '\u200d',
        '\u001f',
        '\u0085',
        '\u2028',
        '\ufffe',
        '😀',
        '𠀋',
        '"',
        '\\',
        '\r\n',
        '\t',
        "'",
        '<&>',
        '--b',
      ),
      fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => `x${parts.join('').replaceAll('\0', '')}x`)
  .filter((one) => one.length <= 200);

const row = fc.record({
  demo_name: text,
  demo_notes: text,
  demo_big: bigint,
  demo_decimal: decimal,
  demo_price: money,
  demo_tested: instant,
  demo_opens: instant,
  demo_birthday: day,
});

/** The same number without the zeros that the service adds behind its point. */
function trimmed(digits: string): string {
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return short === '-0' ? '0' : short;
}

const padded = ['demo_decimal', 'demo_price'];
const plain = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Value] => [
      name,
      padded.includes(name) && typeof value === 'string' ? trimmed(value) : value,
    ]),
  );

const columns = [
  'demo_big',
  'demo_birthday',
  'demo_decimal',
  'demo_name',
  'demo_notes',
  'demo_opens',
  'demo_price',
  'demo_tested',
];
const rowsAtOnce = fc.array(row, { minLength: 1, maxLength: 25 });

async function collected<T extends { readonly id: string; readonly values: Values }>(
  rows: AsyncIterable<T>,
): Promise<Map<string, Values>> {
  const found = new Map<string, Values>();
  for await (const { id, values } of rows) found.set(id, values);
  return found;
}

/** The same client, but everything asks for numbers in quotes. */
function quoting(): DataverseClient {
  const send: typeof fetch = (input, init) =>
    fetch(input, {
      ...init,
      headers: {
        ...(init?.headers as Record<string, string>),
        accept: 'application/json;IEEE754Compatible=true',
      }, // our transport gives a plain record
    });
  return simulator.connect(send).client;
}

/** Every way of reading rows, by name. */
const ways: Readonly<Record<string, (ids: readonly string[]) => Promise<ReadonlyMap<string, Values>>>> = {
  'one by one': async (ids) => {
    const rows = await Promise.all(ids.map((id) => client.readRow(sample, id, columns)));
    return new Map(rows.flatMap((one) => (one === null ? [] : [[one.id, one.values]])));
  },
  'by ids': async (ids) =>
    new Map([...(await client.readRows(sample, ids, columns))].map(([id, { values }]) => [id, values])),
  'with numbers in quotes': async (ids) =>
    new Map([...(await quoting().readRows(sample, ids, columns))].map(([id, { values }]) => [id, values])),
  FetchXML: (ids) => {
    const attributes = columns.map((name) => `<attribute name="${name}"/>`).join('');
    const values = ids.map((id) => `<value>${id}</value>`).join('');
    const filter = `<filter><condition attribute="demo_sampleid" operator="in">${values}</condition></filter>`;
    const query = `<fetch count="7"><entity name="demo_sample">${attributes}${filter}</entity></fetch>`;
    return collected(client.readFetch(sample, columns, query));
  },
  $batch: async (ids) => {
    const url = (id: string) => `demo_samples(${id})?$select=${columns.join(',')}`;
    const outcomes = await client.batch(ids.map((id) => ({ method: 'GET', url: url(id) })));
    const decode = rowDecoder(sample, columns);
    return new Map(
      outcomes.map((outcome) => {
        if (outcome.kind !== 'done') throw new Error(outcome.kind);
        const { id, values } = decode(parseRowText(outcome.answer.body));
        return [id, values] as const;
      }),
    );
  },
};

/** Writes the rows, reads them in every way, and writes what was read to other rows, which then hold the same. */
async function roundTrip(rows: readonly Values[], write: typeof singly): Promise<void> {
  const expected = new Map(rows.map((values) => [nextId(), plain(values)]));
  await write([...expected.keys()], rows);
  for (const [way, read] of Object.entries(ways)) {
    const found = await read([...expected.keys()]);
    for (const [id, values] of expected) expect([way, plain(found.get(id) ?? {})]).toEqual([way, values]);
  }
  const read = [...(await client.readRows(sample, [...expected.keys()], columns)).values()].map(
    (one) => one.values,
  );
  const copies = read.map(() => nextId());
  await write(copies, read);
  const back = await client.readRows(sample, copies, columns);
  expect(copies.map((id) => back.get(id)?.values)).toEqual(read);
}

async function singly(ids: readonly string[], rows: readonly Values[]): Promise<void> {
  await Promise.all(rows.map((values, at) => client.createRow(sample, values, { id: ids[at] ?? '' })));
}

async function inBulk(ids: readonly string[], rows: readonly Values[]): Promise<void> {
  const outcomes = await client.createMultiple(
    sample,
    rows.map((values, at) => ({ id: ids[at] ?? '', values })),
  );
  for (const outcome of outcomes) if (outcome.kind !== 'done') throw outcome.error;
}

async function byUpdate(ids: readonly string[], rows: readonly Values[]): Promise<void> {
  await inBulk(
    ids,
    rows.map(() => ({ demo_name: 'before', demo_price: '1.0000' })),
  );
  const outcomes = await client.updateMultiple(
    sample,
    rows.map((values, at) => ({ id: ids[at] ?? '', values })),
  );
  for (const outcome of outcomes) if (outcome.kind !== 'done') throw outcome.error;
}

test.each([
  ['created one by one', singly],
  ['created by the bulk message', inBulk],
  ['updated by the bulk message', byUpdate],
])('rows that are %s come back as they were, whichever way they are read', async (_how, write) => {
  await fc.assert(
    fc.asyncProperty(rowsAtOnce, (rows) => roundTrip(rows, write)),
    { numRuns: 15 },
  );
});

test('numbers in quotes are really in quotes, so that reading them proves something', async () => {
  const id = nextId();
  await client.createRow(sample, { demo_name: 'x', demo_big: '9223372036854775807' }, { id });
  const row = await quoting().query(`demo_samples(${id})?$select=demo_big`);
  expect(row['demo_big']).toBe('9223372036854775807');
});

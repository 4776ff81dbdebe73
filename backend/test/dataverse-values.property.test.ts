import fc from 'fast-check';
import type { Value, Values } from '../src/base/value.ts';
import { openClient, type DataverseClient, type TableDetails } from '../src/dataverse/index.ts';
import { startSimulator, type Simulator } from './support/simulator.ts';

let simulator: Simulator;
let client: DataverseClient;
let sample: TableDetails;

beforeAll(async () => {
  simulator = await startSimulator('--empty');
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
/** Four digits after the point, to the ends of SQL Server's money. */
const money = ends(-(2n ** 63n), 2n ** 63n - 1n).map((one) => digitsAround(one, 4));

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

/** The columns that the values carry, plain in form: scale as the service keeps it. */
function plain(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Value] => [
      name,
      isDigits(name, value) ? trimmed(value) : value,
    ]),
  );
}
const isDigits = (name: string, value: Value): value is string =>
  typeof value === 'string' && ['demo_decimal', 'demo_price'].includes(name);
const trimmed = (digits: string) => {
  const short = digits.replace(/\.?0+$/, '');
  return short === '-0' || short === '' || short === '-' ? '0' : short;
};

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

import fc from 'fast-check';
import { compareDecimals, divide, toScale } from './decimal.ts';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, scale]) => ({ digits, scale, text: toScale(`${digits}e-${scale}`, scale) }));

test('a number brought to a larger scale is the same number', () => {
  fc.assert(
    fc.property(decimal, fc.integer({ min: 0, max: 6 }), ({ text, scale }, more) => {
      expect(compareDecimals(text, toScale(text, scale + more))).toBe(0);
    }),
  );
});

test('the order of decimals is that of exact fractions', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const left = a.digits * 10n ** BigInt(b.scale);
      const right = b.digits * 10n ** BigInt(a.scale);
      expect(compareDecimals(a.text, b.text)).toBe(left < right ? -1 : left > right ? 1 : 0);
    }),
  );
});

test('dividing by one changes nothing', () => {
  fc.assert(
    fc.property(decimal, ({ text }) => {
      expect(compareDecimals(divide(text, '1.000000000000', 12), text)).toBe(0);
    }),
  );
});

test.each([
  ['0.5', 0, '1'],
  ['-0.5', 0, '-1'],
  ['1.25', 1, '1.3'],
  ['5000000', 10, '5000000.0000000000'],
  ['1e3', 2, '1000.00'],
])('%s with %d digits is %s', (text, scale, expected) => {
  expect(toScale(text, scale)).toBe(expected);
});

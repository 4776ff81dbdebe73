import fc from 'fast-check';
import { sameValue } from './same-value.ts';

const digits = fc
  .tuple(fc.bigInt(-(10n ** 28n), 10n ** 28n), fc.nat(9))
  .map(([whole, fraction]) => `${whole}.${fraction}`);

describe('sameValue', () => {
  it('ignores trailing zeros of any decimal and nothing else', () => {
    fc.assert(
      fc.property(digits, fc.nat(5), fc.bigInt(1n, 9n), (text, zeros, more) => {
        expect(sameValue('decimal', text, text + '0'.repeat(zeros))).toBe(true);
        expect(sameValue('decimal', text, `${text}${'0'.repeat(zeros)}${more}`)).toBe(false);
      }),
    );
  });

  it('takes multi-select values as sets', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 999_999_999 }), { minLength: 1 }), (values) => {
        expect(sameValue('multiSelect', values.join(','), [...values].reverse().join(','))).toBe(true);
        expect(sameValue('multiSelect', values.join(','), [...values, 1_000_000_000].join(','))).toBe(false);
      }),
    );
  });

  it('tells empty from everything', () => {
    expect(sameValue('string', null, '')).toBe(false);
    expect(sameValue('int', null, 0)).toBe(false);
    expect(sameValue('boolean', null, false)).toBe(false);
    expect(sameValue('string', null, null)).toBe(true);
  });

  it('tells lookups apart by table and id', () => {
    const id = '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34';
    expect(sameValue('lookup', { table: 'account', id }, { table: 'account', id: id.toUpperCase() })).toBe(
      true,
    );
    expect(sameValue('lookup', { table: 'account', id }, { table: 'contact', id })).toBe(false);
  });
});

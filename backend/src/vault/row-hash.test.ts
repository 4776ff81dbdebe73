import { createHash } from 'node:crypto';
import { columnOf, idOf, schemaOf } from '../../test/support/vault-fixture.ts';
import type { Value } from '../base/value.ts';
import { type ColumnType, HashSum, canonicalText, rowHash } from './index.ts';

describe('canonical text', () => {
  it.each<[ColumnType, Value, string]>([
    ['string', 'Ünï\n', 'Ünï\n'],
    ['int', -0, '0'],
    ['int', 100, '100'],
    ['long', '-9223372036854775808', '-9223372036854775808'],
    ['decimal', '1500.0000', '1500'],
    ['decimal', '0.50', '0.5'],
    ['decimal', '-0.00', '0'],
    ['rate', '1.000000000000', '1'],
    ['double', 1e21, '1000000000000000000000'],
    ['double', 1.5e-7, '0.00000015'],
    ['double', 0.1 + 0.2, '0.30000000000000004'],
    ['double', -0, '0'],
    ['boolean', false, 'false'],
    ['timestamp', '2026-11-23T14:02:05Z', '2026-11-23T14:02:05.000000Z'],
    ['wallTime', '2026-11-23T14:02:05.12Z', '2026-11-23T14:02:05.120000Z'],
    ['date', '2026-11-23', '2026-11-23'],
    ['multiSelect', '10,9,-1', '-1,9,10'],
    ['guid', 'ABC', 'abc'],
    ['lookup', { table: 'account', id: 'ABC' }, 'account:abc'],
  ])('of %s %p is %s', (type, value, text) => {
    expect(canonicalText(columnOf('c', type), value, null)).toBe(text);
  });

  it('of a content is its hash, or what keeps it from having one', () => {
    expect(canonicalText(columnOf('c', 'file'), idOf(1), 'pending')).toBe('pending');
    expect(canonicalText(columnOf('c', 'body'), null, null)).toBeNull();
  });
});

describe('row hash', () => {
  it('is the sha256 of the sorted columns with their byte lengths', () => {
    const schema = schemaOf([
      columnOf('name', 'string'),
      columnOf('empty', 'string'),
      columnOf('total', 'decimal', { volatile: true }),
    ]);
    const text = `empty=-\nname=3:é!\nthingid=36:${idOf(1)}\n`;
    const expected = createHash('sha256').update(text).digest('hex');
    const values = { thingid: idOf(1), name: 'é!', empty: null, total: '1' };
    const sum = new HashSum();
    sum.add(rowHash(schema, values, () => null));
    expect(sum.toString()).toBe(expected);
    sum.subtract(rowHash(schema, { ...values, total: '2' }, () => null));
    expect(sum.toString()).toBe('0'.repeat(64));
  });

  it('sums wrap around', () => {
    const sum = new HashSum('f'.repeat(64));
    sum.add(2n);
    expect(sum.toString()).toBe('1'.padStart(64, '0'));
    sum.subtract(3n);
    expect(sum.toString()).toBe(`${'f'.repeat(63)}e`);
  });
});

import fc from 'fast-check';
import { RowSyntaxError, RowText } from './row-text.ts';

const names = ['a', 'ab', 'name', '_owner_value', '@odata.etag', 'é"\\', ''];
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'n', '😀', '\ud800') }),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 2 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(text, tie('any'), { maxKeys: 3 }),
  ),
})).any;
const members = fc.uniqueArray(fc.tuple(fc.oneof(fc.constantFrom(...names), text), value), {
  maxLength: 8,
  selector: ([name]) => name,
});
const row = fc.record({ members, indent: fc.constantFrom(0, 1, 2) });

test('the members of row after row are those that the engine reads', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
      // One reader for all of them, so that what it expects from the row before is often wrong.
      const reader = new RowText(names);
      for (const { members: given, indent } of rows) {
        const whole = new Map(given);
        reader.read(JSON.stringify(Object.fromEntries(given), null, indent));
        for (const [slot, name] of names.entries()) {
          const literal = reader.literal(slot);
          const found: unknown = literal === undefined ? undefined : JSON.parse(literal);
          const expected = JSON.stringify(whole.get(name));
          expect(JSON.stringify(found)).toBe(expected);
          const string = whole.get(name);
          expect(reader.string(slot)).toBe(typeof string === 'string' ? string : undefined);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('names may be escaped, and the last of several members of one name counts', () => {
  const reader = new RowText(['name']);
  reader.read('{"name":"first","n\\u0061me":"second"}');
  expect(reader.string(0)).toBe('second');
});

test('a text that breaks off anywhere, or goes on after its end, is refused', () => {
  fc.assert(
    fc.property(row, fc.nat(), ({ members: given, indent }, cut) => {
      const whole = JSON.stringify(Object.fromEntries(given), null, indent);
      const reader = new RowText(names);
      expect(() => reader.read(whole.slice(0, cut % whole.length))).toThrow(RowSyntaxError);
      expect(() => reader.read(`${whole},`)).toThrow(RowSyntaxError);
    }),
  );
});

test.each(['', '[]', '{"a"}', '{"a":}', '{"a":1 "b":2}', '{a:1}', '{"a":1,}', 'null'])(
  '%s is no row',
  (text) => {
    expect(() => new RowText(names).read(text)).toThrow(RowSyntaxError);
  },
);

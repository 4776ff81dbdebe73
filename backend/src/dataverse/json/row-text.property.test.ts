import fc from 'fast-check';
import { JsonSyntaxError, JsonText } from './json-text.ts';
import { RowText } from './row-text.ts';

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
const jsonText = (whole: string) => new JsonText(Buffer.from(whole));
/** What stands before and after a row in the text of a page. */
const around = fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', ',', 'é') });
const row = fc.record({ members, indent: fc.constantFrom(0, 1, 2) });

test('the members of row after row are those that the engine reads', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), around, around, (rows, before, after) => {
      // One reader for all of them, so that what it expects from the row before is often wrong.
      const reader = new RowText(names);
      for (const { members: given, indent } of rows) {
        const expectedOf = new Map(given);
        const whole = JSON.stringify(Object.fromEntries(given), null, indent);
        const end = Buffer.byteLength(before + whole);
        expect(reader.read(jsonText(before + whole + after), Buffer.byteLength(before))).toBe(end);
        for (const [slot, name] of names.entries()) {
          const literal = reader.literal(slot);
          const found: unknown = literal === undefined ? undefined : JSON.parse(literal);
          const expected = JSON.stringify(expectedOf.get(name));
          expect(JSON.stringify(found)).toBe(expected);
          const string = expectedOf.get(name);
          expect(reader.string(slot)).toBe(typeof string === 'string' ? string : undefined);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('names may be escaped, and the last of several members of one name counts', () => {
  const reader = new RowText(['name']);
  reader.read(jsonText('{"name":"first","n\\u0061me":"second"}'), 0);
  expect(reader.string(0)).toBe('second');
});

test('a text that breaks off anywhere in the row is not complete', () => {
  fc.assert(
    fc.property(row, fc.nat(), ({ members: given, indent }, cut) => {
      const whole = JSON.stringify(Object.fromEntries(given), null, indent);
      const part = whole.slice(0, cut % whole.length);
      expect(new RowText(names).read(jsonText(part), 0)).toBe(-1);
    }),
    { numRuns: 500 },
  );
});

test.each(['', '{', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":"\\', '{"a":[{"b":"}]}'])(
  '%s may go on',
  (text) => {
    expect(new RowText(names).read(jsonText(text), 0)).toBe(-1);
  },
);

test.each(['[]', '{"a"}', '{"a":}', '{"a":1 "b":2}', '{a:1}', '{"a":1,}', 'null'])('%s is no row', (text) => {
  expect(() => new RowText(names).read(jsonText(text), 0)).toThrow(JsonSyntaxError);
});

test('a text with an escape that is none is refused', () => {
  const reader = new RowText(['a']);
  reader.read(jsonText('{"a":"\\x"}'), 0);
  expect(() => reader.string(0)).toThrow(JsonSyntaxError);
});

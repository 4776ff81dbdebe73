import fc from 'fast-check';
import { PageScanner, type RowReader } from './page-scanner.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'é', '😀') }),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('any'), { maxLength: 3 }),
  object: fc.dictionary(text, tie('any'), { maxKeys: 4 }),
}));
const page = fc.record({
  before: fc.dictionary(
    text.filter((name) => name !== 'value' && name !== '__proto__'),
    value.any,
    { maxKeys: 3 },
  ),
  rows: fc.array(value.object, { maxLength: 6 }),
  after: fc.option(text, { nil: null }),
  indent: fc.constantFrom(0, 1, 2),
});

/** Cuts the bytes at the given places, however many of them fall into one character or one string. */
function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.slice(from, places[index] ?? bytes.length));
}

/** Rows as their texts. */
function textReader(): RowReader<string> {
  let found = '';
  return {
    find: (json, from) => {
      const end = json.value(from);
      found = json.slice(from, end);
      // A row that ends where the text does may be complete there.
      return end < json.text.length || isJson(found) ? end : -1;
    },
    row: () => found,
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function scan(chunks: readonly Uint8Array[]): { rows: string[]; members: [string, string][] } {
  const scanner = new PageScanner(textReader());
  const rows = chunks.flatMap((chunk) => scanner.push(chunk));
  rows.push(...scanner.end());
  return { rows, members: [...scanner.members] };
}

test('however the bytes are split, the rows and members are those of the page', () => {
  fc.assert(
    fc.property(page, fc.array(fc.nat(), { maxLength: 40 }), ({ before, rows, after, indent }, cuts) => {
      const whole = JSON.stringify({ ...before, value: rows, '@odata.nextLink': after }, null, indent);
      const found = scan(split(new TextEncoder().encode(whole), cuts));
      const parse = (text: string) => JSON.parse(text) as unknown;
      expect(found.rows.map(parse)).toEqual(parse(JSON.stringify(rows)));
      expect(found.members.map(([name, text]) => [name, parse(text)])).toEqual(
        Object.entries(parse(JSON.stringify({ ...before, '@odata.nextLink': after })) as object),
      );
    }),
    { numRuns: 500 },
  );
});

test('split after every byte, a page gives the same pieces as in one', () => {
  fc.assert(
    fc.property(page, ({ before, rows, after }) => {
      const bytes = new TextEncoder().encode(JSON.stringify({ ...before, value: rows, after }));
      expect(scan([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(scan([bytes]));
    }),
  );
});

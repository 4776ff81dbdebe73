import { JsonSyntaxError, type JsonText } from './json-text.ts';
import { PageScanner } from './page-scanner.ts';
import { RowText } from './row-text.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Rows as what stands in their member `a`. */
function scannerOf(): PageScanner<string | undefined> {
  const row = new RowText(['a']);
  return new PageScanner({
    find: (json: JsonText, from: number) => row.read(json, from),
    row: () => row.literal(0),
  });
}

test('a link before the rows and one after them are both found', () => {
  const scanner = scannerOf();
  const page = '{"@odata.deltaLink":"d","value":[{"a":1}],"@odata.nextLink":"n"}';
  expect(scanner.push(bytes(page))).toEqual(['1']);
  expect(scanner.end()).toEqual([]);
  expect([...scanner.members]).toEqual([
    ['@odata.deltaLink', '"d"'],
    ['@odata.nextLink', '"n"'],
  ]);
});

test('numbers, true and null are members too', () => {
  const scanner = scannerOf();
  scanner.push(bytes(' {"@odata.count": 12 ,"x":null,"value":[ ]}\n'));
  scanner.end();
  expect([...scanner.members.values()]).toEqual(['12', 'null']);
});

test('a page may begin with a byte order mark', () => {
  const scanner = scannerOf();
  expect(scanner.push(bytes('\ufeff{"value":[{"a":"é"}]}'))).toEqual(['"é"']);
  expect(scanner.end()).toEqual([]);
});

test('a large row costs time by its length, however small the chunks are', () => {
  const whole = bytes(`{"value":[{"a":"${'x'.repeat(1_000_000)}"}]}`);
  const row = new RowText(['a']);
  let charactersRead = 0;
  const scanner = new PageScanner({
    find: (json, from) => {
      charactersRead += json.text.length;
      return row.read(json, from);
    },
    row: () => row.literal(0)?.length,
  });
  const rows: unknown[] = [];
  for (let at = 0; at < whole.length; at += 1000) rows.push(...scanner.push(whole.subarray(at, at + 1000)));
  rows.push(...scanner.end());
  expect(rows).toEqual([1_000_002]);
  expect(charactersRead).toBeLessThan(8 * whole.length);
});

test('a page that breaks off is no page', () => {
  const scanner = scannerOf();
  scanner.push(bytes('{"value":[{"a":1},{"a"'));
  expect(() => scanner.end()).toThrow(JsonSyntaxError);
});

test('a page that breaks off after its rows is no page either', () => {
  const scanner = scannerOf();
  scanner.push(bytes('{"value":[{"a":1}]'));
  expect(() => scanner.end()).toThrow('ended early');
});

test('an HTML page is refused at its first byte', () => {
  expect(() => scannerOf().push(bytes('<html>'))).toThrow(JsonSyntaxError);
});

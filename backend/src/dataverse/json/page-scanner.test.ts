import { PageScanner, PageSyntaxError } from './page-scanner.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('a link before the rows and one after them are both found', () => {
  const scanner = new PageScanner();
  const pieces = scanner.push(bytes('{"@odata.deltaLink":"d","value":[{"a":1}],"@odata.nextLink":"n"}'));
  scanner.end();
  expect(pieces).toEqual([
    { kind: 'member', name: '@odata.deltaLink', text: '"d"' },
    { kind: 'row', text: '{"a":1}' },
    { kind: 'member', name: '@odata.nextLink', text: '"n"' },
  ]);
});

test('numbers, true and null are members too', () => {
  const scanner = new PageScanner();
  const pieces = scanner.push(bytes(' {"@odata.count": 12 ,"x":null,"value":[ ]}\n'));
  scanner.end();
  expect(pieces.map((piece) => piece.text)).toEqual(['12', 'null']);
});

test('a page that breaks off is no page', () => {
  const scanner = new PageScanner();
  scanner.push(bytes('{"value":[{"a":1},{"a"'));
  expect(() => scanner.end()).toThrow(PageSyntaxError);
});

test('a page that breaks off after its rows is no page either', () => {
  const scanner = new PageScanner();
  scanner.push(bytes('{"value":[{"a":1}]'));
  expect(() => scanner.end()).toThrow('ended early');
});

test('an HTML page is refused at its first byte', () => {
  expect(() => new PageScanner().push(bytes('<html>'))).toThrow(PageSyntaxError);
});

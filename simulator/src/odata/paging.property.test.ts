import fc from 'fast-check';
import { decodeSkipToken, fetchXmlCookie, parseInnerCookie, skipToken, type PageMark } from './paging.ts';
import { parseQuery } from './url.ts';

const mark: fc.Arbitrary<PageMark> = fc.record({
  pageNumber: fc.integer({ min: 1, max: 9999 }),
  primaryKey: fc.constantFrom('accountid', 'new_thing1id'),
  first: fc.uuid(),
  last: fc.uuid(),
  order: fc.array(
    fc.record({
      column: fc.constantFrom('name', 'new_x'),
      last: fc.option(fc.string()),
      first: fc.option(fc.string(), { nil: null }),
    }),
    {
      maxLength: 3,
    },
  ),
});

test('a page mark survives its way through a nextLink', () => {
  fc.assert(
    fc.property(mark, fc.option(fc.nat()), (one, watermark) => {
      const sent: PageMark = watermark === null ? one : { ...one, watermark };
      const query = parseQuery(`$skiptoken=${skipToken(sent)}`);
      expect(decodeSkipToken(query.get('$skiptoken')!)).toEqual(sent);
    }),
  );
});

test('the FetchXML cookie decodes to the inner one in two steps', () => {
  fc.assert(
    fc.property(mark, (one) => {
      const inner = /pagingcookie="([^"]*)"/.exec(fetchXmlCookie(one))![1]!;
      expect(parseInnerCookie(decodeURIComponent(decodeURIComponent(inner)))).toEqual(one);
    }),
  );
});

import { FetchXml, pagingCookie } from './fetch-xml.ts';

test('a text of many comments and no query is refused at once', () => {
  const startMs = performance.now();
  expect(() => new FetchXml('<!--a-->'.repeat(5000), 'account')).toThrow('fetch element');
  // With a pattern that can read one comment in several ways this takes longer than anybody lives.
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

test.each([`it's "quoted" <b> & more`, 'Łódź 🏠', 'a\nb\tc', '&quot;', `" count="1`])(
  'a cookie that holds %j comes back as it was',
  (cookie) => {
    const annotation = `<cookie pagenumber="2" pagingcookie="${encodeURIComponent(encodeURIComponent(cookie))}" />`;
    expect(pagingCookie(annotation)).toBe(cookie);
    const query = new FetchXml('<!-- mine --><fetch count="2"><entity name="account"/></fetch>', 'account');
    const printed = query.with({ 'paging-cookie': cookie, page: '2' });
    expect(printed).toMatch(/^<!-- mine --><fetch count="2" paging-cookie="[^"<>\n\t]*" page="2"><entity/);
    const again = /paging-cookie="([^"]*)"/.exec(printed)?.[1] ?? '';
    const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };
    const read = again.replace(/&(#(\d+)|\w+);/g, (_, name: string, code: string | undefined) =>
      code === undefined ? (names[name] ?? '?') : String.fromCodePoint(Number(code)),
    );
    expect(read).toBe(cookie);
  },
);

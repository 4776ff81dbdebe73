import { badRequest } from '../service/errors.ts';

/** Where a page ended: the key of its last row and, with an explicit order, the values that order it. */
export interface PageMark {
  readonly pageNumber: number;
  readonly primaryKey: string;
  readonly first: string;
  readonly last: string;
  /** Order columns with the values of the last and the first row; null where it was null. */
  readonly order: readonly {
    readonly column: string;
    readonly last: string | null;
    readonly first?: string | null;
  }[];
  /** Change tracking: the row version at which the enumeration began. */
  readonly watermark?: number;
  /** Rows of a nested expanded collection. */
  readonly countOfRecords?: number;
}

/** Where no cookie can hold the place: the number of the page that comes next. */
export interface PageNumber {
  readonly nextPage: number;
}

export type PagePlace = PageMark | PageNumber;

export function isMark(place: PagePlace): place is PageMark {
  return 'last' in place;
}

/** The inner cookie, as FetchXML wants it back: GUIDs in upper case and braces. */
export function innerCookie(mark: PageMark): string {
  const end = (name: string, value: string | null) =>
    value === null ? `${name}null="1"` : `${name}="${escapeXml(value)}"`;
  const order = mark.order
    .map(({ column, last, first }) =>
      [`<${column}`, end('last', last), ...(first === undefined ? [] : [end('first', first)]), '/>'].join(
        ' ',
      ),
    )
    .join('');
  const watermark = mark.watermark === undefined ? '' : ` maxTimestamp="${mark.watermark}"`;
  const count = mark.countOfRecords === undefined ? '' : ` countOfRecords="${mark.countOfRecords}"`;
  const key = `<${mark.primaryKey} last="${braced(mark.last)}" first="${braced(mark.first)}" />`;
  return `<cookie page="${mark.pageNumber}"${watermark}${count}>${order}${key}</cookie>`;
}

/** The cookie of the FetchXML annotation; the inner one is percent-encoded twice. */
export function fetchXmlCookie(mark: PageMark): string {
  return outerCookie(mark, lowerHex(lowerHex(innerCookie(mark))));
}

/** `$skiptoken` as it stands in a nextLink: the inner cookie is encoded once, then again with the whole. */
export function skipToken(place: PagePlace): string {
  const cookie = isMark(place)
    ? outerCookie(place, lowerHex(innerCookie(place)))
    : `<cookie pagenumber="${place.nextPage}" istracking="False" />`;
  return encodeURIComponent(cookie).replaceAll('%3D', '=').replaceAll('%2F', '/');
}

function outerCookie(mark: PageMark, inner: string): string {
  const tracking = mark.watermark === undefined ? 'False' : 'True';
  return `<cookie pagenumber="${mark.pageNumber + 1}" pagingcookie="${inner}" istracking="${tracking}" />`;
}

/** @throws ServiceError 400 `0x8004112A` when the token is not one of ours. */
export function decodeSkipToken(token: string): PageMark {
  const match = /^<cookie pagenumber="(\d+)" pagingcookie="([^"]*)" istracking="(True|False)" \/>$/.exec(
    token,
  );
  if (match === null) throw badPageToken();
  return parseInnerCookie(decodeCookie(match[2]!)); // three groups
}

/** Tokens of reads whose order no cookie can hold are mere page numbers. */
export function decodePagePlace(token: string): PagePlace {
  const match = /^<cookie pagenumber="([1-9]\d{0,8})" istracking="False" \/>$/.exec(token);
  return match === null ? decodeSkipToken(token) : { nextPage: Number(match[1]) };
}

function decodeCookie(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw badPageToken();
    throw error;
  }
}

const END = /^(?:<([a-z0-9_]+) (?:lastnull="1"|last="([^"]*)")(?: (firstnull="1"|first="([^"]*)"))? \/>)/;

/** Reads the cookie that stands inside, as FetchXML gets it back. @throws ServiceError 400 `0x8004112A` */
export function parseInnerCookie(text: string): PageMark {
  const head = /^<cookie page="(\d+)"(?: maxTimestamp="(\d+)")?[^>]*>(.*)<\/cookie>$/s.exec(text);
  if (head === null || Number(head[1]) === 0) throw badPageToken();
  const ends: PageMark['order'][number][] = [];
  for (let rest = head[3]!; rest !== '';) {
    const match = END.exec(rest);
    if (match === null) throw badPageToken();
    const value = (part: string | undefined) => (part === undefined ? null : unescapeXml(part));
    const first = match[3] === undefined ? {} : { first: value(match[4]) };
    ends.push({ column: match[1]!, last: value(match[2]), ...first }); // group 1 always matches
    rest = rest.slice(match[0].length);
  }
  const key = ends.pop();
  if (key === undefined) throw badPageToken();
  return {
    pageNumber: Number(head[1]),
    primaryKey: key.column,
    last: bare(key.last ?? ''),
    first: bare(key.first ?? ''),
    order: ends,
    ...(head[2] === undefined ? {} : { watermark: Number(head[2]) }),
  };
}

function badPageToken() {
  return badRequest('Invalid page number in paging cookie.', '0x8004112A');
}

/** Percent-encoding with lower-case digits, as the service writes it; spaces as `%20`. */
function lowerHex(text: string): string {
  return encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

function braced(guid: string): string {
  return `{${guid.toUpperCase()}}`;
}

function bare(text: string): string {
  return text.replace(/[{}]/g, '').toLowerCase();
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

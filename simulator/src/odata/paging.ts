import { badRequest } from '../service/errors.ts';

/** Where a page ended: the key of its last row and, with an explicit order, the values that order it. */
export interface PageMark {
  readonly pageNumber: number;
  readonly primaryKey: string;
  readonly first: string;
  readonly last: string;
  /** Order columns with the value of the last row; null where it was null. */
  readonly order: readonly { readonly column: string; readonly last: string | null }[];
  /** Change tracking: the row version at which the enumeration began. */
  readonly watermark?: number;
  /** Rows of a nested expanded collection. */
  readonly countOfRecords?: number;
}

/** The inner cookie, as FetchXML wants it back: GUIDs in upper case and braces. */
export function innerCookie(mark: PageMark): string {
  const order = mark.order
    .map(({ column, last }) =>
      last === null ? `<${column} lastnull="1" />` : `<${column} last="${escapeXml(last)}" />`,
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
export function skipToken(mark: PageMark): string {
  const cookie = outerCookie(mark, lowerHex(innerCookie(mark)));
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
  return parseInnerCookie(decodeURIComponent(match[2]!)); // three groups
}

export function parseInnerCookie(text: string): PageMark {
  const head = /^<cookie page="(\d+)"(?: maxTimestamp="(\d+)")?[^>]*>(.*)<\/cookie>$/s.exec(text);
  if (head === null) throw badPageToken();
  const elements = [
    ...head[3]!.matchAll(/<([a-z0-9_]+) (lastnull="1"|last="([^"]*)")(?: first="([^"]*)")? \/>/g),
  ];
  const key = elements.pop();
  if (key === undefined) throw badPageToken();
  return {
    pageNumber: Number(head[1]),
    primaryKey: key[1]!, // first group always matches
    last: bare(key[3] ?? ''),
    first: bare(key[4] ?? ''),
    order: elements.map((match) => ({
      column: match[1]!, // first group always matches
      last: match[3] === undefined ? null : unescapeXml(match[3]),
    })),
    ...(head[2] === undefined ? {} : { watermark: Number(head[2]) }),
  };
}

function badPageToken() {
  return badRequest('Page number in the paging cookie is invalid.', '0x8004112A');
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

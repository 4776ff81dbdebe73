import type { FetchedRow, ReadOptions } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { lookupTable, malformed, rowDecoder } from '../json/decode.ts';
import { isObject, parseRowText } from '../json/lossless.ts';
import { partitionColumn } from '../json/read-row.ts';
import { propertyOf, type TableDetails } from '../metadata/types.ts';
import { entitySetOf } from '../row-address.ts';
import type { TransportResponse } from '../transport/port.ts';
import { encode, type Json, type WebApi } from '../web-api.ts';
import { FetchXml, pagingCookie } from './fetch-xml.ts';
import { PageSize } from './page-size.ts';
import { largestPageOf, partitionIn } from './pages.ts';

const more = 'Microsoft.Dynamics.CRM.morerecords';
const cookie = 'Microsoft.Dynamics.CRM.fetchxmlpagingcookie';
const annotations = `odata.include-annotations="${lookupTable},${cookie},${more}"`;
/** Rows that the service gives to a query that it cannot page with a cookie. */
const mostWithoutCookie = 50_000;

/**
 * Rows of a FetchXML query, all pages. The query's `page` and `paging-cookie` are ours; its `count` is the page size,
 * and `top` asks for that many rows in one page. Paging shows only in annotations: an answer that is full and has none
 * is refused, for it may be the first page of many. Without a cookie (an order by a joined table) the service numbers
 * pages up to row 50,000; beyond that the read ends with an error instead of going on from the beginning.
 */
export async function* readFetch(
  api: WebApi,
  table: TableDetails,
  columns: readonly string[],
  fetchXml: string,
  options: ReadOptions = {},
): AsyncIterable<FetchedRow> {
  const query = new FetchXml(fetchXml, table.name);
  const paging = new Paging(table, query, options);
  for (let place: Place | null = { page: 1, cookie: null }; place !== null;) {
    const answer: Answer = await fetchPage(api, table, query, paging, place, options);
    for (const row of answer.rows) yield { ...rowOf(row, table, columns), date: answer.date };
    place = paging.after(place, answer);
  }
}

interface Place {
  readonly page: number;
  readonly cookie: string | null;
}

interface Answer {
  readonly rows: readonly Json[];
  readonly more: unknown;
  readonly cookie: string | null;
  readonly date: string;
}

/** Knows how large a page is, and what comes after one. */
class Paging {
  readonly #table: TableDetails;
  /** Rows in all, where the query says `top`. */
  readonly top: number | null;
  readonly size: PageSize;

  constructor(table: TableDetails, query: FetchXml, options: ReadOptions) {
    this.#table = table;
    const top = query.attribute('top');
    this.top = top === null ? null : Number(top);
    const most = largestPageOf(table);
    const asked = Number(query.attribute('count') ?? options.pageSize ?? most);
    this.size = new PageSize(Math.min(asked > 0 ? asked : most, most));
  }

  attributes({ page, cookie }: Place): Readonly<Record<string, string | null>> {
    if (this.top !== null) return { page: null, count: null, 'paging-cookie': null };
    return { page: String(page), count: String(this.size.rows), 'paging-cookie': cookie };
  }

  /** Null: it was the last. */
  after(place: Place, answer: Answer): Place | null {
    if (this.top !== null || answer.more === false) return null;
    if (answer.more === undefined && answer.cookie === null) {
      if (answer.rows.length < this.size.rows) return null;
      throw malformed(this.#table, 'a full page of a FetchXML query does not say whether there are more');
    }
    const next = { page: place.page + 1, cookie: answer.cookie };
    if (next.cookie === null && next.page * this.size.rows > mostWithoutCookie) throw capped(this.#table);
    if (next.cookie !== null && next.cookie === place.cookie) {
      throw malformed(this.#table, 'the paging cookie of a FetchXML query does not move');
    }
    return next;
  }
}

/** A page that is too much is asked for in halves; only a cookie keeps its place when the size changes. */
async function fetchPage(
  api: WebApi,
  table: TableDetails,
  query: FetchXml,
  paging: Paging,
  place: Place,
  options: ReadOptions,
): Promise<Answer> {
  for (;;) {
    const url = `${entitySetOf(table)}?fetchXml=${encode(query.with(paging.attributes(place)))}`;
    const request = {
      method: 'GET' as const,
      url,
      headers: { prefer: annotations },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    try {
      return await answerOf(table, await api.send(request, { table: table.name }));
    } catch (error) {
      const keepsPlace = place.page === 1 || place.cookie !== null;
      if (!keepsPlace || !(error instanceof DataverseError) || !paging.size.halveAfter(error)) throw error;
    }
  }
}

async function answerOf(table: TableDetails, response: TransportResponse): Promise<Answer> {
  const page = parsePage(table, await response.text());
  const rows = page['value'];
  if (!Array.isArray(rows)) throw malformed(table, 'a page has no rows');
  return {
    rows: rows.filter(isObject),
    more: page[`@${more}`],
    cookie: cookieOf(table, page),
    date: response.receivedAt.toISOString(),
  };
}

function cookieOf(table: TableDetails, page: Json): string | null {
  try {
    return pagingCookie(page[`@${cookie}`]);
  } catch (error) {
    if (error instanceof URIError) throw malformed(table, 'a paging cookie is not percent-encoded twice');
    throw error;
  }
}

function parsePage(table: TableDetails, text: string): Json {
  let page: unknown;
  try {
    page = parseRowText(text);
  } catch (cause) {
    throw new DataverseError(
      `The service's answer for ${table.name} is not JSON.`,
      { kind: 'unexpected-answer', status: 200, serviceCode: '', requestId: null, table: table.name },
      { cause },
    );
  }
  if (isObject(page)) return page;
  throw malformed(table, 'a page is not an object');
}

/** Empty columns are left out of the rows; what is no column of the table (aliases, joined ones) comes beside. */
function rowOf(row: Json, table: TableDetails, columns: readonly string[]): Omit<FetchedRow, 'date'> {
  if (table.kind === 'elastic' && row[partitionColumn] === undefined) throw withoutPartition(table);
  const decoded = rowDecoder(table, columns)(row);
  const own = new Set(table.columns.map(propertyOf));
  const others = Object.entries(row).filter(([name]) => !own.has(name) && !name.includes('@'));
  return { ...decoded, ...partitionIn(row, decoded.id, table), others: Object.fromEntries(others) };
}

/** Two rows could not be told apart by their ids, and a row could not be found again. */
function withoutPartition(table: TableDetails): DataverseError {
  return new DataverseError(
    `The query of ${table.name} does not ask for ${partitionColumn}, which belongs to the key of its rows.`,
    { kind: 'bad-request', status: 0, serviceCode: '', requestId: null, table: table.name },
    { hint: `Add <attribute name="${partitionColumn}"/> to the query.` },
  );
}

function capped(table: TableDetails): DataverseError {
  return new DataverseError(
    `The service pages this query of ${table.name} without a cookie, and so no further than 50,000 rows; there are more.`,
    { kind: 'bad-request', status: 0, serviceCode: '0x8004430a', requestId: null, table: table.name },
    { hint: 'Order by columns of the table itself, or split the query by a filter.' },
  );
}

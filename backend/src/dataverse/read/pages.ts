import type { ChangeEvent, ReadOptions } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { lookupTable, malformed, rowDecoder, selectClause, type RowDecoder } from '../json/decode.ts';
import { isObject, parseRowText } from '../json/lossless.ts';
import type { TableDetails } from '../metadata/types.ts';
import type { TransportResponse } from '../transport/port.ts';
import { entitySetOf, type WebApi } from '../web-api.ts';
import { scanPage, type PageEnd } from './page.ts';

const largestPage = 5000;
const largestElasticPage = 500;
/** Fetches of one page whose connection breaks while it is read. */
const triesOfPage = 5;

export interface PagedRead {
  readonly table: TableDetails;
  readonly columns: readonly string[];
  /** Where to begin: a path below the root, or a link. */
  readonly url: string;
  /** First page of a tracked read: ask for tracking and insist that it was granted. */
  readonly startTracking: boolean;
  /** A tracked read has to end with a delta link. */
  readonly tracked: boolean;
  readonly options: ReadOptions;
}

/**
 * Events of all pages, one page at a time. The page size has to be asked for with every link; of the annotations only
 * the lookups' tables are: formatted values double the answer, and have been seen to lose the delta link.
 */
export async function* readPages(api: WebApi, read: PagedRead): AsyncIterable<ChangeEvent> {
  const decode = rowDecoder(read.table, read.columns);
  let url: string | undefined = read.url;
  let first = true;
  while (url !== undefined) {
    const page: AsyncGenerator<ChangeEvent, PageEnd> = readPage(api, read, url, first, decode);
    const end: PageEnd = yield* page;
    url = end.nextLink;
    first = false;
  }
}

/** One page; when its connection breaks it is fetched again, and what was already given is not given twice. */
async function* readPage(
  api: WebApi,
  read: PagedRead,
  url: string,
  first: boolean,
  decode: RowDecoder,
): AsyncGenerator<ChangeEvent, PageEnd> {
  const given = new Set<string>();
  for (let failures = 0; ;) {
    try {
      return yield* fetchPage(api, read, url, first, decode, given);
    } catch (error) {
      failures += 1;
      const broken = error instanceof DataverseError && error.kind === 'unreachable';
      if (!broken || failures >= triesOfPage) throw error;
    }
  }
}

async function* fetchPage(
  api: WebApi,
  read: PagedRead,
  url: string,
  first: boolean,
  decode: RowDecoder,
  given: Set<string>,
): AsyncGenerator<ChangeEvent, PageEnd> {
  const response = await send(api, read, url, first && read.startTracking);
  const date = response.receivedAt.toISOString();
  const rows = scanPage(response, read.table);
  for (;;) {
    const next = await rows.next();
    if (next.done) {
      const end = endOf(next.value, read);
      yield { kind: 'page-end', ...end, date };
      return end;
    }
    const event = eventOf(next.value, date, decode, read.table);
    const key = event.kind === 'row' ? `${event.id} ${event.etag}` : `gone ${event.id}`;
    if (given.has(key)) continue;
    given.add(key);
    yield event;
  }
}

async function send(api: WebApi, read: PagedRead, url: string, track: boolean): Promise<TransportResponse> {
  const most = read.table.kind === 'elastic' ? largestElasticPage : largestPage;
  const preferences = [
    `odata.maxpagesize=${Math.min(read.options.pageSize ?? most, most)}`,
    `odata.include-annotations="${lookupTable}"`,
    ...(track ? ['odata.track-changes'] : []),
  ];
  const response = await api.send(
    {
      method: 'GET',
      url,
      headers: { prefer: preferences.join(',') },
      streamed: true,
      ...(read.options.signal === undefined ? {} : { signal: read.options.signal }),
    },
    { table: read.table.name },
  );
  if (track) await insistOnTracking(response, read.table);
  return response;
}

/** The preference may be ignored, and the answer would look like any other. */
async function insistOnTracking(response: TransportResponse, table: TableDetails): Promise<void> {
  if (response.headers['preference-applied']?.includes('odata.track-changes')) return;
  await response.bytes();
  throw new DataverseError(`The service did not track changes of ${table.name}.`, {
    kind: 'not-tracked',
    status: response.status,
    serviceCode: '',
    requestId: null,
    table: table.name,
  });
}

function endOf(links: PageEnd, read: PagedRead): PageEnd {
  const isLast = links.nextLink === undefined;
  if (isLast && read.tracked && links.deltaLink === undefined) {
    throw malformed(read.table, 'the last page has no delta link');
  }
  return links;
}

function eventOf(text: string, date: string, decode: RowDecoder, table: TableDetails): RowEvent {
  const row = parseRowText(text);
  if (!isObject(row)) throw malformed(table, 'a row is not an object');
  const context = row['@odata.context'];
  if (typeof context === 'string' && context.endsWith('/$deletedEntity')) {
    return { kind: 'gone', id: goneId(row['id'], table), date };
  }
  return { kind: 'row', ...decode(row), date };
}

/** A bare guid; a URL with the guid in it would be the standard's way, and costs nothing to accept. */
function goneId(id: unknown, table: TableDetails): string {
  const guid =
    typeof id === 'string' ? /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(id)?.[0] : undefined;
  if (guid === undefined) throw malformed(table, `a deleted row has no id (${JSON.stringify(id)})`);
  return guid.toLowerCase();
}

type RowEvent = Exclude<ChangeEvent, { kind: 'page-end' }>;

/** First link of a read of whole rows. */
export function startOf(table: TableDetails, columns: readonly string[]): string {
  return `${entitySetOf(table)}?$select=${selectClause(table, columns)}`;
}

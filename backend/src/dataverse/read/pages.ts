import type { ChangeEvent, ReadOptions } from '../client.ts';
import { DataverseError, named } from '../errors.ts';
import { lookupTable, malformed, selectClause } from '../json/decode.ts';
import type { RowReader } from '../json/page-scanner.ts';
import { partitionColumn, rowReader, type PageRow } from '../json/read-row.ts';
import { columnOf, type TableDetails } from '../metadata/types.ts';
import type { TransportResponse } from '../transport/port.ts';
import { entitySetOf, keyText } from '../row-address.ts';
import { type WebApi } from '../web-api.ts';
import { oneByOne } from './in-batches.ts';
import { LinkTrail } from './link-trail.ts';
import { PageSize } from './page-size.ts';
import { scanPage, type PageEnd } from './page.ts';

const largestPage = 5000;
const largestElasticPage = 500;
/** Fetches of one page whose connection breaks while it is read. */
const triesOfPage = 5;

/** Rows that one page holds at most. */
export function largestPageOf(table: TableDetails): number {
  return table.kind === 'elastic' ? largestElasticPage : largestPage;
}

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
export function readPages(api: WebApi, read: PagedRead): AsyncIterable<ChangeEvent> {
  return oneByOne(allPages(api, read));
}

/** What arrives together comes together. */
type Events = readonly ChangeEvent[];

async function* allPages(api: WebApi, read: PagedRead): AsyncGenerator<Events, void> {
  const most = largestPageOf(read.table);
  const pages: Pages = {
    api,
    read,
    reader: rowReader(read.table, read.columns),
    size: new PageSize(Math.min(read.options.pageSize ?? most, most)),
    given: new Map(),
  };
  const trail = new LinkTrail(read.table.name);
  let url: string | undefined = read.url;
  let first = true;
  while (url !== undefined) {
    const page: AsyncGenerator<Events, PageEnd> = readPage(pages, trail.follow(url), first);
    const end: PageEnd = yield* page;
    url = end.nextLink;
    first = false;
  }
}

interface Pages {
  readonly api: WebApi;
  readonly read: PagedRead;
  readonly reader: RowReader<PageRow>;
  readonly size: PageSize;
  /** Rows given by a page that did not come to its end, with their etags: they are not given twice. */
  readonly given: Given;
}

type Given = Map<string, string | null>;

/** What of a row tells whether it was given already; the row itself is not held. */
interface GivenRow {
  readonly id: string;
  readonly partition?: string;
  readonly etag: string | null;
}

/**
 * One page. When its connection breaks it is fetched again, in halves when it was too much for the service; a half
 * leaves rows that were given already to the pages after it.
 */
async function* readPage(pages: Pages, url: string, first: boolean): AsyncGenerator<Events, PageEnd> {
  for (let failures = 0; ;) {
    // Only where the page breaks off does anybody look for a row among them: a list is cheaper than a map.
    const now: GivenRow[] = [];
    try {
      return yield* fetchPage(pages, url, first, now);
    } catch (error) {
      for (const row of now) pages.given.set(keyText(row), row.etag);
      if (!(error instanceof DataverseError)) throw error;
      if (pages.size.halveAfter(error)) continue;
      failures += 1;
      if (error.kind !== 'unreachable' || failures >= triesOfPage) throw named(pages.read.table.name, error);
      // A page that breaks off again and again may be too much for something on the way.
      if (failures > 1) pages.size.halve();
    }
  }
}

async function* fetchPage(
  { api, read, reader, size, given }: Pages,
  url: string,
  first: boolean,
  now: GivenRow[],
): AsyncGenerator<Events, PageEnd> {
  const response = await send(api, read, url, size.rows, first && read.startTracking);
  const date = response.receivedAt.toISOString();
  const rows = scanPage(response, read.table, reader);
  try {
    for (;;) {
      const next = await rows.next();
      if (next.done) {
        const end = endOf(next.value, read);
        const gone = read.startTracking && end.nextLink === undefined ? goneMeanwhile(given, date) : [];
        yield [...gone, { kind: 'page-end', ...end, date }];
        return end;
      }
      const events = next.value.map((row) => eventOf(row, date, read.table));
      for (const event of events) now.push(givenRow(event));
      yield given.size === 0 ? events : events.filter((event) => !wasGiven(given, givenRow(event)));
    }
  } finally {
    // Whoever stops in the middle of a page does not want the rest of it.
    await rows.return({});
  }
}

function givenRow(event: RowEvent): GivenRow {
  const etag = event.kind === 'row' ? event.etag : null;
  return event.partition === undefined
    ? { id: event.id, etag }
    : { id: event.id, partition: event.partition, etag };
}

function wasGiven(given: Given, row: GivenRow): boolean {
  const key = keyText(row);
  const same = given.get(key) === row.etag;
  return given.delete(key) && same;
}

/**
 * A first page that was fetched again counts from its last try, so a row that was deleted between two tries is in no
 * later delta: what was given and did not come again is gone.
 */
function* goneMeanwhile(given: Given, date: string): Generator<ChangeEvent> {
  for (const key of given.keys()) {
    const [id = '', partition] = key.split(/\|(.*)/s);
    yield { kind: 'gone', id, ...(partition === undefined ? {} : { partition }), date };
  }
  given.clear();
}

async function send(
  api: WebApi,
  read: PagedRead,
  url: string,
  rows: number,
  track: boolean,
): Promise<TransportResponse> {
  const preferences = [
    `odata.maxpagesize=${rows}`,
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

function eventOf(row: PageRow, date: string, table: TableDetails): RowEvent {
  if (row.gone) return { kind: 'gone', id: goneId(row.id, table), date };
  const { id, etag, values, partition } = row;
  if (partition === undefined) return { kind: 'row', id, etag, values, date };
  return { kind: 'row', id, etag, values, partition, date };
}

/** Several rows of an elastic table may share an id. */
export function partitionIn(
  row: Readonly<Record<string, unknown>>,
  id: string,
  table: TableDetails,
): { readonly partition?: string } {
  const partition = table.kind === 'elastic' ? row[partitionColumn] : undefined;
  return typeof partition === 'string' && partition !== id ? { partition } : {};
}

/** A bare guid; a URL with the guid in it would be the standard's way, and costs nothing to accept. */
function goneId(id: string | undefined, table: TableDetails): string {
  const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(id ?? '')?.[0];
  if (guid === undefined) throw malformed(table, 'a deleted row has no id');
  // A copy: a part of a text keeps the whole of it in memory, and ids of deleted rows are kept for a whole read.
  return Buffer.from(guid.toLowerCase()).toString('latin1');
}

type RowEvent = Exclude<ChangeEvent, { kind: 'page-end' }>;

/** First link of a read of whole rows. */
export function startOf(table: TableDetails, columns: readonly string[]): string {
  return `${entitySetOf(table)}?$select=${selectOf(table, columns)}`;
}

/** What addresses a row is always asked for. */
export function selectOf(table: TableDetails, columns: readonly string[]): string {
  const partitioned = table.kind === 'elastic' && columnOf(table, partitionColumn) !== undefined;
  return selectClause(table, partitioned ? [...columns, partitionColumn] : columns);
}

import type { TableDefinition } from '../model/definitions.ts';
import type { RequestContext } from '../service/context.ts';
import { MAX_PAGE_SIZE } from '../service/context.ts';
import { rowLimit } from '../service/limits.ts';
import { refuseVirtualQuery } from '../service/virtual-tables.ts';
import { rowsOf } from './data-sources.ts';
import { badRequest } from '../service/errors.ts';
import type { Row } from '../store/table-store.ts';
import { compileExpands, type Expander } from './expand.ts';
import { compileFilter, type FilterContext, type Predicate } from './filter-evaluate.ts';
import { parseFilter } from './filter-parser.ts';
import { compileOrder } from './order.ts';
import { decodePagePlace, skipToken, type PagePlace } from './paging.ts';
import { PageBytes } from './page-bytes.ts';
import { printPage } from './print-page.ts';
import { hiddenColumns, RowPrinter } from './print-row.ts';
import { parseCount, parseExpand, parseOrderBy, parseSelect } from './query-options.ts';
import { readableRows } from './read-rows.ts';
import { relatedRows } from './related.ts';
import type { ResourceUrl } from './url.ts';

const TOTAL = 'Microsoft.Dynamics.CRM.totalrecordcount';
const LIMIT_EXCEEDED = 'Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded';
const METADATA_VERSION = 'Microsoft.Dynamics.CRM.globalmetadataversion';

const KNOWN_OPTIONS = new Set([
  '$select',
  '$filter',
  '$orderby',
  '$top',
  '$expand',
  '$count',
  '$skiptoken',
  '$deltatoken',
  '$apply',
]);
const REFUSED_OPTIONS = new Set(['$skip', '$search', '$format', '$compute', '$index', '$levels']);

/** 400 for system query options that the service does not have. */
export function checkOptions(query: ReadonlyMap<string, string>): void {
  for (const name of query.keys()) {
    if (REFUSED_OPTIONS.has(name)) {
      throw badRequest(`The query parameter ${name} is not supported`);
    }
    if (name.startsWith('$') && !KNOWN_OPTIONS.has(name)) {
      throw badRequest(`The query parameter ${name} is not supported`);
    }
  }
  // Those stand alone, at an entity set; elsewhere the answer would be all rows, which is worse than none.
  for (const name of ['$apply', 'sql', 'fetchXml']) {
    if (query.has(name)) throw badRequest(`The query parameter ${name} is not supported here`);
  }
}

/** Rows behind an entity set or a collection navigation, one page as JSON text. `among`: only these rows. */
export function readCollection(
  context: RequestContext,
  table: TableDefinition,
  url: ResourceUrl,
  contextPath: string,
  among?: readonly Row[],
): string | Uint8Array {
  const { query } = url;
  checkOptions(query);
  const expands = compileExpands(context, table, parseExpand(query.get('$expand')));
  const printer = new RowPrinter(context, table, parseSelect(query.get('$select')));
  const passes = collectionFilter(context, table, query);
  const order = compileOrder(context, table, parseOrderBy(query.get('$orderby')));
  refuseVirtualQuery(table, query);
  const { size, top } = pageSize(context, table, parseCount('$top', query.get('$top')));
  const token = query.get('$skiptoken');
  const page = printPage(context, table, printer, expands, {
    passes,
    order,
    size,
    after: token === undefined ? undefined : decodePagePlace(token),
    among,
  });
  const ends = top !== undefined && !context.environment.switches.topWithNextLink;
  const next = page.next === undefined || ends ? undefined : nextLink(context, url, page.next);
  const head = [
    contextMember(context, contextPath, printer.selected, expands),
    ...countMembers(context, table, query, passes, among),
  ];
  return envelope(head, page.rows, next);
}

/** Where both are asked for, the page size holds and `$top` is ignored. */
function pageSize(
  context: RequestContext,
  table: TableDefinition,
  top: number | undefined,
): { size: number; top?: number } {
  const limit = rowLimit(table);
  const { maxPageSize, askedPageSize = 0 } = context.preferences;
  if (askedPageSize > MAX_PAGE_SIZE && context.environment.switches.pageSizeAboveCap === 'refused') {
    throw badRequest(`The page size ${askedPageSize} exceeds the limit of ${MAX_PAGE_SIZE}.`);
  }
  if (maxPageSize !== undefined || top === undefined) return { size: Math.min(maxPageSize ?? limit, limit) };
  return { size: Math.min(top, limit), top };
}

/** The shell of a collection: control members, `value`, and the link to the next page after it. */
export function envelope(head: readonly string[], rows: readonly string[], next: string | undefined): string;
export function envelope(
  head: readonly string[],
  rows: readonly string[] | PageBytes,
  next: string | undefined,
): string | Uint8Array;
export function envelope(
  head: readonly string[],
  rows: readonly string[] | PageBytes,
  next: string | undefined,
): string | Uint8Array {
  const start = `{${head.join(',')},"value":[`;
  const end = `]${next === undefined ? '' : `,"@odata.nextLink":${JSON.stringify(next)}`}}`;
  if (rows instanceof PageBytes) return rows.between(start, end);
  return start + rows.join(',') + end;
}

export function nextLink(context: RequestContext, url: ResourceUrl, place: PagePlace): string {
  const kept = url.rawQuery.split('&').filter((part) => part !== '' && !/^(\$|%24)skiptoken=/i.test(part));
  return `${context.serviceRoot}${url.rawPath}?${[...kept, `$skiptoken=${skipToken(place)}`].join('&')}`;
}

export function contextMember(
  context: RequestContext,
  path: string,
  selected: readonly string[] | undefined,
  expands: readonly Expander[],
  suffix = '',
): string {
  const names = [...(selected ?? []), ...expands.map((expand) => expand.contextText)];
  const columns = names.length === 0 ? '' : `(${names.join(',')})`;
  return `"@odata.context":${JSON.stringify(`${context.serviceRoot}$metadata#${path}${columns}${suffix}`)}`;
}

/** What `$filter` and the caller's rights let through. */
export function collectionFilter(
  context: RequestContext,
  table: TableDefinition,
  query: ReadonlyMap<string, string>,
): Predicate {
  const readable = readableRows(context, table);
  const text = query.get('$filter');
  if (text === undefined || text.trim() === '') return readable;
  const matches = compileFilter(parseFilter(text, query), table.logicalName, filterContext(context));
  return (row) => readable(row) && matches(row);
}

export function filterContext(context: RequestContext): FilterContext {
  const { environment } = context;
  const hidden = new Map<string, ReadonlySet<string>>();
  return {
    request: context,
    related: (table, row, navigation) => relatedRows(context, table, row, navigation),
    hidden: (name, column) => {
      const table = environment.schema.table(name);
      if (table === undefined) return false;
      let columns = hidden.get(name);
      if (columns === undefined) hidden.set(name, (columns = hiddenColumns(context, table)));
      return columns.has(column);
    },
  };
}

/** `/$count` and `@odata.count`: never more than 5000, of elastic tables 500. */
export function countRows(
  context: RequestContext,
  table: TableDefinition,
  passes: Predicate,
  among: readonly Row[] | undefined,
): { count: number; exceeded: boolean } {
  let count = 0;
  const limit = rowLimit(table);
  for (const row of among ?? rowsOf(context, table, undefined).values()) {
    if (!passes(row)) continue;
    if (count === limit) return { count, exceeded: true };
    count++;
  }
  return { count, exceeded: false };
}

function countMembers(
  context: RequestContext,
  table: TableDefinition,
  query: ReadonlyMap<string, string>,
  passes: Predicate,
  among: readonly Row[] | undefined,
): string[] {
  const { annotation } = context.preferences;
  const asked = query.get('$count') === 'true';
  const { count, exceeded } = asked
    ? countRows(context, table, passes, among)
    : { count: -1, exceeded: false };
  const members: string[] = [];
  if (asked) members.push(`"@odata.count":${count}`);
  if (annotation(TOTAL)) members.push(`"@${TOTAL}":${count}`);
  if (annotation(LIMIT_EXCEEDED)) members.push(`"@${LIMIT_EXCEEDED}":${exceeded}`);
  members.push(...metadataVersionMember(context));
  return members;
}

export function metadataVersionMember(context: RequestContext): string[] {
  if (!context.preferences.annotation(METADATA_VERSION)) return [];
  return [`"@${METADATA_VERSION}":"${context.environment.metadataVersion}"`];
}

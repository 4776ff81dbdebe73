import type { TableDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { MAX_PAGE_SIZE } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import { setName } from '../../service/payload.ts';
import type { Row } from '../../store/table-store.ts';
import { columnOrder, type Order } from '../order.ts';
import { fetchXmlCookie, isMark, parseInnerCookie, type PageMark, type PagePlace } from '../paging.ts';
import { hiddenColumns, RowPrinter, etagMember } from '../print-row.ts';
import { contextMember, envelope, metadataVersionMember } from '../read-collection.ts';
import { readableRows, readPage } from '../read-rows.ts';
import type { ResourceUrl } from '../url.ts';
import { aggregateRows } from './aggregate.ts';
import { compileFilters, requireColumn } from './conditions.ts';
import { compileLinks, joinedRows, type CompiledLink } from './links.ts';
import { childrenNamed, parseFetchXml, type XmlElement } from './parse-fetchxml.ts';

const MORE = 'Microsoft.Dynamics.CRM.morerecords';
const COOKIE = 'Microsoft.Dynamics.CRM.fetchxmlpagingcookie';
const WITHOUT_COOKIE_LIMIT = 50_000;

/** `GET accounts?fetchXml=…`. Null columns are left out of the rows; paging shows only when asked for. */
export function readFetchXml(context: RequestContext, table: TableDefinition, url: ResourceUrl): string {
  const fetch = parseFetchXml(url.query.get('fetchXml') ?? '');
  const [entity] = childrenNamed(fetch, 'entity');
  if (entity === undefined || entity.attributes['name'] !== table.logicalName) {
    const name = entity?.attributes['name'] ?? '';
    throw badRequest(`The entity '${name}' of the query is not '${table.logicalName}'.`, '0x80041102');
  }
  const source = fetch.attributes['datasource'];
  if (source !== undefined) throw badRequest(`The data source '${source}' is not available.`, '0x80040203');
  const passes = rowTest(context, table, entity);
  const links = compileLinks(context, table, entity);
  if (fetch.attributes['aggregate'] === 'true') return aggregateRows(context, table, entity, passes);
  return onePage(context, table, fetch, entity, passes, links);
}

function rowTest(context: RequestContext, table: TableDefinition, entity: XmlElement): (row: Row) => boolean {
  const readable = readableRows(context, table);
  const filter = compileFilters(context, entity, table, hiddenColumns(context, table));
  return (row) => readable(row) && filter(row);
}

function onePage(
  context: RequestContext,
  table: TableDefinition,
  fetch: XmlElement,
  entity: XmlElement,
  passes: (row: Row) => boolean,
  links: readonly CompiledLink[],
): string {
  const paging = readPaging(fetch);
  const joins = (row: Row) => joinedRows(context, row, links);
  const page = readPage(context, table, {
    passes: (row) => passes(row) && joins(row).length > 0,
    order: compileOrders(context, table, entity),
    size: paging.skip + paging.size,
    after: paging.after,
    among: undefined,
  });
  const names = selectedProperties(context, table, entity);
  const printer = new RowPrinter(context, table, names);
  const rows = page.rows
    .slice(paging.skip)
    .flatMap((row) =>
      joins(row).map(
        (joined) => `{${[etagMember(row), ...printer.members(row, { nulls: false }), ...joined].join(',')}}`,
      ),
    );
  const head = [
    contextMember(context, setName(table), names, []),
    ...metadataVersionMember(context),
    ...pagingMembers(context, fetch, page.next),
  ];
  return envelope(head, rows, undefined);
}

interface Paging {
  readonly size: number;
  readonly skip: number;
  readonly after: PageMark | undefined;
}

/** With a cookie the page begins behind it; without one the rows before it are skipped, up to 50,000. */
function readPaging(fetch: XmlElement): Paging {
  const { count, top, page, 'paging-cookie': cookie } = fetch.attributes;
  const asked = Number(top ?? count ?? MAX_PAGE_SIZE);
  const size = Math.min(Number.isInteger(asked) && asked > 0 ? asked : MAX_PAGE_SIZE, MAX_PAGE_SIZE);
  const number = Number(page ?? 1);
  if (cookie !== undefined && cookie !== '') return { size, skip: 0, after: parseInnerCookie(cookie) };
  const skip = (number - 1) * size;
  if (skip + size > WITHOUT_COOKIE_LIMIT) {
    throw badRequest(
      'Over upper limit of records that can be requested without a paging cookie. A paging cookie is required when retrieving a high number of pages.',
      '0x8004430a',
    );
  }
  return { size, skip, after: undefined };
}

function pagingMembers(context: RequestContext, fetch: XmlElement, next: PagePlace | undefined): string[] {
  const { annotation } = context.preferences;
  const members: string[] = [];
  const more = next !== undefined && fetch.attributes['top'] === undefined;
  if (annotation(COOKIE) && more && isMark(next)) {
    const mark = { ...next, pageNumber: Number(fetch.attributes['page'] ?? 1) };
    members.push(`"@${COOKIE}":${JSON.stringify(fetchXmlCookie(mark))}`);
  }
  if (annotation(MORE)) members.push(`"@${MORE}":${more}`);
  return members;
}

function compileOrders(
  context: RequestContext,
  table: TableDefinition,
  entity: XmlElement,
): readonly Order[] {
  return childrenNamed(entity, 'order').flatMap((order) => {
    const column = requireColumn(table, order.attributes['attribute'] ?? '');
    return columnOrder(context, table, column, order.attributes['descending'] === 'true');
  });
}

/** Attributes are named as columns; the answer names lookups as properties. */
export function selectedProperties(
  context: RequestContext,
  table: TableDefinition,
  entity: XmlElement,
): readonly string[] | undefined {
  const attributes = childrenNamed(entity, 'attribute').map((one) => one.attributes['name'] ?? '');
  if (attributes.length === 0) return childrenNamed(entity, 'all-attributes').length > 0 ? undefined : [];
  const properties = [...context.environment.schema.properties(table.logicalName).values()];
  return attributes.flatMap((name) => {
    const column = requireColumn(table, name);
    const property = properties.find((one) => one.column.logicalName === column.logicalName);
    return property === undefined ? [] : [property.name];
  });
}

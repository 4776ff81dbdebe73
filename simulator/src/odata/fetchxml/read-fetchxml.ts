import type { TableDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import { setName } from '../../service/payload.ts';
import { rowsOf } from '../data-sources.ts';
import { fetchXmlCookie } from '../paging.ts';
import { contextMember, envelope, metadataVersionMember } from '../read-collection.ts';
import type { ResourceUrl } from '../url.ts';
import { aggregateRows } from './aggregate.ts';
import { checkFetchXml, isSet } from './check-fetchxml.ts';
import { readPaging } from './fetch-paging.ts';
import { refuseTooMany } from './filters.ts';
import { refuseTooManyLinks } from './joins.ts';
import { compileOrders } from './orders.ts';
import { compileOutputs } from './outputs.ts';
import { childrenNamed, parseFetchXml, type XmlElement } from './parse-fetchxml.ts';
import { compilePlan, requireTable, type Plan } from './plan.ts';
import { markOf, readTuples, type TupleQuery } from './read-tuples.ts';

const NAMESPACE = 'Microsoft.Dynamics.CRM.';
const COUNT_LIMIT = 5000;

/** `GET accounts?fetchXml=…`. Null columns are left out of the rows; paging shows only when asked for. */
export function readFetchXml(context: RequestContext, table: TableDefinition, url: ResourceUrl): string {
  const fetch = parseFetchXml(url.query.get('fetchXml') ?? '');
  const plan = planOf(context, table, fetch);
  const source = rowsOf(context, table, dataSourceOf(fetch, plan));
  const counted = url.query.get('$count') === 'true' || isSet(fetch.attributes['returntotalrecordcount']);
  if (isSet(fetch.attributes['aggregate']))
    return aggregatePage(context, fetch, plan, { plan, source, orders: [] });
  const outputs = compileOutputs(context, plan, fetch);
  const orders = compileOrders(context, plan, fetch);
  const distinct = isSet(fetch.attributes['distinct']) ? { distinct: outputs.print } : {};
  const query: TupleQuery = { plan, source, orders, ...distinct };
  const { page, size, skip, after, top } = readPaging(fetch);
  const tuples = take(readTuples(context, { ...query, after }), skip + size + 1);
  const shown = tuples.slice(skip, skip + size);
  const more = !top && tuples.length > skip + size;
  const held = outputs.keyed && !orders.some((order) => order.related);
  const mark = more && held ? markOf(plan, orders, shown, page) : undefined;
  const head = [
    contextMember(context, setName(table), outputs.names, []),
    ...(counted ? countMembers(context, take(readTuples(context, query), COUNT_LIMIT + 1).length) : []),
    ...metadataVersionMember(context),
    ...annotationMember(context, 'fetchxmlpagingcookie', mark && JSON.stringify(fetchXmlCookie(mark))),
    ...annotationMember(context, 'morerecords', String(more)),
    ...rowVersionMember(context, fetch),
  ];
  return envelope(head, shown.map(outputs.print), undefined);
}

/** @throws ServiceError 400 where the text is no query of this table that the service takes */
export function planOf(context: RequestContext, table: TableDefinition, fetch: XmlElement): Plan {
  checkFetchXml(fetch);
  refuseTooManyLinks(fetch);
  refuseTooMany(fetch);
  const [entity, ...others] = childrenNamed(fetch, 'entity');
  if (entity === undefined || others.length > 0) {
    throw badRequest('A required element was not specified. Element: entity.', '0x80041123');
  }
  const named = requireTable(context, entity.attributes['name'] ?? '');
  if (named.logicalName !== table.logicalName) {
    throw badRequest(
      'The entity name specified in fetchxml does not match the entity name specified in the Entity or Query Expression.',
      '0x80041128',
    );
  }
  return compilePlan(context, table, entity);
}

/** Of other sources than the tables themselves one table is read as it is. */
function dataSourceOf(fetch: XmlElement, plan: Plan): string | undefined {
  const { datasource, aggregate } = fetch.attributes;
  if (datasource === undefined) return undefined;
  if (plan.tables.length === 1 && !isSet(aggregate)) return datasource;
  throw badRequest(
    `Joins and aggregates are not supported for the data source '${datasource}'.`,
    '0x80040203',
  );
}

function aggregatePage(context: RequestContext, fetch: XmlElement, plan: Plan, query: TupleQuery): string {
  const rows = aggregateRows(context, fetch, query);
  const { size, skip, top } = readPaging(fetch);
  const shown = rows.slice(skip, skip + size);
  const head = [
    contextMember(context, setName(plan.base.table), undefined, []),
    ...metadataVersionMember(context),
    ...annotationMember(context, 'morerecords', String(!top && rows.length > skip + size)),
  ];
  return envelope(head, shown, undefined);
}

function countMembers(context: RequestContext, found: number): string[] {
  const count = String(Math.min(found, COUNT_LIMIT));
  return [
    `"@odata.count":${count}`,
    ...annotationMember(context, 'totalrecordcount', count),
    ...annotationMember(context, 'totalrecordcountlimitexceeded', String(found > COUNT_LIMIT)),
  ];
}

/** Every row version below it stays as it is: nothing that is still being written will get a lower one. */
function rowVersionMember(context: RequestContext, fetch: XmlElement): string[] {
  if (!isSet(fetch.attributes['min-active-row-version'])) return [];
  const version = String(context.environment.database.version + 1);
  return annotationMember(context, 'minactiverowversion', JSON.stringify(version));
}

function annotationMember(context: RequestContext, name: string, literal: string | undefined): string[] {
  if (literal === undefined || !context.preferences.annotation(NAMESPACE + name)) return [];
  return [`"@${NAMESPACE}${name}":${literal}`];
}

export function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length >= count) break;
  }
  return taken;
}

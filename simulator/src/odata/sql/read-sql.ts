import type { TableDefinition } from '../../model/definitions.ts';
import { MAX_PAGE_SIZE, type RequestContext } from '../../service/context.ts';
import { setName } from '../../service/payload.ts';
import { rowsOf } from '../data-sources.ts';
import { aggregateRows } from '../fetchxml/aggregate.ts';
import { compileOrders } from '../fetchxml/orders.ts';
import { compileOutputs } from '../fetchxml/outputs.ts';
import { planOf, take } from '../fetchxml/read-fetchxml.ts';
import { markOf, readTuples, type TupleQuery } from '../fetchxml/read-tuples.ts';
import { decodePagePlace, isMark, type PagePlace } from '../paging.ts';
import { contextMember, envelope, metadataVersionMember, nextLink } from '../read-collection.ts';
import type { ResourceUrl } from '../url.ts';
import { parseSql } from './parse-sql.ts';
import { sqlToFetch } from './sql-to-fetch.ts';
import { sqlError } from './sql-tokens.ts';
import type { SqlQuery } from './sql-tree.ts';

const NAMESPACE = 'Microsoft.Dynamics.CRM.';

/** `GET accounts?sql=SELECT …`: rows look like those of FetchXML, pages go on by next links. */
export function readSql(context: RequestContext, table: TableDefinition, url: ResourceUrl): string {
  refuseOtherOptions(url);
  const sql = parseSql(url.query.get('sql') ?? '');
  refuseTop(context, sql);
  const fetch = sqlToFetch(context, sql);
  const plan = planOf(context, table, fetch);
  const source = rowsOf(context, table, undefined);
  const token = url.query.get('$skiptoken');
  const page = pageOf(context, sql, token === undefined ? undefined : decodePagePlace(token));
  if (fetch.attributes['aggregate'] === 'true') {
    const rows = aggregateRows(context, fetch, { plan, source, orders: [] });
    return answer(context, table, url, {
      names: undefined,
      rows: rows.slice(page.skip, page.skip + page.size),
      next: page.whole || rows.length <= page.skip + page.size ? undefined : { nextPage: page.number + 1 },
    });
  }
  const outputs = compileOutputs(context, plan, fetch);
  const orders = compileOrders(context, plan, fetch);
  const query: TupleQuery = { plan, source, orders, ...(sql.distinct ? { distinct: outputs.print } : {}) };
  const after = page.after !== undefined && isMark(page.after) ? page.after : undefined;
  const tuples = take(readTuples(context, { ...query, after }), page.skip + page.size + 1);
  const shown = tuples.slice(page.skip, page.skip + page.size);
  const more = !page.whole && tuples.length > page.skip + page.size;
  const held = outputs.keyed && !orders.some((order) => order.related);
  const stuck = after !== undefined && context.environment.switches.sqlPagingCookie === 'stuck';
  const mark = held
    ? stuck
      ? { ...after, pageNumber: page.number }
      : markOf(plan, orders, shown, page.number)
    : undefined;
  return answer(context, table, url, {
    names: [...(outputs.names ?? []), ...(outputs.keyed ? [table.primaryId] : [])],
    rows: shown.map(outputs.print),
    next: more ? (mark ?? { nextPage: page.number + 1 }) : undefined,
  });
}

interface SqlPage {
  readonly number: number;
  readonly size: number;
  readonly skip: number;
  readonly after: PagePlace | undefined;
  /** The query itself says how many rows it wants: there are no pages. */
  readonly whole: boolean;
}

function pageOf(context: RequestContext, { top, offset }: SqlQuery, after: PagePlace | undefined): SqlPage {
  if (top !== undefined) return { number: 1, size: top, skip: 0, after: undefined, whole: true };
  if (offset !== undefined) {
    const size = Math.min(offset.size ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE);
    return { number: 1, size, skip: offset.skip, after: undefined, whole: true };
  }
  const size = context.preferences.maxPageSize ?? MAX_PAGE_SIZE;
  const number = after === undefined ? 1 : isMark(after) ? after.pageNumber + 1 : after.nextPage;
  const skip = after === undefined || isMark(after) ? 0 : (number - 1) * size;
  return { number, size, skip, after, whole: false };
}

function refuseOtherOptions({ query }: ResourceUrl): void {
  const other = [...query.keys()].find((name) => name.startsWith('$') && name !== '$skiptoken');
  if (other !== undefined) throw sqlError(`The query parameter ${other} can not stand beside sql.`);
}

function refuseTop(context: RequestContext, { top, offset }: SqlQuery): void {
  if (top === undefined && offset === undefined) return;
  if (context.environment.switches.sqlTop === 'refused') {
    throw sqlError('TOP and OFFSET are not supported in queries.');
  }
  if (top !== undefined && top > MAX_PAGE_SIZE) throw sqlError(`TOP can't exceed ${MAX_PAGE_SIZE}.`);
}

function answer(
  context: RequestContext,
  table: TableDefinition,
  url: ResourceUrl,
  result: { names: readonly string[] | undefined; rows: readonly string[]; next: PagePlace | undefined },
): string {
  const { annotation } = context.preferences;
  const total = annotation(`${NAMESPACE}totalrecordcount`) ? [`"@${NAMESPACE}totalrecordcount":-1`] : [];
  const exceeded = annotation(`${NAMESPACE}totalrecordcountlimitexceeded`)
    ? [`"@${NAMESPACE}totalrecordcountlimitexceeded":false`]
    : [];
  const head = [
    contextMember(context, setName(table), result.names, []),
    ...total,
    ...exceeded,
    ...metadataVersionMember(context),
  ];
  return envelope(
    head,
    result.rows,
    result.next === undefined ? undefined : nextLink(context, url, result.next),
  );
}

import type { TableDefinition } from '../model/definitions.ts';
import { covers, depthOn, requirePrivilege, type Caller } from '../security/rights.ts';
import type { RequestContext } from '../service/context.ts';
import type { Environment } from '../service/environment.ts';
import { badRequest } from '../service/errors.ts';
import type { Row } from '../store/table-store.ts';
import { compareTexts } from '../store/values.ts';
import { rowsOf } from './data-sources.ts';
import { compareNullable, compareRows, type Order } from './order.ts';
import { isMark, type PageMark, type PagePlace } from './paging.ts';

/** The rows of the table that the caller may see: fewer than there are, never an error, where depth is short. */
export function readableRows(context: RequestContext, table: TableDefinition): (row: Row) => boolean {
  requirePrivilege(context.caller, table, 'Read');
  return rowReader(context.environment, context.caller, table);
}

/** Lets every row through; readers that see it need not look at the rows. */
export const everyRow = (_row: Row): boolean => true;

export function rowReader(
  environment: Environment,
  caller: Caller,
  table: TableDefinition,
): (row: Row) => boolean {
  const depth = depthOn(caller, table, 'Read');
  if (depth === 8) return everyRow;
  if (depth === 0) return () => false;
  return (row) => covers(caller, table, 'Read', row, environment.database);
}

export interface Page {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: PagePlace | undefined;
}

export interface PageQuery {
  readonly passes: (row: Row) => boolean;
  readonly order: readonly Order[];
  readonly size: number;
  /** Where the page begins; undefined for the first one. */
  readonly after: PagePlace | undefined;
  /** Limits the read to these rows; undefined stands for the whole table. */
  readonly among: readonly Row[] | undefined;
  readonly watermark?: number;
}

/** One page of the rows that pass, in the asked order or that of the primary key. */
export function readPage(context: RequestContext, table: TableDefinition, query: PageQuery): Page {
  const { after, order } = query;
  const number = after === undefined ? 1 : isMark(after) ? after.pageNumber + 1 : after.nextPage;
  const size = rowsOnPage(context, query.size, number, after);
  const skipped = after === undefined || isMark(after) ? 0 : (number - 1) * query.size;
  const found: Row[] = [];
  for (const row of candidates(context, table, query)) {
    if (!query.passes(row)) continue;
    found.push(row);
    if (found.length > skipped + size) break;
  }
  const rows = found.slice(skipped, skipped + size);
  if (found.length <= skipped + size) return { rows, next: undefined };
  if (size < query.size) context.environment.pageCut?.happened(size, query.size);
  if (order.some((one) => one.related)) return { rows, next: { nextPage: number + 1 } };
  if (rows.length > 0) return { rows, next: markAfter(table, query, rows, number) };
  return { rows, next: after !== undefined && isMark(after) ? { ...after, pageNumber: number } : after };
}

/**
 * A page may be cut from outside. Where the service is switched to uneven pages, every third one is empty and every
 * other third short; the rows come later.
 */
function rowsOnPage(
  context: RequestContext,
  size: number,
  number: number,
  after: PagePlace | undefined,
): number {
  const { switches, pageCut } = context.environment;
  if (after === undefined || !isMark(after)) return size;
  if (pageCut !== undefined) return Math.floor(size * pageCut.share);
  if (!switches.shortPages) return size;
  if (number % 3 === 0) return 0;
  return number % 3 === 2 ? Math.ceil(size / 2) : size;
}

function markAfter(
  table: TableDefinition,
  query: PageQuery,
  rows: readonly Row[],
  pageNumber: number,
): PageMark {
  const first = rows[0]!; // pages that end in a mark have rows
  const last = rows.at(-1)!;
  return {
    pageNumber,
    primaryKey: table.primaryId,
    first: first.id,
    last: last.id,
    order: query.order.map(({ column, read }) => ({
      column,
      last: read(last) ?? null,
      first: read(first) ?? null,
    })),
    ...(query.watermark === undefined ? {} : { watermark: query.watermark }),
  };
}

function* candidates(context: RequestContext, table: TableDefinition, query: PageQuery): Generator<Row> {
  const store = rowsOf(context, table, undefined);
  const mark = query.after !== undefined && isMark(query.after) ? query.after : undefined;
  if (query.order.length === 0 && query.among === undefined) {
    yield* store.inOrder(mark?.last);
    return;
  }
  if (mark !== undefined) refuseOtherOrder(mark, query.order);
  const rows = [...(query.among ?? store.values())].sort((a, b) => compareRows(a, b, query.order));
  for (const row of rows) if (mark === undefined || compareToMark(row, mark, query.order) > 0) yield row;
}

/** @throws ServiceError 400 `0x80041129` where the cookie was made by a query with another order */
export function refuseOtherOrder(mark: PageMark, order: readonly Order[]): void {
  const same =
    mark.order.length === order.length && mark.order.every(({ column }, at) => column === order[at]?.column);
  if (!same) throw badRequest('Order by columns do not match those in paging cookie.', '0x80041129');
}

/** Positive where the row stands behind the mark. */
export function compareToMark(row: Row, mark: PageMark, order: readonly Order[]): number {
  for (const [at, { kind, read, descending }] of order.entries()) {
    const difference = compareNullable(kind, read(row), mark.order[at]?.last ?? undefined);
    if (difference !== 0) return descending ? -difference : difference;
  }
  return compareTexts('guid', row.id, mark.last);
}

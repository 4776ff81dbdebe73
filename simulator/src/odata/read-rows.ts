import type { TableDefinition } from '../model/definitions.ts';
import { covers, depthOn, requirePrivilege, type Caller } from '../security/rights.ts';
import type { RequestContext } from '../service/context.ts';
import type { Environment } from '../service/environment.ts';
import { badRequest, propertyNotFound } from '../service/errors.ts';
import type { Row } from '../store/table-store.ts';
import { compareTexts, kindOf, textOf, type Kind } from '../store/values.ts';
import type { PageMark } from './paging.ts';
import { hiddenColumns } from './print-row.ts';
import type { OrderItem } from './query-options.ts';

export interface Order {
  readonly column: string;
  readonly kind: Kind;
  readonly descending: boolean;
}

/** The rows of the table that the caller may see: fewer than there are, never an error, where depth is short. */
export function readableRows(context: RequestContext, table: TableDefinition): (row: Row) => boolean {
  requirePrivilege(context.caller, table, 'Read');
  return rowReader(context.environment, context.caller, table);
}

export function rowReader(
  environment: Environment,
  caller: Caller,
  table: TableDefinition,
): (row: Row) => boolean {
  const depth = depthOn(caller, table, 'Read');
  if (depth === 8) return () => true;
  if (depth === 0) return () => false;
  return (row) => covers(caller, table, 'Read', row, environment.database);
}

export function compileOrder(
  context: RequestContext,
  table: TableDefinition,
  items: readonly OrderItem[],
): readonly Order[] {
  const hidden = hiddenColumns(context, table);
  return items.flatMap((item) => {
    const property = context.environment.schema.properties(table.logicalName).get(item.property);
    if (property === undefined) throw propertyNotFound(item.property, table.logicalName);
    const { column } = property;
    if (hidden.has(column.logicalName)) return [];
    return [{ column: column.logicalName, kind: kindOf(column), descending: item.descending }];
  });
}

export interface Page {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: PageMark | undefined;
}

/** One page of the rows that pass, in the asked order or that of the primary key. */
export function readPage(
  context: RequestContext,
  table: TableDefinition,
  query: {
    readonly passes: (row: Row) => boolean;
    readonly order: readonly Order[];
    readonly size: number;
    readonly after: PageMark | undefined;
    /** Limits the read to these rows; undefined stands for the whole table. */
    readonly among: readonly Row[] | undefined;
    readonly watermark?: number;
  },
): Page {
  const found: Row[] = [];
  for (const row of candidates(context, table, query)) {
    if (!query.passes(row)) continue;
    found.push(row);
    if (found.length > query.size) break;
  }
  if (found.length <= query.size) return { rows: found, next: undefined };
  const rows = found.slice(0, query.size);
  const last = rows.at(-1);
  const first = rows[0];
  if (last === undefined || first === undefined) return { rows, next: undefined };
  const order = query.order.map(({ column }) => ({ column, last: orderText(last, column) ?? null }));
  return {
    rows,
    next: {
      pageNumber: (query.after?.pageNumber ?? 0) + 1,
      primaryKey: table.primaryId,
      first: first.id,
      last: last.id,
      order,
      ...(query.watermark === undefined ? {} : { watermark: query.watermark }),
    },
  };
}

function* candidates(
  context: RequestContext,
  table: TableDefinition,
  query: Pick<Parameters<typeof readPage>[2], 'order' | 'after' | 'among'>,
): Generator<Row> {
  const store = context.environment.database.store(table.logicalName);
  if (query.order.length === 0 && query.among === undefined) {
    yield* store.inOrder(query.after?.last);
    return;
  }
  if (query.after !== undefined && query.after.order.length !== query.order.length) {
    throw badRequest("Paging cookie's orders do not match those of the query.", '0x80041129');
  }
  const rows = [...(query.among ?? store.values())].sort((a, b) => compareRows(a, b, query.order));
  const { after } = query;
  for (const row of rows) if (after === undefined || compareToMark(row, after, query.order) > 0) yield row;
}

export function compareRows(a: Row, b: Row, order: readonly Order[]): number {
  for (const { column, kind, descending } of order) {
    const difference = compareNullable(kind, orderText(a, column), orderText(b, column));
    if (difference !== 0) return descending ? -difference : difference;
  }
  return compareTexts('guid', a.id, b.id);
}

function compareToMark(row: Row, mark: PageMark, order: readonly Order[]): number {
  for (const [at, { column, kind, descending }] of order.entries()) {
    const difference = compareNullable(kind, orderText(row, column), mark.order[at]?.last ?? undefined);
    if (difference !== 0) return descending ? -difference : difference;
  }
  return compareTexts('guid', row.id, mark.last);
}

/** Nulls come first, as in the database. */
function compareNullable(kind: Kind, a: string | undefined, b: string | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -1;
  if (b === undefined) return 1;
  return compareTexts(kind, a, b);
}

function orderText(row: Row, column: string): string | undefined {
  return column === 'versionnumber' ? String(row.version) : textOf(row.values[column]);
}

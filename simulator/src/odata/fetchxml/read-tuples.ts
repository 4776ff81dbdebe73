import type { RequestContext } from '../../service/context.ts';
import type { Row } from '../../store/table-store.ts';
import type { RowSource } from '../data-sources.ts';
import type { PageMark } from '../paging.ts';
import { compareToMark, readableRows, refuseOtherOrder } from '../read-rows.ts';
import { tuplesOf } from './joins.ts';
import { compareTuples, type TupleOrder } from './orders.ts';
import type { Plan, Tuple } from './plan.ts';

export interface TupleQuery {
  readonly plan: Plan;
  readonly source: RowSource;
  readonly orders: readonly TupleOrder[];
  /** What base rows must hold beside the query's own conditions. */
  readonly passes?: (row: Row) => boolean;
  /** Of tuples with the same text only one is taken. */
  readonly distinct?: (tuple: Tuple) => string;
  readonly after?: PageMark | undefined;
}

/** Everything that the query finds for the caller, in its order. */
export function* readTuples(context: RequestContext, query: TupleQuery): Generator<Tuple> {
  const { orders, after, distinct } = query;
  if (after !== undefined) refuseOtherOrder(after, orders);
  const found = orders.length === 0 ? inKeyOrder(context, query) : sorted(context, query);
  const seen = new Set<string>();
  for (const tuple of found) {
    if (distinct !== undefined) {
      const text = distinct(tuple);
      if (seen.has(text)) continue;
      seen.add(text);
    }
    yield tuple;
  }
}

function* inKeyOrder(context: RequestContext, { plan, source, passes, after }: TupleQuery): Generator<Tuple> {
  const readable = readableRows(context, plan.base.table);
  for (const row of source.inOrder(after?.last)) {
    if (readable(row) && (passes === undefined || passes(row))) yield* tuplesOf(plan, row);
  }
}

function sorted(context: RequestContext, query: TupleQuery): Tuple[] {
  const { orders, after } = query;
  const all = [...inKeyOrder(context, { ...query, after: undefined })];
  const rest =
    after === undefined
      ? all
      : all.filter(([row]) => row !== undefined && compareToMark(row, after, orders) > 0);
  return rest.sort((a, b) => compareTuples(a, b, orders));
}

/** Where the page ended. Of a base row whose tuples are split between pages the rest is lost, as in the service. */
export function markOf(
  plan: Plan,
  orders: readonly TupleOrder[],
  tuples: readonly Tuple[],
  pageNumber: number,
): PageMark | undefined {
  const [first] = tuples[0] ?? [];
  const [last] = tuples.at(-1) ?? [];
  if (first === undefined || last === undefined) return undefined;
  return {
    pageNumber,
    primaryKey: plan.base.table.primaryId,
    first: first.id,
    last: last.id,
    order: orders.map(({ column, read }) => ({
      column,
      last: read(last) ?? null,
      first: read(first) ?? null,
    })),
  };
}

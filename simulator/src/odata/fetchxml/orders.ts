import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import { columnOrder, compareNullable, type Order } from '../order.ts';
import { isSet } from './check-fetchxml.ts';
import { tableNamed } from './filters.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';
import { requireColumn, type Plan, type PlanTable, type Tuple } from './plan.ts';

/** An order, and the slot of the table whose rows it reads. */
export interface TupleOrder extends Order {
  readonly slot: number;
}

/** Orders of the entity first, then those of the links; one of the entity may name a link instead. */
export function compileOrders(context: RequestContext, plan: Plan, fetch: XmlElement): readonly TupleOrder[] {
  const byValue = isSet(fetch.attributes['useraworderby']);
  return plan.tables.flatMap((owner) =>
    childrenNamed(owner.element, 'order').flatMap((order) => {
      const { attribute, alias, entityname, descending } = order.attributes;
      if (alias !== undefined) {
        throw badRequest(
          'An alias cannot be specified for an order clause for a non-aggregate Query. Use an attribute.',
          '0x80041132',
        );
      }
      if (attribute === undefined) {
        throw badRequest(
          'An attribute is required for an order clause for a non-aggregate Query.',
          '0x80041133',
        );
      }
      const table: PlanTable = entityname === undefined ? owner : tableNamed(plan, entityname);
      const column = requireColumn(table.table, attribute);
      return columnOrder(context, table.table, column, isSet(descending), byValue).map((one) => ({
        ...one,
        slot: table.slot,
        related: table.slot > 0,
      }));
    }),
  );
}

/** Ties are broken by the keys of the rows, table by table. */
export function compareTuples(a: Tuple, b: Tuple, orders: readonly TupleOrder[]): number {
  for (const { slot, kind, read, descending } of orders) {
    const [left, right] = [a[slot], b[slot]];
    const difference = compareNullable(kind, left && read(left), right && read(right));
    if (difference !== 0) return descending ? -difference : difference;
  }
  for (let slot = 0; slot < Math.max(a.length, b.length); slot++) {
    const difference = compareNullable('guid', a[slot]?.id, b[slot]?.id);
    if (difference !== 0) return difference;
  }
  return 0;
}

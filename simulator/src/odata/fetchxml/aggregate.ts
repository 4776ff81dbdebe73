import type { ColumnDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import { compareNullable } from '../order.ts';
import { kindOf } from '../../store/values.ts';
import { aggregateOutput, type AggregateOutput } from './aggregate-values.ts';
import { isSet } from './check-fetchxml.ts';
import { dateGroup, isDateGrouping, type Group } from './date-grouping.ts';
import { columnGroup } from './column-group.ts';
import { refuseEqualAliases } from './outputs.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';
import { requireColumn, type Plan, type PlanTable, type Tuple } from './plan.ts';
import { readTuples, type TupleQuery } from './read-tuples.ts';

const INPUT_LIMIT = 50_000;

type Output =
  | { readonly kind: 'group'; readonly alias: string; readonly group: Group }
  | { readonly kind: 'aggregate'; readonly alias: string; readonly output: AggregateOutput };

/** The rows of an aggregate query, printed. More than 50,000 rows of input are refused, or fewer where asked. */
export function aggregateRows(context: RequestContext, fetch: XmlElement, query: TupleQuery): string[] {
  const { plan } = query;
  refuseEqualAliases(plan);
  const outputs = plan.tables.flatMap((table) =>
    childrenNamed(table.element, 'attribute').map((one) => compileOutput(context, table, one)),
  );
  if (outputs.length === 0) throw badRequest('A required element was not specified.', '0x80041123');
  const groups = groupTuples(context, fetch, query, outputs);
  const order = compileOrder(plan, outputs);
  return groups.sort(order).map((tuples) => `{${outputs.flatMap((one) => members(one, tuples)).join(',')}}`);
}

type GroupOf = readonly Tuple[];

function groupTuples(
  context: RequestContext,
  fetch: XmlElement,
  query: TupleQuery,
  outputs: readonly Output[],
): GroupOf[] {
  const limit = inputLimit(fetch.attributes['aggregatelimit']);
  const by = outputs.flatMap((output) => (output.kind === 'group' ? [output.group] : []));
  const groups = new Map<string, Tuple[]>();
  let count = 0;
  for (const tuple of readTuples(context, query)) {
    if (++count > limit) throw limitExceeded();
    const key = JSON.stringify(by.map((group) => group.key(tuple)?.toLowerCase() ?? null));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [tuple]);
    else group.push(tuple);
  }
  if (by.length === 0 && count === 0) return [[]];
  return [...groups.values()];
}

function inputLimit(text: string | undefined): number {
  if (text === undefined) return INPUT_LIMIT;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0 && limit <= INPUT_LIMIT) return limit;
  throw badRequest(`Invalid value specified for type. aggregatelimit: '${text}'.`, '0x80041108');
}

function limitExceeded() {
  return badRequest('The maximum record limit is exceeded. Reduce the number of records.', '0x8004E023');
}

function compileOutput(context: RequestContext, table: PlanTable, attribute: XmlElement): Output {
  const { name, alias, aggregate, groupby, dategrouping, distinct } = attribute.attributes;
  if (alias === undefined || !/^[A-Za-z_][A-Za-z0-9_.]*$/.test(alias)) {
    throw badRequest('Invalid alias for aggregate operation.', '0x80041109');
  }
  const column = requireColumn(table.table, name);
  if (aggregate !== undefined && isSet(groupby)) {
    throw badRequest('An attribute can either be an aggregate or a Group By but not both', '0x80041137');
  }
  if (aggregate !== undefined) {
    return {
      kind: 'aggregate',
      alias,
      output: aggregateOutput(context, table, column, aggregate, isSet(distinct)),
    };
  }
  if (!isSet(groupby)) {
    throw badRequest('Attributes can not be returned when aggregate operation is specified.', '0x80041107');
  }
  return { kind: 'group', alias, group: groupOf(context, table, column, dategrouping) };
}

function groupOf(
  context: RequestContext,
  table: PlanTable,
  column: ColumnDefinition,
  dategrouping: string | undefined,
): Group {
  if (dategrouping === undefined) return columnGroup(context, table, column);
  if (column.type !== 'DateTimeType' || !isDateGrouping(dategrouping)) {
    throw badRequest('An invalid value was specified for dategrouping.', '0x80041135');
  }
  return dateGroup(context, table, column, dategrouping);
}

function members(output: Output, tuples: readonly Tuple[]): string[] {
  const part =
    output.kind === 'aggregate' ? output.output.value(tuples) : output.group.value(tuples[0] ?? []);
  if (part === undefined) return [];
  const label = (suffix: string) => JSON.stringify(output.alias + suffix);
  const annotations = Object.entries(part.annotations).map(
    ([name, text]) => `${label(`@${name}`)}:${JSON.stringify(text)}`,
  );
  return [...annotations, `${label('')}:${part.literal}`];
}

/** By the aliases that `<order>` names, then by the groups from left to right. */
function compileOrder(plan: Plan, outputs: readonly Output[]): (a: GroupOf, b: GroupOf) => number {
  const named = plan.tables.flatMap((table) =>
    childrenNamed(table.element, 'order').map((order) => orderBy(order, outputs)),
  );
  const rest = outputs
    .filter((output) => output.kind === 'group')
    .map((output) => ({ output: output, descending: false }));
  const orders = [...named, ...rest];
  return (a, b) => {
    for (const { output, descending } of orders) {
      const kind = output.kind === 'group' ? output.group.kind : kindOf(output.output.column);
      const numeric = output.kind === 'aggregate' && kind !== 'text' ? 'number' : kind;
      const difference = compareNullable(numeric, sortText(output, a), sortText(output, b));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
}

function orderBy(order: XmlElement, outputs: readonly Output[]): { output: Output; descending: boolean } {
  const { alias, attribute, descending } = order.attributes;
  if (attribute !== undefined) {
    throw badRequest(
      'An attribute cannot be specified for an order clause for an aggregate Query. Use an alias.',
      '0x80041131',
    );
  }
  const output = outputs.find((one) => one.alias === alias);
  if (output === undefined) {
    throw badRequest('An alias is required for an order clause for an aggregate Query.', '0x80041134');
  }
  return { output, descending: isSet(descending) };
}

function sortText(output: Output, tuples: GroupOf): string | undefined {
  return output.kind === 'group' ? output.group.key(tuples[0] ?? []) : output.output.value(tuples)?.text;
}

import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import { guidSortKey } from '../../model/guid.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import type { Row } from '../../store/table-store.ts';
import { textOf, rowVersion } from '../../store/values.ts';
import { rowReader } from '../read-rows.ts';
import { compileFilters, type Scope } from './filters.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';
import {
  compilePlan,
  requireColumn,
  requireTable,
  type Plan,
  type PlanTable,
  type Tuple,
  type TupleTest,
} from './plan.ts';

const LINK_LIMIT = 15;

/** Links that join rows, and what they do where nothing matches, or more than one row does. */
const JOIN_TYPES: Readonly<Record<string, { outer: boolean; first: boolean }>> = {
  inner: { outer: false, first: false },
  natural: { outer: false, first: false },
  outer: { outer: true, first: false },
  matchfirstrowusingcrossapply: { outer: true, first: true },
};

type Matches = { readonly found: number; readonly passing: number };
const some = ({ passing }: Matches) => passing > 0;

/** Links that only ask whether there are rows: `found` by the link's columns, `passing` its filter too. */
const ROW_FILTERS: Readonly<Record<string, (matches: Matches, inverted: boolean) => boolean>> = {
  any: some,
  exists: some,
  in: some,
  'not any': ({ passing }) => passing === 0,
  all: ({ found, passing }, inverted) => (inverted ? found > 0 && passing === 0 : found === passing),
  'not all': ({ found, passing }, inverted) => (inverted ? passing > 0 : found > passing),
};

/** A table joined to another one of the query. */
export interface Join {
  readonly table: PlanTable;
  /** Slot of the table it is joined to. */
  readonly parent: number;
  readonly outer: boolean;
  /** Only one of the matching rows is taken. */
  readonly first: boolean;
  readonly rows: (parent: Row) => readonly Row[];
  readonly passes: TupleTest;
  readonly joins: readonly Join[];
}

export function compileJoins(scope: Scope): readonly Join[] {
  return childrenNamed(scope.self.element, 'link-entity').flatMap((link) => {
    if (isRowFilter(link)) return [];
    const type = link.attributes['link-type'] ?? 'inner';
    const { outer, first } =
      (Object.hasOwn(JOIN_TYPES, type) ? JOIN_TYPES[type] : undefined) ?? refuseType(type);
    const table = scope.tables.find((one) => one.element === link)!; // every link has its table
    refuseElasticJoin([scope.self.table, table.table], type);
    const inner: Scope = { ...scope, self: table };
    const { before, after } = compileFilters(inner);
    const rows = linkedRows(scope.context, scope.self.table, table.table, link);
    const passes: TupleTest = (tuple) => before(tuple) && after(tuple);
    return [{ table, parent: scope.self.slot, outer, first, rows, passes, joins: compileJoins(inner) }];
  });
}

function refuseType(type: string): never {
  throw badRequest(
    `The only valid values for link-type attribute are 'natural', 'inner', and 'outer'. Value: '${type}'.`,
    '0x80041117',
  );
}

/** The store of elastic tables knows left outer joins only, whichever side of the link they are on. */
function refuseElasticJoin(sides: readonly TableDefinition[], type: string): void {
  const elastic = sides.find((table) => table.tableType === 'Elastic');
  if (elastic === undefined || type === 'outer') return;
  throw badRequest(
    `The link type '${type}' is not supported for the elastic table ${elastic.logicalName}; only 'outer' is.`,
    '0x80048d0b',
  );
}

export function isRowFilter(link: XmlElement): boolean {
  return Object.hasOwn(ROW_FILTERS, link.attributes['link-type'] ?? 'inner');
}

/** Undefined where the link joins rows instead. */
export function compileRowFilter(
  context: RequestContext,
  parent: PlanTable,
  link: XmlElement,
): TupleTest | undefined {
  const type = link.attributes['link-type'] ?? 'inner';
  const judge = Object.hasOwn(ROW_FILTERS, type) ? ROW_FILTERS[type] : undefined;
  if (judge === undefined) return undefined;
  const table = requireTable(context, link.attributes['name'] ?? '');
  refuseElasticJoin([parent.table, table], type);
  const rows = linkedRows(context, parent.table, table, link);
  const plan = compilePlan(context, table, link);
  const inverted = context.environment.switches.fetchAllLinks === 'inverted';
  return (tuple) => {
    const row = tuple[parent.slot];
    const found = row === undefined ? [] : rows(row);
    const passing = found.filter((one) => !tuplesOf(plan, one).next().done).length;
    return judge({ found: found.length, passing }, inverted);
  };
}

/** Every way to join the row with rows of the other tables that holds all conditions. */
export function* tuplesOf(plan: Plan, row: Row): Generator<Tuple> {
  const start: Tuple = [row];
  if (!plan.before(start)) return;
  for (const tuple of joined(start, plan.joins)) if (plan.after(tuple)) yield tuple;
}

function* joined(tuple: Tuple, joins: readonly Join[]): Generator<Tuple> {
  const [join, ...rest] = joins;
  if (join === undefined) {
    yield tuple;
    return;
  }
  let found = false;
  for (const inner of matches(tuple, join)) {
    found = true;
    yield* joined(inner, rest);
    if (join.first) break;
  }
  if (!found && join.outer) yield* joined(tuple, rest);
}

function* matches(tuple: Tuple, join: Join): Generator<Tuple> {
  const parent = tuple[join.parent];
  for (const row of parent === undefined ? [] : join.rows(parent)) {
    const next = [...tuple];
    next[join.table.slot] = row;
    if (join.passes(next)) yield* joined(next, join.joins);
  }
}

/** Rows of the linked table that the caller may see and whose `from` column equals the row's `to` column. */
function linkedRows(
  context: RequestContext,
  parent: TableDefinition,
  table: TableDefinition,
  link: XmlElement,
): (row: Row) => readonly Row[] {
  const [from, to] = linkColumns(context, parent, table, link);
  const readable = rowReader(context.environment, context.caller, table);
  const store = context.environment.database.store(table.logicalName);
  return (row) => {
    const key = to.logicalName === 'versionnumber' ? rowVersion(row) : textOf(row.values[to.logicalName]);
    if (key === undefined) return [];
    if (from.logicalName === table.primaryId) {
      const found = store.get(key);
      return found !== undefined && readable(found) ? [found] : [];
    }
    const found = store.referrers(from.logicalName, key).flatMap((id) => store.get(id) ?? []);
    return found.filter(readable).sort((a, b) => (guidSortKey(a.id) < guidSortKey(b.id) ? -1 : 1));
  };
}

/** Without `from` and `to` the columns of the relationship between the two tables, if there is just one. */
function linkColumns(
  context: RequestContext,
  parent: TableDefinition,
  table: TableDefinition,
  link: XmlElement,
): readonly [from: ColumnDefinition, to: ColumnDefinition] {
  const { from, to } = link.attributes;
  if (from !== undefined && to !== undefined) return [requireColumn(table, from), requireColumn(parent, to)];
  if (from !== undefined || to !== undefined) {
    throw badRequest(
      'AttributeFrom and AttributeTo must be either both specified or both omitted.',
      '0x80041111',
    );
  }
  const { schema } = context.environment;
  const upwards = schema
    .parents(parent.logicalName)
    .filter((one) => one.referencedTable === table.logicalName)
    .map((one) => [one.referencedColumn, one.referencingColumn] as const);
  const downwards = schema
    .children(parent.logicalName)
    .filter((one) => one.referencingTable === table.logicalName)
    .map((one) => [one.referencingColumn, one.referencedColumn] as const);
  const [only, ...others] = [...upwards, ...downwards];
  if (only === undefined || others.length > 0) {
    throw badRequest(
      `There is not exactly one relationship between '${parent.logicalName}' and '${table.logicalName}'.`,
      '0x80041111',
    );
  }
  return [requireColumn(table, only[0]), requireColumn(parent, only[1])];
}

/** All links of the query count, wherever they stand. @throws ServiceError 400 `0x8004430D` */
export function refuseTooManyLinks(fetch: XmlElement): void {
  const count = (element: XmlElement): number =>
    element.children.reduce((sum, child) => sum + count(child), element.name === 'link-entity' ? 1 : 0);
  if (count(fetch) <= LINK_LIMIT) return;
  throw badRequest('Number of link entities in query exceeded maximum limit.', '0x8004430D');
}

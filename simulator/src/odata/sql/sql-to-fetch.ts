import type { RequestContext } from '../../service/context.ts';
import type { XmlElement } from '../fetchxml/parse-fetchxml.ts';
import { requireTable } from '../fetchxml/plan.ts';
import { sqlError } from './sql-tokens.ts';
import type { ColumnName, SelectItem, SqlCondition, SqlJoin, SqlQuery, TableName } from './sql-tree.ts';

/** The query in FetchXML that means the same; the meaning of both is defined once. */
export function sqlToFetch(context: RequestContext, query: SqlQuery): XmlElement {
  const tables = [query.from, ...query.joins.map((join) => join.table)];
  const aliases = new Set(tables.map((table) => table.alias));
  if (aliases.size < tables.length) throw sqlError('The same alias is used for two tables.');
  const grouped = query.groupBy.length > 0 || query.items.some((item) => item.aggregate !== undefined);
  const entities = new Map<string, XmlElement>();
  const entity = element('entity', { name: query.from.name });
  entities.set(query.from.alias, entity);
  for (const join of query.joins) addJoin(join, entities);
  const scope: Scope = { context, query, tables, entities, grouped };
  query.items.forEach((item, at) => addItem(scope, item, at));
  for (const { column, descending } of query.orderBy)
    entity.children.push(orderElement(scope, column, descending));
  if (query.where !== undefined)
    entity.children.push(element('filter', {}, [conditionElement(scope, query.where)]));
  const attributes = {
    ...(grouped ? { aggregate: 'true' } : {}),
    ...(query.distinct ? { distinct: 'true' } : {}),
    useraworderby: 'true',
  };
  return element('fetch', attributes, [entity]);
}

interface Scope {
  readonly context: RequestContext;
  readonly query: SqlQuery;
  readonly tables: readonly TableName[];
  readonly entities: ReadonlyMap<string, XmlElement>;
  readonly grouped: boolean;
}

function element(
  name: string,
  attributes: XmlElement['attributes'],
  children: XmlElement[] = [],
): XmlElement {
  return { name, attributes, children, text: '' };
}

/** A joined table stands inside the one that its ON condition names. */
function addJoin({ table, outer, on }: SqlJoin, entities: Map<string, XmlElement>): void {
  const parts = on.kind === 'and' ? on.parts : [on];
  const [equal, ...others] = parts.filter((part) => part.kind === 'equal');
  if (equal === undefined || others.length > 0) {
    throw sqlError('A join needs one equality between a column of each table.');
  }
  const [own, other] =
    equal.left.table === table.alias ? [equal.left, equal.right] : [equal.right, equal.left];
  const parent = other.table === undefined ? undefined : entities.get(other.table);
  if (own.table !== table.alias || parent === undefined) {
    throw sqlError(`The join of '${table.alias}' does not name a table before it.`);
  }
  const link = element('link-entity', {
    name: table.name,
    from: own.column,
    to: other.column,
    alias: table.alias,
    'link-type': outer ? 'outer' : 'inner',
  });
  const filters = parts.filter((part) => part.kind !== 'equal');
  if (filters.length > 0) {
    link.children.push(
      element(
        'filter',
        {},
        filters.map((part) => joinCondition(part, table.alias)),
      ),
    );
  }
  parent.children.push(link);
  entities.set(table.alias, link);
}

function joinCondition(condition: SqlCondition, alias: string): XmlElement {
  if (condition.kind === 'test' && condition.column.table === alias) return testElement(condition, undefined);
  throw sqlError(`The ON condition of '${alias}' may only test columns of that table beside the equality.`);
}

function addItem(scope: Scope, item: SelectItem, at: number): void {
  const owner = item.column === undefined ? scope.query.from : ownerOf(scope, item.column);
  const name = item.column?.column ?? requireTable(scope.context, owner.name).primaryId;
  const entity = scope.entities.get(owner.alias)!; // every table has its element
  entity.children.push(element('attribute', { name, ...itemAttributes(scope, item, name, at) }));
}

const FUNCTIONS = { SUM: 'sum', AVG: 'avg', MIN: 'min', MAX: 'max', COUNT: 'countcolumn' } as const;

function itemAttributes(scope: Scope, item: SelectItem, name: string, at: number): Record<string, string> {
  const { alias, aggregate, column, distinct } = item;
  if (!scope.grouped) return alias === undefined ? {} : { alias };
  if (aggregate === undefined) {
    if (column === undefined || !isGrouped(scope, column)) {
      throw sqlError(`Column '${name}' is neither in an aggregate function nor in the GROUP BY clause.`);
    }
    return { alias: alias ?? name, groupby: 'true' };
  }
  return {
    alias: alias ?? `column${at + 1}`,
    aggregate: column === undefined ? 'count' : FUNCTIONS[aggregate],
    ...(distinct ? { distinct: 'true' } : {}),
  };
}

function isGrouped(scope: Scope, column: ColumnName): boolean {
  return scope.query.groupBy.some((one) => same(scope, one, column));
}

function same(scope: Scope, a: ColumnName, b: ColumnName): boolean {
  return a.column === b.column && ownerOf(scope, a).alias === ownerOf(scope, b).alias;
}

/** The table that a column belongs to: the one named, else the only one that has such a column. */
function ownerOf({ context, tables }: Scope, { table, column }: ColumnName): TableName {
  const named = tables.filter((one) => (table === undefined ? true : one.alias === table));
  if (named.length === 0)
    throw sqlError(`The multi-part identifier '${table}.${column}' could not be bound.`);
  const [only, ...others] =
    named.length === 1 ? named : named.filter((one) => requireTable(context, one.name).columns.has(column));
  if (only === undefined) throw sqlError(`Invalid column name '${column}'.`);
  if (others.length > 0) throw sqlError(`Ambiguous column name '${column}'.`);
  return only;
}

/** Rows are ordered by any column; groups by what is selected. */
function orderElement(scope: Scope, column: ColumnName, descending: boolean): XmlElement {
  const direction = { descending: String(descending) };
  const { items, from } = scope.query;
  const at = items.findIndex(
    (item) =>
      (column.table === undefined && item.alias?.toLowerCase() === column.column) ||
      (item.aggregate === undefined &&
        item.column?.column === column.column &&
        same(scope, item.column, column)),
  );
  const item = items[at];
  if (scope.grouped) {
    if (item === undefined) throw sqlError(`ORDER BY column '${column.column}' is not in the select list.`);
    const alias =
      item.alias ?? (item.aggregate === undefined ? item.column?.column : `column${at + 1}`) ?? '';
    return element('order', { alias, ...direction });
  }
  const ordered = item?.column ?? column;
  const owner = ownerOf(scope, ordered);
  const table: Record<string, string> = owner.alias === from.alias ? {} : { entityname: owner.alias };
  return element('order', { attribute: ordered.column, ...table, ...direction });
}

function conditionElement(scope: Scope, condition: SqlCondition): XmlElement {
  switch (condition.kind) {
    case 'test': {
      const owner = ownerOf(scope, condition.column);
      return testElement(condition, owner.alias === scope.query.from.alias ? undefined : owner.alias);
    }
    case 'equal':
      throw sqlError('A column can only be compared with a constant.');
    default: {
      // An `or` of nothing stands for what no row holds.
      const { primaryId } = requireTable(scope.context, scope.query.from.name);
      const never = element('condition', { attribute: primaryId, operator: 'null' });
      const parts = condition.parts.map((part) => conditionElement(scope, part));
      return element('filter', { type: condition.kind }, parts.length === 0 ? [never] : parts);
    }
  }
}

function testElement(
  { column, operator, values }: Extract<SqlCondition, { kind: 'test' }>,
  entityname: string | undefined,
): XmlElement {
  const table = entityname === undefined ? {} : { entityname };
  const children = values.map((text) => ({ ...element('value', {}), text }));
  return element('condition', { attribute: column.column, operator, ...table }, children);
}

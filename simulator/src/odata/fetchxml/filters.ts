import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import { compareTexts, kindOf } from '../../store/values.ts';
import { holds, type Comparison } from '../conditions/compare-operators.ts';
import { compileOperator, refuseTooManyConditions } from '../conditions/operators.ts';
import { compileRowFilter } from './joins.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';
import { columnReader, requireColumn, type PlanTable, type TupleTest } from './plan.ts';

/** Where a filter stands: in which table's element, and which other tables it may speak of. */
export interface Scope {
  readonly context: RequestContext;
  readonly tables: readonly PlanTable[];
  readonly self: PlanTable;
}

/** A test, and whether it looks at other tables than the one it stands in. */
interface Compiled {
  readonly test: TupleTest;
  readonly crosses: boolean;
}

const COMPARISONS: ReadonlySet<string> = new Set<Comparison>(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);

/** The `<filter>` elements of a table, all of which must hold; and links that only filter. */
export function compileFilters(scope: Scope): { before: TupleTest; after: TupleTest } {
  const { element } = scope.self;
  const parts = [
    ...childrenNamed(element, 'filter').map((filter) => compileGroup(filter, scope)),
    ...childrenNamed(element, 'link-entity').flatMap((link) => {
      const test = compileRowFilter(scope.context, scope.self, link);
      return test === undefined ? [] : [{ test, crosses: false }];
    }),
  ];
  return {
    before: all(parts.filter((part) => !part.crosses).map((part) => part.test)),
    after: all(parts.filter((part) => part.crosses).map((part) => part.test)),
  };
}

function all(tests: readonly TupleTest[]): TupleTest {
  return (tuple) => tests.every((test) => test(tuple));
}

function compileGroup(filter: XmlElement, scope: Scope): Compiled {
  const { type = 'and' } = filter.attributes;
  if (type !== 'and' && type !== 'or') {
    throw badRequest("Unsupported filter type. Valid values are 'and', or 'or'.", '0x80041122');
  }
  const parts = filter.children.map((child) => compilePart(child, scope));
  const tests = parts.map((part) => part.test);
  const any: TupleTest = (tuple) => tests.length === 0 || tests.some((test) => test(tuple));
  return { test: type === 'or' ? any : all(tests), crosses: parts.some((part) => part.crosses) };
}

function compilePart(child: XmlElement, scope: Scope): Compiled {
  if (child.name === 'filter') return compileGroup(child, scope);
  if (child.name === 'condition') return compileCondition(child, scope);
  const test = compileRowFilter(scope.context, scope.self, child);
  if (test === undefined) {
    throw badRequest(
      `The link type '${child.attributes['link-type'] ?? 'inner'}' can not stand in a filter.`,
      '0x80041117',
    );
  }
  return { test, crosses: false };
}

function compileCondition(condition: XmlElement, scope: Scope): Compiled {
  const { attribute, operator = '', value, valueof, entityname } = condition.attributes;
  const owner = entityname === undefined ? scope.self : tableNamed(scope, entityname);
  const column = requireColumn(owner.table, attribute);
  const read = columnReader(owner, column);
  if (valueof !== undefined) {
    const [otherAlias, otherName] = valueof.includes('.') ? valueof.split('.') : [undefined, valueof];
    const other = otherAlias === undefined ? owner : tableNamed(scope, otherAlias);
    const otherColumn = requireColumn(other.table, otherName);
    const compare = columnComparison(operator, kindOf(column), kindOf(otherColumn));
    const readOther = columnReader(other, otherColumn);
    const crosses = owner.slot !== scope.self.slot || other.slot !== scope.self.slot;
    return { test: (tuple) => compare(read(tuple), readOther(tuple)), crosses };
  }
  const values = childrenNamed(condition, 'value').map((one) => one.text);
  const test = compileOperator(
    { context: scope.context, table: owner.table, column },
    operator,
    value === undefined ? values : [value],
  );
  return { test: (tuple) => test(read(tuple)), crosses: owner.slot !== scope.self.slot };
}

/** Two columns can be compared for order and equality where they are of one type. */
function columnComparison(
  operator: string,
  kind: ReturnType<typeof kindOf>,
  otherKind: ReturnType<typeof kindOf>,
): (left: string | undefined, right: string | undefined) => boolean {
  if (!COMPARISONS.has(operator) || kind !== otherKind) {
    throw badRequest(
      `Incorrect filter condition or conditions. The operator '${operator}' can not compare these columns.`,
      '0x80041106',
    );
  }
  const comparison = operator as Comparison; // one of COMPARISONS
  return (left, right) => {
    if (left === undefined || right === undefined) return comparison === 'ne' && left !== right;
    return holds(comparison, compareTexts(kind, left, right));
  };
}

/** By alias, else by the table's name. @throws ServiceError 400 `0x8004110a` */
export function tableNamed({ tables }: Pick<Scope, 'tables'>, name: string): PlanTable {
  const found =
    tables.find((one) => one.slot > 0 && one.alias === name) ??
    tables.find((one) => one.table.logicalName === name);
  if (found !== undefined) return found;
  throw badRequest(
    `The specified alias for the given entity in the condition does not exist. Alias: '${name}'.`,
    '0x8004110a',
  );
}

/** All conditions in the query, those of links too. @throws ServiceError 400 `0x8004430C` */
export function refuseTooMany(fetch: XmlElement): void {
  const count = (element: XmlElement): number =>
    element.children.reduce((sum, child) => sum + count(child), element.name === 'condition' ? 1 : 0);
  refuseTooManyConditions(count(fetch));
}

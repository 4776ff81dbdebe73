import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import { parseGuid } from '../model/guid.ts';
import { covers } from '../model/schema.ts';
import type { RequestContext } from '../service/context.ts';
import { badRequest, propertyNotFound } from '../service/errors.ts';
import type { Row } from '../store/table-store.ts';
import { compareTexts, isReference, kindOf, textOf, type Kind, rowVersion } from '../store/values.ts';
import { dateValue } from './conditions/column-value.ts';
import { holds } from './conditions/compare-operators.ts';
import { compileOperator, refuseTooManyConditions } from './conditions/operators.ts';
import {
  countConditions,
  type Comparison,
  type Filter,
  type Lambda,
  type Literal,
  type Operand,
  type Path,
} from './filter-tree.ts';
import { likePattern } from './like.ts';

export type Predicate = (row: Row) => boolean;

export interface FilterContext {
  readonly request: RequestContext;
  /** Rows a navigation property leads to; the reader of collections supplies it. */
  readonly related: (table: string, row: Row, navigation: string) => { table: string; rows: readonly Row[] };
  /** Secured columns that the caller may not read count as null. */
  readonly hidden: (table: string, column: string) => boolean;
}

/**
 * Turns a filter into a test of rows. Names are checked now, so that a bad one is refused even on an empty table.
 * @throws ServiceError 400
 */
export function compileFilter(filter: Filter, table: string, context: FilterContext): Predicate {
  refuseTooManyConditions(countConditions(filter));
  return compile(filter, table, context);
}

function compile(filter: Filter, table: string, context: FilterContext): Predicate {
  switch (filter.kind) {
    case 'and': {
      const [left, right] = [compile(filter.left, table, context), compile(filter.right, table, context)];
      return (row) => left(row) && right(row);
    }
    case 'or': {
      const [left, right] = [compile(filter.left, table, context), compile(filter.right, table, context)];
      return (row) => left(row) || right(row);
    }
    case 'not': {
      const inner = compile(filter.inner, table, context);
      return (row) => !inner(row);
    }
    case 'compare':
      return compileComparison(filter.operator, filter.left, filter.right, table, context);
    case 'text':
      return compileText(filter, table, context);
    case 'condition': {
      const { owner, column, read } = compilePath(filter.path, table, context);
      const test = compileOperator(
        { context: context.request, table: owner, column },
        filter.operator,
        filter.values,
      );
      return (row) => test(read(row));
    }
    case 'flag': {
      const { kind, read } = compilePath(filter.path, table, context);
      if (kind !== 'boolean')
        throw badRequest('The $filter expression must evaluate to a single boolean value.');
      return (row) => read(row) === 'true';
    }
    case 'any':
    case 'all':
      return compileLambda(filter, table, context);
  }
}

/** A column and how to read it from a row of the table where the path begins. */
interface Reader {
  readonly owner: TableDefinition;
  readonly column: ColumnDefinition;
  readonly kind: Kind;
  readonly read: (row: Row) => string | undefined;
}

const TEXT_PATTERNS = {
  contains: (value: string) => `%${value}%`,
  startswith: (value: string) => `${value}%`,
  endswith: (value: string) => `%${value}`,
};

function compileText(
  filter: Extract<Filter, { kind: 'text' }>,
  table: string,
  context: FilterContext,
): Predicate {
  const { column, kind, read } = compilePath(filter.path, table, context);
  if (kind !== 'text' || column.type === 'DateTimeType') {
    throw badRequest(
      `No function signature for the function with name '${filter.function}' matches the specified arguments.`,
    );
  }
  const value = literal(filter.value);
  if (value.type !== 'string') throw incompatible(kind, value);
  const pattern = likePattern(TEXT_PATTERNS[filter.function](value.text));
  return (row) => {
    const text = read(row);
    return text !== undefined && pattern.test(text);
  };
}

function compileComparison(
  operator: Comparison,
  left: Operand,
  right: Operand,
  table: string,
  context: FilterContext,
): Predicate {
  if (left.kind === 'literal' && right.kind === 'path') {
    return compileComparison(MIRRORED[operator], right, left, table, context);
  }
  if (left.kind !== 'path') throw badRequest('A comparison needs a property.');
  const reader = compilePath(left, table, context);
  refuseGuidOrder(operator, reader.kind, context);
  if (right.kind === 'path') return compareColumns(operator, reader, compilePath(right, table, context));
  const { kind, read } = reader;
  if (right.type === 'null') {
    if (operator !== 'eq' && operator !== 'ne') return () => false;
    return (row) => (read(row) === undefined) === (operator === 'eq');
  }
  const value = comparable(reader, right);
  return (row) => compared(operator, kind, read(row), value);
}

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  eq: 'eq',
  ne: 'ne',
  gt: 'lt',
  ge: 'le',
  lt: 'gt',
  le: 'ge',
};

/** Two columns of the same row, or of rows it leads to; only columns of one type can be compared. */
function compareColumns(operator: Comparison, left: Reader, right: Reader): Predicate {
  if (left.kind !== right.kind) {
    throw badRequest(
      `A binary operator with incompatible types was detected. Found operand types '${EDM_TYPES[left.kind]}' and '${EDM_TYPES[right.kind]}' for operator kind '${KINDS[operator]}'.`,
    );
  }
  return (row) => compared(operator, left.kind, left.read(row), right.read(row));
}

/** Null is unequal to every value, and neither greater nor less. */
function compared(
  operator: Comparison,
  kind: Kind,
  left: string | undefined,
  right: string | undefined,
): boolean {
  if (left === undefined || right === undefined) return operator === 'ne' && left !== right;
  return holds(operator, compareTexts(kind, left, right));
}

function refuseGuidOrder(operator: Comparison, kind: Kind, { request }: FilterContext): void {
  if (kind !== 'guid' || operator === 'eq' || operator === 'ne') return;
  if (request.environment.switches.guidOrderInFilter === 'allowed') return;
  throw badRequest(
    `A binary operator with incompatible types was detected. Found operand types 'Edm.Guid' and 'Edm.Guid' for operator kind '${KINDS[operator]}'.`,
  );
}

function comparable({ kind, column }: Reader, value: Literal): string {
  if (kind === 'guid') {
    const guid = parseGuid(value.text);
    if (guid === undefined) throw incompatible(kind, value);
    return guid;
  }
  if (kind === 'number' && value.type !== 'number' && value.type !== 'enum') throw incompatible(kind, value);
  if (kind === 'boolean' && value.type !== 'boolean') throw incompatible(kind, value);
  if (column.type === 'DateTimeType') {
    if (value.type !== 'date' && value.type !== 'string') throw incompatible(kind, value);
    return dateValue(column, value.text);
  }
  if (kind === 'text' && value.type !== 'string' && value.type !== 'enum') throw incompatible(kind, value);
  return value.text;
}

const EDM_TYPES: Readonly<Record<Kind, string>> = {
  guid: 'Edm.Guid',
  number: 'Edm.Int32',
  boolean: 'Edm.Boolean',
  text: 'Edm.String',
};

const KINDS: Readonly<Record<Comparison, string>> = {
  eq: 'Equal',
  ne: 'NotEqual',
  gt: 'GreaterThan',
  ge: 'GreaterThanOrEqual',
  lt: 'LessThan',
  le: 'LessThanOrEqual',
};

function incompatible(kind: Kind, value: Literal) {
  return badRequest(
    'A binary operator with incompatible types was detected. Found operand types ' +
      `'${EDM_TYPES[kind]}' and '${value.type}' ('${value.text}') for operator kind 'Equal'.`,
  );
}

function literal(operand: Operand): Literal {
  if (operand.kind === 'path')
    throw badRequest(`A constant is needed instead of '${operand.steps.join('/')}'.`);
  return operand;
}

function compilePath(path: Path, table: string, context: FilterContext): Reader {
  const [first, ...rest] = path.steps;
  if (first === undefined) throw badRequest('A property name is missing.');
  if (rest.length > 0) return compileNavigation(first, rest, table, context);
  const { schema, switches } = context.request.environment;
  const property = schema.properties(table).get(first);
  const owner = schema.table(table);
  if (property === undefined || owner === undefined) throw propertyNotFound(first, table);
  const { column } = property;
  const kind = kindOf(column);
  if (column.logicalName === 'versionnumber') {
    if (switches.versionNumberInFilter === 'refused') {
      throw badRequest(`The property 'versionnumber' of '${table}' can not be used in $filter.`);
    }
    return { owner, column, kind, read: rowVersion };
  }
  if (context.hidden(table, column.logicalName)) return { owner, column, kind, read: () => undefined };
  return { owner, column, kind, read: (row) => textOf(row.values[column.logicalName]) };
}

function compileNavigation(name: string, rest: string[], table: string, context: FilterContext): Reader {
  const { schema, database } = context.request.environment;
  const navigation = schema.navigation(table, name);
  if (navigation?.kind !== 'single') throw propertyNotFound(name, table);
  const { referencedTable, referencingColumn } = navigation.relationship;
  const inner = compilePath({ kind: 'path', steps: rest }, referencedTable, context);
  return {
    ...inner,
    read: (row) => {
      const reference = row.values[referencingColumn];
      // Of a polymorphic lookup only the property of the table that it points to leads anywhere.
      if (!isReference(reference) || !covers(referencedTable, reference.table, schema)) return undefined;
      const target = database.get(reference.table, reference.id);
      return target === undefined ? undefined : inner.read(target);
    },
  };
}

function compileLambda(filter: Lambda, table: string, context: FilterContext): Predicate {
  const [name, ...deeper] = filter.path.steps;
  const navigation =
    name === undefined ? undefined : context.request.environment.schema.navigation(table, name);
  if (name === undefined || navigation === undefined) throw propertyNotFound(name ?? '', table);
  if (navigation.kind === 'single' || deeper.length > 0) {
    throw badRequest(
      `Conditions on a collection are not supported behind the single-valued navigation property '${name}'.`,
    );
  }
  const target =
    navigation.kind === 'collection'
      ? navigation.relationship.referencingTable
      : navigation.side === 1
        ? navigation.relationship.table2
        : navigation.relationship.table1;
  const inner =
    filter.inner === undefined
      ? () => true
      : compile(withoutVariable(filter.inner, filter.variable), target, context);
  return (row) => {
    const { rows } = context.related(table, row, name);
    return filter.kind === 'any' ? rows.some(inner) : rows.every(inner);
  };
}

/** `o/name` inside `any(o:…)` means the column `name` of the related row. */
function withoutVariable(filter: Filter, variable: string): Filter {
  const strip = <T extends Operand>(operand: T): T =>
    operand.kind === 'path' && operand.steps[0] === variable
      ? { ...operand, steps: operand.steps.slice(1) }
      : operand;
  switch (filter.kind) {
    case 'and':
    case 'or':
      return {
        ...filter,
        left: withoutVariable(filter.left, variable),
        right: withoutVariable(filter.right, variable),
      };
    case 'not':
      return { ...filter, inner: withoutVariable(filter.inner, variable) };
    case 'compare':
      return { ...filter, left: strip(filter.left), right: strip(filter.right) };
    case 'text':
      return { ...filter, path: strip(filter.path), value: strip(filter.value) };
    default:
      return { ...filter, path: strip(filter.path) };
  }
}

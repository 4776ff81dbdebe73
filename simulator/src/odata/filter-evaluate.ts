import type { Schema } from '../model/schema.ts';
import type { Database } from '../store/database.ts';
import type { Row } from '../store/table-store.ts';
import { compareTexts, isReference, kindOf, textOf, type Kind } from '../store/values.ts';
import { badRequest, propertyNotFound } from '../service/errors.ts';
import type { Filter, Literal, Operand, Operator, Path } from './filter-parser.ts';
import { likePattern } from './like.ts';
import { parseGuid } from '../model/guid.ts';

export type Predicate = (row: Row) => boolean;

export interface FilterContext {
  readonly schema: Schema;
  readonly database: Database;
  /** Rows a navigation property leads to; the reader of collections supplies it. */
  readonly related: (table: string, row: Row, navigation: string) => { table: string; rows: readonly Row[] };
  /** Secured columns that the caller may not read count as null. */
  readonly hidden: (table: string, column: string) => boolean;
}

/** Turns a filter into a test of rows. Names are checked now, so that a bad one is refused even on an empty table. */
export function compileFilter(filter: Filter, table: string, context: FilterContext): Predicate {
  switch (filter.kind) {
    case 'and': {
      const [left, right] = [
        compileFilter(filter.left, table, context),
        compileFilter(filter.right, table, context),
      ];
      return (row) => left(row) && right(row);
    }
    case 'or': {
      const [left, right] = [
        compileFilter(filter.left, table, context),
        compileFilter(filter.right, table, context),
      ];
      return (row) => left(row) || right(row);
    }
    case 'not': {
      const inner = compileFilter(filter.inner, table, context);
      return (row) => !inner(row);
    }
    case 'compare':
      return compileComparison(filter.operator, filter.left, filter.right, table, context);
    case 'text': {
      const read = compilePath(filter.path, table, context).read;
      const value = literal(filter.value).text;
      const pattern = likePattern(
        filter.function === 'contains'
          ? `%${value}%`
          : filter.function === 'startswith'
            ? `${value}%`
            : `%${value}`,
      );
      return (row) => pattern.test(read(row) ?? '');
    }
    case 'in': {
      const { kind, read } = compilePath(filter.path, table, context);
      const values = filter.values.map((value) => literal(value).text);
      return (row) => {
        const text = read(row);
        return (
          (text !== undefined && values.some((value) => compareTexts(kind, text, value) === 0)) !==
          filter.negated
        );
      };
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

interface Reader {
  readonly kind: Kind;
  readonly read: (row: Row) => string | undefined;
}

function compileComparison(
  operator: Operator,
  left: Operand,
  right: Operand,
  table: string,
  context: FilterContext,
): Predicate {
  if (left.kind === 'literal' && right.kind === 'path') {
    return compileComparison(MIRRORED[operator], right, left, table, context);
  }
  if (left.kind !== 'path') throw badRequest('A comparison needs a property.');
  const { kind, read } = compilePath(left, table, context);
  if (right.kind === 'path') {
    const other = compilePath(right, table, context).read;
    return (row) => holds(operator, kind, read(row), other(row));
  }
  if (right.type === 'null') {
    return (row) => (read(row) === undefined) === (operator === 'eq');
  }
  const value = comparable(kind, right);
  return (row) => holds(operator, kind, read(row), value);
}

const MIRRORED: Readonly<Record<Operator, Operator>> = {
  eq: 'eq',
  ne: 'ne',
  gt: 'lt',
  ge: 'le',
  lt: 'gt',
  le: 'ge',
};

/** Null is unequal to every value, and neither greater nor less. */
export function holds(
  operator: Operator,
  kind: Kind,
  left: string | undefined,
  right: string | undefined,
): boolean {
  if (left === undefined || right === undefined) return operator === 'ne' && left !== right;
  const order = compareTexts(kind, left, right);
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
  }
}

function comparable(kind: Kind, value: Literal): string {
  if (kind === 'guid') {
    const guid = parseGuid(value.text);
    if (guid === undefined) throw incompatible(kind, value);
    return guid;
  }
  if (kind === 'number' && !/^[+-]?[\d.eE+-]+$/.test(value.text)) throw incompatible(kind, value);
  if (value.type === 'date') return normaliseInstant(value.text);
  if (kind === 'text' && value.type === 'number') throw incompatible(kind, value);
  return value.text;
}

function incompatible(kind: Kind, value: Literal) {
  const types: Readonly<Record<Kind, string>> = {
    guid: 'Edm.Guid',
    number: 'Edm.Int32',
    boolean: 'Edm.Boolean',
    text: 'Edm.String',
  };
  return badRequest(
    'A binary operator with incompatible types was detected. Found operand types ' +
      `'${types[kind]}' and '${value.type}' ('${value.text}') for operator kind 'Equal'.`,
  );
}

/** Instants in UTC with whole seconds, as stored; days stay days. */
export function normaliseInstant(text: string): string {
  if (!text.includes('T')) return text;
  const ms = Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(ms)) throw badRequest(`'${text}' is not a valid date and time.`);
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
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
  const property = context.schema.properties(table).get(first);
  if (property === undefined) throw propertyNotFound(first, table);
  const { column } = property;
  const kind = kindOf(column);
  if (column.logicalName === 'versionnumber') return { kind, read: (row) => String(row.version) };
  if (context.hidden(table, column.logicalName)) return { kind, read: () => undefined };
  return { kind, read: (row) => textOf(row.values[column.logicalName]) };
}

function compileNavigation(name: string, rest: string[], table: string, context: FilterContext): Reader {
  const navigation = context.schema.navigation(table, name);
  if (navigation?.kind !== 'single') throw propertyNotFound(name, table);
  const { referencedTable, referencingColumn } = navigation.relationship;
  const inner = compilePath({ kind: 'path', steps: rest }, referencedTable, context);
  return {
    kind: inner.kind,
    read: (row) => {
      const reference = row.values[referencingColumn];
      if (!isReference(reference)) return undefined;
      const target = context.database.get(reference.table, reference.id);
      return target === undefined ? undefined : inner.read(target);
    },
  };
}

type Lambda = Extract<Filter, { kind: 'any' | 'all' }>;

function compileLambda(filter: Lambda, table: string, context: FilterContext): Predicate {
  const [name] = filter.path.steps;
  const navigation = name === undefined ? undefined : context.schema.navigation(table, name);
  if (name === undefined || navigation === undefined || navigation.kind === 'single') {
    throw propertyNotFound(name ?? '', table);
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
      : compileFilter(withoutVariable(filter.inner, filter.variable), target, context);
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

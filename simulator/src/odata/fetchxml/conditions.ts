import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import { parseGuid } from '../../model/guid.ts';
import { badRequest } from '../../service/errors.ts';
import type { Row } from '../../store/table-store.ts';
import { compareTexts, kindOf, textOf } from '../../store/values.ts';
import { holds, normaliseInstant, type Predicate } from '../filter-evaluate.ts';
import type { Operator } from '../filter-parser.ts';
import { likePattern } from '../like.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';

const COMPARISONS: Readonly<Record<string, Operator>> = {
  eq: 'eq',
  ne: 'ne',
  neq: 'ne',
  gt: 'gt',
  ge: 'ge',
  lt: 'lt',
  le: 'le',
  on: 'eq',
  'on-or-after': 'ge',
  'on-or-before': 'le',
};

/** The `<filter>` elements of an entity or a link as one test; several stand side by side with "and". */
export function compileFilters(
  element: XmlElement,
  table: TableDefinition,
  hidden: ReadonlySet<string>,
  userId: string,
): Predicate {
  const tests = childrenNamed(element, 'filter').map((filter) => compileGroup(filter, table, hidden, userId));
  return (row) => tests.every((test) => test(row));
}

function compileGroup(
  filter: XmlElement,
  table: TableDefinition,
  hidden: ReadonlySet<string>,
  userId: string,
): Predicate {
  const tests = filter.children.map((child) =>
    child.name === 'filter'
      ? compileGroup(child, table, hidden, userId)
      : compileCondition(child, table, hidden, userId),
  );
  return filter.attributes['type'] === 'or'
    ? (row) => tests.length === 0 || tests.some((test) => test(row))
    : (row) => tests.every((test) => test(row));
}

function compileCondition(
  condition: XmlElement,
  table: TableDefinition,
  hidden: ReadonlySet<string>,
  userId: string,
): Predicate {
  if (condition.name !== 'condition')
    throw badRequest(`Unexpected element '${condition.name}'.`, '0x80040203');
  const column = requireColumn(table, condition.attributes['attribute'] ?? '');
  const operator = condition.attributes['operator'] ?? '';
  const read = columnReader(column, hidden);
  const values = childrenNamed(condition, 'value').map((value) => value.text);
  const value = condition.attributes['value'] ?? values[0];
  switch (operator) {
    case 'null':
      return (row) => read(row) === undefined;
    case 'not-null':
      return (row) => read(row) !== undefined;
    case 'eq-userid':
      return (row) => read(row) === userId;
    case 'in':
    case 'not-in':
      return inList(column, read, values, operator === 'in');
    case 'between':
    case 'not-between':
      return between(column, read, values, operator === 'between');
    case 'like':
    case 'not-like':
    case 'begins-with':
    case 'ends-with':
      return like(read, operator, requireValue(value, operator));
    default:
      return comparison(column, read, operator, value);
  }
}

type ColumnReader = (row: Row) => string | undefined;

export function columnReader(column: ColumnDefinition, hidden: ReadonlySet<string>): ColumnReader {
  if (column.logicalName === 'versionnumber') return (row) => String(row.version);
  if (hidden.has(column.logicalName)) return () => undefined;
  return (row) => textOf(row.values[column.logicalName]);
}

function comparison(
  column: ColumnDefinition,
  read: ColumnReader,
  operator: string,
  value: string | undefined,
): Predicate {
  const found = COMPARISONS[operator];
  if (found === undefined) throw badRequest(`The operator '${operator}' is not supported.`, '0x80041105');
  const kind = kindOf(column);
  const wanted = convert(column, requireValue(value, operator));
  const day = operator.startsWith('on');
  return (row) => {
    const text = read(row);
    return holds(found, kind, day ? text?.slice(0, 10) : text, day ? wanted.slice(0, 10) : wanted);
  };
}

function inList(
  column: ColumnDefinition,
  read: ColumnReader,
  values: readonly string[],
  wanted: boolean,
): Predicate {
  const kind = kindOf(column);
  const list = values.map((value) => convert(column, value));
  return (row) => {
    const text = read(row);
    return (text !== undefined && list.some((one) => compareTexts(kind, text, one) === 0)) === wanted;
  };
}

function between(
  column: ColumnDefinition,
  read: ColumnReader,
  values: readonly string[],
  wanted: boolean,
): Predicate {
  const kind = kindOf(column);
  const [low, high] = values.map((value) => convert(column, value));
  return (row) => (holds('ge', kind, read(row), low) && holds('le', kind, read(row), high)) === wanted;
}

function like(read: ColumnReader, operator: string, value: string): Predicate {
  const text = operator === 'begins-with' ? `${value}%` : operator === 'ends-with' ? `%${value}` : value;
  const pattern = likePattern(text);
  const wanted = operator !== 'not-like';
  return (row) => pattern.test(read(row) ?? '') === wanted;
}

function requireValue(value: string | undefined, operator: string): string {
  if (value === undefined)
    throw badRequest(`The condition operator '${operator}' needs a value.`, '0x80040203');
  return value;
}

function convert(column: ColumnDefinition, value: string): string {
  const kind = kindOf(column);
  if (kind === 'guid') {
    const guid = parseGuid(value);
    if (guid === undefined) throw badRequest(`'${value}' is not a valid guid.`, '0x80040203');
    return guid;
  }
  if (kind === 'number' && !/^[+-]?[\d.eE+-]+$/.test(value)) {
    throw badRequest(`'${value}' is not a valid number for ${column.logicalName}.`, '0x80040203');
  }
  if (kind === 'boolean') return value === '1' || value.toLowerCase() === 'true' ? 'true' : 'false';
  return column.type === 'DateTimeType' ? normaliseInstant(value) : value;
}

/** @throws ServiceError 400 `0x80041103` */
export function requireColumn(table: TableDefinition, name: string): ColumnDefinition {
  const column = table.columns.get(name);
  if (column === undefined) {
    throw badRequest(
      `'${table.logicalName}' entity doesn't contain attribute with Name = '${name}' and NameMapping = 'Logical'.`,
      '0x80041103',
    );
  }
  return column;
}

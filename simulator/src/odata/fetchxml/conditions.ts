import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import type { Row } from '../../store/table-store.ts';
import { textOf } from '../../store/values.ts';
import { compileOperator } from '../conditions/operators.ts';
import type { Predicate } from '../filter-evaluate.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';

/** The `<filter>` elements of an entity or a link as one test; several stand side by side with "and". */
export function compileFilters(
  context: RequestContext,
  element: XmlElement,
  table: TableDefinition,
  hidden: ReadonlySet<string>,
): Predicate {
  const tests = childrenNamed(element, 'filter').map((filter) =>
    compileGroup(context, filter, table, hidden),
  );
  return (row) => tests.every((test) => test(row));
}

function compileGroup(
  context: RequestContext,
  filter: XmlElement,
  table: TableDefinition,
  hidden: ReadonlySet<string>,
): Predicate {
  const tests = filter.children.map((child) =>
    child.name === 'filter'
      ? compileGroup(context, child, table, hidden)
      : compileCondition(context, child, table, hidden),
  );
  return filter.attributes['type'] === 'or'
    ? (row) => tests.length === 0 || tests.some((test) => test(row))
    : (row) => tests.every((test) => test(row));
}

function compileCondition(
  context: RequestContext,
  condition: XmlElement,
  table: TableDefinition,
  hidden: ReadonlySet<string>,
): Predicate {
  if (condition.name !== 'condition')
    throw badRequest(`Unexpected element '${condition.name}'.`, '0x80040203');
  const column = requireColumn(table, condition.attributes['attribute'] ?? '');
  const read = columnReader(column, hidden);
  const values = childrenNamed(condition, 'value').map((value) => value.text);
  const { value, operator = '' } = condition.attributes;
  const test = compileOperator({ context, table, column }, operator, value === undefined ? values : [value]);
  return (row) => test(read(row));
}

type ColumnReader = (row: Row) => string | undefined;

export function columnReader(column: ColumnDefinition, hidden: ReadonlySet<string>): ColumnReader {
  if (column.logicalName === 'versionnumber') return (row) => String(row.version);
  if (hidden.has(column.logicalName)) return () => undefined;
  return (row) => textOf(row.values[column.logicalName]);
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

import { SqlReader, sqlError } from './sql-tokens.ts';
import type {
  AggregateName,
  ColumnName,
  SelectItem,
  SqlCondition,
  SqlJoin,
  SqlOrder,
  SqlQuery,
  TableName,
} from './sql-tree.ts';

const AGGREGATES: ReadonlySet<string> = new Set<AggregateName>(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX']);
const RESERVED = new Set(
  'SELECT DISTINCT TOP FROM WHERE GROUP ORDER BY HAVING UNION EXCEPT INTERSECT JOIN INNER LEFT RIGHT FULL CROSS OUTER ON AND OR NOT IN LIKE BETWEEN IS NULL EXISTS AS ASC DESC OFFSET FETCH WITH CASE'.split(
    ' ',
  ),
);

/**
 * Parses one SELECT. Comparisons have a column on one side and constants on the other; there are no expressions,
 * functions, subqueries, HAVING or UNION. @throws ServiceError 400
 */
export function parseSql(text: string): SqlQuery {
  const reader = new SqlReader(text);
  if (!reader.accept('SELECT')) throw reader.unexpected('Only a SELECT statement is supported, found one');
  const distinct = reader.accept('DISTINCT');
  const top = reader.accept('TOP') ? parseTop(reader) : undefined;
  const items = list(reader, parseItem);
  reader.expect('FROM');
  const from = parseTable(reader);
  const joins: SqlJoin[] = [];
  for (let join = parseJoin(reader); join !== undefined; join = parseJoin(reader)) joins.push(join);
  const where = reader.accept('WHERE') ? parseOr(reader) : undefined;
  const groupBy = reader.accept('GROUP', 'BY') ? list(reader, parseColumn) : [];
  const orderBy = reader.accept('ORDER', 'BY') ? list(reader, parseOrder) : [];
  const offset = reader.accept('OFFSET') ? parseOffset(reader) : undefined;
  reader.accept(';');
  if (reader.current.kind !== 'end') throw reader.unexpected('The query holds what is not supported,');
  return { distinct, top, items, from, joins, where, groupBy, orderBy, offset };
}

function list<T>(reader: SqlReader, parse: (reader: SqlReader) => T): T[] {
  const items = [parse(reader)];
  while (reader.accept(',')) items.push(parse(reader));
  return items;
}

function parseTop(reader: SqlReader): number {
  const bracketed = reader.accept('(');
  const count = parseInteger(reader);
  if (bracketed) reader.expect(')');
  return count;
}

function parseInteger(reader: SqlReader): number {
  const { kind, text } = reader.current;
  if (kind !== 'number' || !/^\d{1,9}$/.test(text)) throw reader.unexpected('A whole number is expected');
  reader.next();
  return Number(text);
}

function parseItem(reader: SqlReader): SelectItem {
  if (reader.accept('*')) throw sqlError('SELECT * is not supported. Name the columns.');
  const { kind, text } = reader.current;
  const aggregate = kind === 'word' && AGGREGATES.has(text) ? (text as AggregateName) : undefined; // one of AGGREGATES
  if (aggregate === undefined) return { ...plainItem(reader), alias: parseAlias(reader) };
  reader.next();
  reader.expect('(');
  const distinct = reader.accept('DISTINCT');
  const all = aggregate === 'COUNT' && !distinct && reader.accept('*');
  const column = all ? undefined : parseColumn(reader);
  reader.expect(')');
  return { column, aggregate, distinct, alias: parseAlias(reader) };
}

function plainItem(reader: SqlReader): Omit<SelectItem, 'alias'> {
  return { column: parseColumn(reader), aggregate: undefined, distinct: false };
}

function parseAlias(reader: SqlReader): string | undefined {
  if (reader.accept('AS')) return parseName(reader);
  const { kind, text } = reader.current;
  return kind === 'name' || (kind === 'word' && !RESERVED.has(text)) ? parseName(reader) : undefined;
}

function parseName(reader: SqlReader): string {
  const { kind, text, source } = reader.current;
  if (kind === 'name') return reader.next().text;
  if (kind !== 'word' || RESERVED.has(text)) throw reader.unexpected('A name is expected');
  reader.next();
  return source;
}

function parseColumn(reader: SqlReader): ColumnName {
  const first = parseName(reader).toLowerCase();
  if (!reader.accept('.')) return { table: undefined, column: first };
  if (reader.accept('*')) throw sqlError('SELECT * is not supported. Name the columns.');
  return { table: first, column: parseName(reader).toLowerCase() };
}

function parseTable(reader: SqlReader): TableName {
  let name = parseName(reader);
  if (reader.accept('.')) {
    if (name.toLowerCase() !== 'dbo') throw sqlError(`Invalid object name '${name}'.`);
    name = parseName(reader);
  }
  const alias = parseAlias(reader) ?? name;
  if (reader.accept('WITH')) {
    reader.expect('(');
    reader.expect('NOLOCK');
    reader.expect(')');
  }
  return { name: name.toLowerCase(), alias: alias.toLowerCase() };
}

function parseJoin(reader: SqlReader): SqlJoin | undefined {
  const outer = reader.accept('LEFT', 'OUTER', 'JOIN') || reader.accept('LEFT', 'JOIN');
  if (!outer && !reader.accept('INNER', 'JOIN') && !reader.accept('JOIN')) return undefined;
  const table = parseTable(reader);
  reader.expect('ON');
  return { table, outer, on: parseOr(reader) };
}

function parseOr(reader: SqlReader): SqlCondition {
  const parts = [parseAnd(reader)];
  while (reader.accept('OR')) parts.push(parseAnd(reader));
  return parts.length === 1 ? parts[0]! : { kind: 'or', parts }; // one part
}

function parseAnd(reader: SqlReader): SqlCondition {
  const parts = [parseTest(reader)];
  while (reader.accept('AND')) parts.push(parseTest(reader));
  return parts.length === 1 ? parts[0]! : { kind: 'and', parts }; // one part
}

const COMPARISONS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '<>': 'ne',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};

function parseTest(reader: SqlReader): SqlCondition {
  if (reader.accept('(')) {
    const inner = parseOr(reader);
    reader.expect(')');
    return inner;
  }
  const column = parseColumn(reader);
  if (reader.accept('IS')) {
    const operator = reader.accept('NOT') ? 'not-null' : 'null';
    reader.expect('NULL');
    return { kind: 'test', column, operator, values: [] };
  }
  const not = reader.accept('NOT') ? 'not-' : '';
  if (reader.accept('LIKE'))
    return { kind: 'test', column, operator: `${not}like`, values: [parseConstant(reader)] };
  if (reader.accept('IN'))
    return { kind: 'test', column, operator: `${not}in`, values: parseConstants(reader) };
  if (reader.accept('BETWEEN')) {
    const low = parseConstant(reader);
    reader.expect('AND');
    return { kind: 'test', column, operator: `${not}between`, values: [low, parseConstant(reader)] };
  }
  const operator = not === '' ? COMPARISONS[reader.current.text] : undefined;
  if (operator === undefined) throw reader.unexpected();
  reader.next();
  // Nothing equals NULL, and nothing differs from it: the test holds for no row.
  if (reader.accept('NULL')) return { kind: 'or', parts: [] };
  if (reader.current.kind === 'name' || reader.current.kind === 'word') {
    if (operator !== 'eq') throw reader.unexpected('A column can only be compared with a constant,');
    return { kind: 'equal', left: column, right: parseColumn(reader) };
  }
  return { kind: 'test', column, operator, values: [parseConstant(reader)] };
}

function parseConstants(reader: SqlReader): string[] {
  reader.expect('(');
  const values = list(reader, parseConstant);
  reader.expect(')');
  return values;
}

function parseConstant(reader: SqlReader): string {
  const { kind } = reader.current;
  if (kind !== 'string' && kind !== 'number') throw reader.unexpected('A constant is expected');
  return reader.next().text;
}

function parseOrder(reader: SqlReader): SqlOrder {
  const column = parseColumn(reader);
  const descending = reader.accept('DESC');
  if (!descending) reader.accept('ASC');
  return { column, descending };
}

function parseOffset(reader: SqlReader): { skip: number; size: number | undefined } {
  const skip = parseInteger(reader);
  if (!reader.accept('ROWS')) reader.expect('ROW');
  if (!reader.accept('FETCH')) return { skip, size: undefined };
  if (!reader.accept('NEXT')) reader.expect('FIRST');
  const size = parseInteger(reader);
  if (!reader.accept('ROWS')) reader.expect('ROW');
  reader.expect('ONLY');
  return { skip, size };
}

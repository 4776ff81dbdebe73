import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import { setName } from '../../service/payload.ts';
import type { Row } from '../../store/table-store.ts';
import { compareTexts, kindOf, textOf } from '../../store/values.ts';
import { contextMember, envelope } from '../read-collection.ts';
import { requireColumn } from './conditions.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';

const INPUT_LIMIT = 50_000;

interface Output {
  readonly alias: string;
  readonly column: ColumnDefinition;
  readonly aggregate: string | undefined;
  readonly distinct: boolean;
}

/** Counts, minima and maxima, in groups where asked. More than 50,000 rows of input are refused. */
export function aggregateRows(
  context: RequestContext,
  table: TableDefinition,
  entity: XmlElement,
  passes: (row: Row) => boolean,
): string {
  const outputs = childrenNamed(entity, 'attribute').map((element) => readOutput(table, element));
  const groups = new Map<string, Row[]>();
  let count = 0;
  for (const row of context.environment.database.store(table.logicalName).values()) {
    if (!passes(row)) continue;
    if (++count > INPUT_LIMIT) throw limitExceeded();
    const key = JSON.stringify(outputs.filter(isGroup).map(({ column }) => valueText(row, column) ?? null));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  if (groups.size === 0 && !outputs.some(isGroup)) groups.set('', []);
  const rows = [...groups.values()].map(
    (group) => `{${outputs.map((output) => member(output, group)).join(',')}}`,
  );
  return envelope([contextMember(context, setName(table), undefined, [])], rows, undefined);
}

function isGroup(output: Output): boolean {
  return output.aggregate === undefined;
}

function readOutput(table: TableDefinition, element: XmlElement): Output {
  const { name = '', alias, aggregate, groupby, distinct } = element.attributes;
  if (alias === undefined)
    throw badRequest('An attribute of an aggregate query needs an alias.', '0x80040203');
  if (aggregate === undefined && groupby !== 'true') {
    throw badRequest(
      'An attribute can not be requested when an aggregate operation has been specified and its neither groupby nor aggregate.',
      '0x80040203',
    );
  }
  return { alias, column: requireColumn(table, name), aggregate, distinct: distinct === 'true' };
}

function member(output: Output, rows: readonly Row[]): string {
  return `${JSON.stringify(output.alias)}:${output.aggregate === undefined ? groupValue(output, rows) : aggregateValue(output, rows)}`;
}

function groupValue({ column }: Output, rows: readonly Row[]): string {
  return literal(column, rows[0] === undefined ? undefined : valueText(rows[0], column));
}

function aggregateValue({ column, aggregate, distinct }: Output, rows: readonly Row[]): string {
  const texts = rows.flatMap((row) => valueText(row, column) ?? []);
  const sorted = () => [...texts].sort((a, b) => compareTexts(kindOf(column), a, b));
  switch (aggregate) {
    case 'count':
      return String(rows.length);
    case 'countcolumn':
      return String(distinct ? new Set(texts).size : texts.length);
    case 'min':
      return literal(column, sorted()[0]);
    case 'max':
      return literal(column, sorted().at(-1));
    case 'sum':
      return String(texts.reduce((sum, text) => sum + Number(text), 0));
    default:
      throw badRequest(`The aggregate '${aggregate}' is not supported.`, '0x80040203');
  }
}

function literal(column: ColumnDefinition, text: string | undefined): string {
  if (text === undefined) return 'null';
  return kindOf(column) === 'number' || kindOf(column) === 'boolean' ? text : JSON.stringify(text);
}

function valueText(row: Row, column: ColumnDefinition): string | undefined {
  return column.logicalName === 'versionnumber'
    ? String(row.version)
    : textOf(row.values[column.logicalName]);
}

function limitExceeded() {
  return badRequest('The maximum record limit is exceeded. Reduce the number of records.', '0x8004e023');
}

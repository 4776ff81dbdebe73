import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import type { Row } from '../../store/table-store.ts';
import { textOf, rowVersion } from '../../store/values.ts';
import { hiddenColumns } from '../print-row.ts';
import { compileFilters } from './filters.ts';
import { compileJoins, isRowFilter, type Join } from './joins.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';

/** One row for each table of the query, by slot; undefined where an outer join found nothing. */
export type Tuple = readonly (Row | undefined)[];
export type TupleTest = (tuple: Tuple) => boolean;

/** A table in the query, and where its rows stand in a tuple. */
export interface PlanTable {
  readonly slot: number;
  readonly table: TableDefinition;
  /** Empty for the table that the query begins with. */
  readonly alias: string;
  readonly element: XmlElement;
  /** Columns that the caller may not read; they count as null. */
  readonly hidden: ReadonlySet<string>;
}

/** A query, or the part of one below a link that only filters: what to join and what has to hold. */
export interface Plan {
  readonly base: PlanTable;
  /** The base first, the others as they appear in the text. */
  readonly tables: readonly PlanTable[];
  readonly joins: readonly Join[];
  /** Conditions on the base row alone, judged before anything is joined. */
  readonly before: TupleTest;
  /** Conditions on joined tables too. */
  readonly after: TupleTest;
}

/** Names of a query are looked up here, so that a bad one is refused even where no row is read. */
export function compilePlan(context: RequestContext, table: TableDefinition, element: XmlElement): Plan {
  const base: PlanTable = { slot: 0, table, alias: '', element, hidden: hiddenColumns(context, table) };
  const tables = [base, ...linkedTables(context, element)].map((one, slot) => ({ ...one, slot }));
  const [first = base] = tables;
  const scope = { context, tables, self: first };
  const { before, after } = compileFilters(scope);
  return { base: first, tables, joins: compileJoins(scope), before, after };
}

function linkedTables(context: RequestContext, element: XmlElement, count = { links: 0 }): PlanTable[] {
  return childrenNamed(element, 'link-entity').flatMap((link) => {
    const { name = '', alias } = link.attributes;
    const number = ++count.links;
    if (isRowFilter(link)) return [];
    const table = requireTable(context, name);
    const hidden = hiddenColumns(context, table);
    const own: PlanTable = { slot: 0, table, alias: alias ?? `${name}${number}`, element: link, hidden };
    return [own, ...linkedTables(context, link, count)];
  });
}

/** @throws ServiceError 400 `0x80041102` */
export function requireTable(context: RequestContext, name: string): TableDefinition {
  const table = context.environment.schema.table(name);
  if (table !== undefined) return table;
  throw badRequest(`The entity with a name = '${name}' was not found in the MetadataCache.`, '0x80041102');
}

/** @throws ServiceError 400 `0x80041103`, or `0x8004111e` where no column is named */
export function requireColumn(table: TableDefinition, name: string | undefined): ColumnDefinition {
  if (name === undefined || name === '')
    throw badRequest('A required attribute was not specified.', '0x8004111e');
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  throw badRequest(
    `'${table.logicalName}' entity doesn't contain attribute with Name = '${name}' and NameMapping = 'Logical'.`,
    '0x80041103',
  );
}

/** The column of a tuple as comparable text; undefined for null. */
export function columnReader(
  { slot, hidden }: PlanTable,
  { logicalName }: ColumnDefinition,
): (tuple: Tuple) => string | undefined {
  if (hidden.has(logicalName)) return () => undefined;
  return (tuple) => {
    const row = tuple[slot];
    if (row === undefined) return undefined;
    return logicalName === 'versionnumber' ? rowVersion(row) : textOf(row.values[logicalName]);
  };
}

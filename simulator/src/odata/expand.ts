import type { TableDefinition } from '../model/definitions.ts';
import type { Navigation } from '../model/schema.ts';
import type { RequestContext } from '../service/context.ts';
import { MAX_PAGE_SIZE } from '../service/context.ts';
import { badRequest, propertyNotFound } from '../service/errors.ts';
import type { Row } from '../store/table-store.ts';
import { compileFilter } from './filter-evaluate.ts';
import { parseFilter } from './filter-parser.ts';
import { skipToken, type PageMark } from './paging.ts';
import { printRow, RowPrinter } from './print-row.ts';
import { parseCount, parseExpand, parseOrderBy, parseSelect, type ExpandItem } from './query-options.ts';
import { filterContext } from './read-collection.ts';
import { compareRows, compileOrder } from './order.ts';
import { relatedRows } from './related.ts';

const MAX_EXPANDS = 15;

/** An expanded navigation property, ready to be printed for each row. */
export interface Expander {
  /** As it stands in the context URL: `primarycontactid(fullname)`. */
  readonly contextText: string;
  members(row: Row): string[];
}

/** @throws ServiceError 400 for unknown names and for what the service refuses to combine. */
export function compileExpands(
  context: RequestContext,
  table: TableDefinition,
  items: readonly ExpandItem[],
  depth = 0,
): readonly Expander[] {
  if (depth === 0) refuseTooMany(items);
  refuseMixedLinks(context, table, items, depth);
  const nested = depth > 0 || items.some((item) => item.options.has('$expand'));
  return items.map((item) => compileExpand(context, table, item, nested, depth));
}

/** Every `$expand` counts, nested ones too. */
function refuseTooMany(items: readonly ExpandItem[]): void {
  const count = (list: readonly ExpandItem[]): number =>
    list.reduce((sum, item) => sum + 1 + count(parseExpand(item.options.get('$expand'))), 0);
  if (count(items) <= MAX_EXPANDS) return;
  throw badRequest(`The number of $expand options exceeds the limit of ${MAX_EXPANDS}.`);
}

/** Many-to-many relationships stand alone: beside their like, and neither in nor around another `$expand`. */
function refuseMixedLinks(
  context: RequestContext,
  table: TableDefinition,
  items: readonly ExpandItem[],
  depth: number,
): void {
  const isLink = (item: ExpandItem) =>
    context.environment.schema.navigation(table.logicalName, item.navigation)?.kind === 'links';
  const links = items.filter(isLink);
  if (links.length === 0) return;
  const nested = depth > 0 || links.some((item) => item.options.has('$expand'));
  if (links.length === items.length && !nested) return;
  throw badRequest(
    'Expanding a many-to-many relationship can not be nested or combined with other relationship types.',
  );
}

const EXPAND_OPTIONS = new Set(['$select', '$filter', '$orderby', '$top', '$expand']);

function compileExpand(
  context: RequestContext,
  table: TableDefinition,
  item: ExpandItem,
  nested: boolean,
  depth: number,
): Expander {
  const navigation = context.environment.schema.navigation(table.logicalName, item.navigation);
  if (navigation === undefined) throw propertyNotFound(item.navigation, table.logicalName);
  if (item.reference && navigation.kind !== 'single') {
    throw badRequest('Expand with $ref is only supported on lookup type navigation property.');
  }
  const unknown = [...item.options.keys()].find((option) => !EXPAND_OPTIONS.has(option));
  if (unknown !== undefined) throw badRequest(`The query option ${unknown} is not supported in $expand.`);
  const restricted = ['$orderby', '$top'].some((option) => item.options.has(option));
  if (restricted && (nested || navigation.kind === 'single')) {
    throw badRequest(
      'Only $select and $filter clause can be provided while doing $expand on many-to-one relationship or nested one-to-many relationship.',
    );
  }
  const target = targetTable(context, navigation);
  const select = parseSelect(item.options.get('$select'));
  if (target !== undefined) new RowPrinter(context, target, select); // refuses unknown names even when no row is printed
  const contextText = item.reference
    ? `${item.navigation}/$ref`
    : `${item.navigation}(${[...(select ?? []), ...nestedTexts(context, target, item, depth)].join(',')})`;
  if (navigation.kind === 'single') {
    return { contextText, members: (row) => [singleMember(context, table, item, row, depth)] };
  }
  return { contextText, members: (row) => collectionMembers(context, table, item, row, depth, nested) };
}

/** What is expanded below, as it stands in the context URL. Unknown names are refused even when no row is printed. */
function nestedTexts(
  context: RequestContext,
  target: TableDefinition | undefined,
  item: ExpandItem,
  depth: number,
): readonly string[] {
  if (target === undefined) return [];
  const nested = compileExpands(context, target, parseExpand(item.options.get('$expand')), depth + 1);
  return nested.map((expand) => expand.contextText);
}

function targetTable(context: RequestContext, navigation: Navigation): TableDefinition | undefined {
  const { schema } = context.environment;
  if (navigation.kind === 'links') {
    const { relationship, side } = navigation;
    return schema.table(side === 1 ? relationship.table2 : relationship.table1);
  }
  const { referencedTable, referencingTable } = navigation.relationship;
  return schema.table(navigation.kind === 'single' ? referencedTable : referencingTable);
}

function singleMember(
  context: RequestContext,
  table: TableDefinition,
  item: ExpandItem,
  row: Row,
  depth: number,
): string {
  const name = JSON.stringify(item.navigation);
  const { table: targetName, rows } = relatedRows(context, table.logicalName, row, item.navigation);
  const target = context.environment.schema.table(targetName);
  const [found] = rows;
  if (found === undefined || target === undefined) return `${name}:null`;
  if (!passesFilter(context, target, item)(found)) return `${name}:null`;
  if (item.reference) return `${name}:{"@odata.id":${JSON.stringify(entityUrl(context, target, found.id))}}`;
  const expands = compileExpands(context, target, parseExpand(item.options.get('$expand')), depth + 1);
  const printer = new RowPrinter(
    context,
    target,
    knownNames(context, target, parseSelect(item.options.get('$select'))),
  );
  return `${name}:${printRow(printer, expands, found, false)}`;
}

/** `$expand=ownerid($select=fullname)` may meet a team, which has no such column: what it lacks is left out. */
function knownNames(
  context: RequestContext,
  table: TableDefinition,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  const properties = context.environment.schema.properties(table.logicalName);
  return names?.filter((name) => properties.has(name));
}

function collectionMembers(
  context: RequestContext,
  table: TableDefinition,
  item: ExpandItem,
  row: Row,
  depth: number,
  nested: boolean,
): string[] {
  const { table: targetName, rows } = relatedRows(context, table.logicalName, row, item.navigation);
  const target = context.environment.schema.table(targetName);
  if (target === undefined) return [];
  const select = parseSelect(item.options.get('$select'));
  const printer = new RowPrinter(context, target, select);
  const expands = compileExpands(context, target, parseExpand(item.options.get('$expand')), depth + 1);
  const passes = passesFilter(context, target, item);
  const order = compileOrder(context, target, parseOrderBy(item.options.get('$orderby')));
  const limit =
    parseCount('$top', item.options.get('$top')) ??
    (nested ? (context.preferences.maxPageSize ?? MAX_PAGE_SIZE) : MAX_PAGE_SIZE);
  const sorted = rows.filter(passes).sort((a, b) => compareRows(a, b, order));
  const shown = sorted.slice(0, limit);
  const text = shown.map((child) => printRow(printer, expands, child, !nested)).join(',');
  const members = [`${JSON.stringify(item.navigation)}:[${text}]`];
  if (!nested || sorted.length > limit) {
    const mark = nested ? pageMark(target, shown, sorted.length) : undefined;
    const link = collectionLink(context, table, item, row, mark);
    members.push(`${JSON.stringify(`${item.navigation}@odata.nextLink`)}:${JSON.stringify(link)}`);
  }
  return members;
}

function passesFilter(
  context: RequestContext,
  target: TableDefinition,
  item: ExpandItem,
): (row: Row) => boolean {
  const filter = item.options.get('$filter');
  if (filter === undefined) return () => true;
  return compileFilter(parseFilter(filter, new Map()), target.logicalName, filterContext(context));
}

/** Where the next page of a nested collection begins; its cookie also counts the rows. */
function pageMark(target: TableDefinition, shown: readonly Row[], countOfRecords: number): PageMark {
  return {
    pageNumber: 1,
    primaryKey: target.primaryId,
    first: shown[0]?.id ?? '',
    last: shown.at(-1)?.id ?? '',
    order: [],
    countOfRecords,
  };
}

/** Without a mark, the link of a single-level expand: it has no paging token and reads the same rows again. */
function collectionLink(
  context: RequestContext,
  table: TableDefinition,
  item: ExpandItem,
  row: Row,
  mark: PageMark | undefined,
): string {
  const options = [...item.options].map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  if (mark !== undefined) options.push(`$skiptoken=${skipToken(mark)}`);
  const query = options.length === 0 ? '' : `?${options.join('&')}`;
  return `${entityUrl(context, table, row.id)}/${item.navigation}${query}`;
}

export function entityUrl(context: RequestContext, table: TableDefinition, id: string): string {
  return `${context.serviceRoot}${table.entitySetName ?? table.logicalName}(${id})`;
}

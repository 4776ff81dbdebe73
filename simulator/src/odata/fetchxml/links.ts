import type { TableDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import type { Row } from '../../store/table-store.ts';
import { textOf } from '../../store/values.ts';
import { hiddenColumns } from '../print-row.ts';
import { printValue, styleOf } from '../print-value.ts';
import { rowReader } from '../read-rows.ts';
import { compileFilters, requireColumn } from './conditions.ts';
import { childrenNamed, type XmlElement } from './parse-fetchxml.ts';

const MAX_LINKS = 15;

/** A `<link-entity>`, ready to find the rows joined to one row. */
export interface CompiledLink {
  readonly table: TableDefinition;
  /** Column of the linked table. */
  readonly from: string;
  /** Column of the row that is linked to. */
  readonly to: string;
  readonly outer: boolean;
  readonly passes: (row: Row) => boolean;
  readonly print: (row: Row) => string[];
  readonly links: readonly CompiledLink[];
}

export function compileLinks(
  context: RequestContext,
  table: TableDefinition,
  element: XmlElement,
): readonly CompiledLink[] {
  const links = childrenNamed(element, 'link-entity');
  if (links.length > MAX_LINKS) throw badRequest('Too many link entities in the query.', '0x8004430d');
  return links.map((link, at) => compileLink(context, table, link, at));
}

function compileLink(
  context: RequestContext,
  parent: TableDefinition,
  element: XmlElement,
  at: number,
): CompiledLink {
  const { name = '', from, to, alias, 'link-type': type = 'inner' } = element.attributes;
  const table = context.environment.schema.table(name);
  if (table === undefined) {
    throw badRequest(`The entity with a name = '${name}' was not found in the MetadataCache.`, '0x80041102');
  }
  if (type !== 'inner' && type !== 'outer')
    throw badRequest(`The link type '${type}' is not supported.`, '0x80040203');
  const fromColumn = requireColumn(table, from ?? table.primaryId).logicalName;
  const toColumn = requireColumn(parent, to ?? parent.primaryId).logicalName;
  const hidden = hiddenColumns(context, table);
  const readable = rowReader(context.environment, context.caller, table);
  const filter = compileFilters(context, element, table, hidden);
  return {
    table,
    from: fromColumn,
    to: toColumn,
    outer: type === 'outer',
    passes: (row) => readable(row) && filter(row),
    print: printer(context, table, element, alias ?? `${name}${at + 1}`, hidden),
    links: compileLinks(context, table, element),
  };
}

/** Columns of a linked row appear as `alias.column`. */
function printer(
  context: RequestContext,
  table: TableDefinition,
  element: XmlElement,
  alias: string,
  hidden: ReadonlySet<string>,
): (row: Row) => string[] {
  const columns = childrenNamed(element, 'attribute').map((attribute) => ({
    column: requireColumn(table, attribute.attributes['name'] ?? ''),
    label: attribute.attributes['alias'] ?? `${alias}.${attribute.attributes['name'] ?? ''}`,
  }));
  return (row) =>
    columns.flatMap(({ column, label }) => {
      const value =
        column.logicalName === 'versionnumber'
          ? String(row.version)
          : (row.values[column.logicalName] ?? null);
      if (value === null || hidden.has(column.logicalName)) return [];
      return [`${JSON.stringify(label)}:${printValue({ column }, value, styleOf(context))}`];
    });
}

/** One list of members for each combination of joined rows; empty where an inner join finds nothing. */
export function joinedRows(context: RequestContext, row: Row, links: readonly CompiledLink[]): string[][] {
  let combinations: string[][] = [[]];
  for (const link of links) {
    const found = linkedMembers(context, row, link);
    combinations = combinations.flatMap((before) => found.map((members) => [...before, ...members]));
  }
  return combinations;
}

function linkedMembers(context: RequestContext, row: Row, link: CompiledLink): string[][] {
  const { database } = context.environment;
  const key = link.to === 'versionnumber' ? String(row.version) : textOf(row.values[link.to]);
  const store = database.store(link.table.logicalName);
  const ids =
    key === undefined ? [] : link.from === link.table.primaryId ? [key] : store.referrers(link.from, key);
  const rows = ids.flatMap((id) => store.get(id) ?? []).filter(link.passes);
  const members = rows.flatMap((one) =>
    joinedRows(context, one, link.links).map((nested) => [...link.print(one), ...nested]),
  );
  return members.length === 0 && link.outer ? [[]] : members;
}

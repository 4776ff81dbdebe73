import type { TableDefinition } from '../model/definitions.ts';
import type { Property } from '../model/schema.ts';
import { mayTouch } from '../security/columns.ts';
import { maskOf } from '../security/masking.ts';
import type { RequestContext } from '../service/context.ts';
import { propertyNotFound } from '../service/errors.ts';
import type { Row } from '../store/table-store.ts';
import { propertyPrinter, styleFor, type PropertyPrinter, type Style } from './print-property.ts';

/** Prints rows of one table as members of a JSON object, raw number literals included. */
export class RowPrinter {
  readonly table: TableDefinition;
  /** The names that were selected, for the context URL; undefined when all columns were asked for. */
  readonly selected: readonly string[] | undefined;
  readonly properties: readonly PropertyPrinter[];
  readonly style: Style;
  /** Is a row's text made of that row alone, its numbers as digits: not of who reads, or of other rows? */
  readonly selfContained: boolean;

  /** @throws ServiceError 400 for a name that is no property of the table. */
  constructor(context: RequestContext, table: TableDefinition, selected: readonly string[] | undefined) {
    this.table = table;
    this.selected = selected;
    const hidden = hiddenColumns(context, table);
    const style = styleFor(context);
    this.style = style;
    const masked = [...table.columns.values()].some((column) => maskOf(context, table, column) !== undefined);
    this.selfContained = !style.formatted && !style.quoted && hidden.size === 0 && !masked;
    // A secured column may be left out altogether.
    const withheld = context.environment.switches.securedColumns === 'absent' ? hidden : new Set<string>();
    this.properties = propertiesToPrint(context, table, selected).map((property) => ({
      property,
      empty: withheld.has(property.column.logicalName) ? undefined : `${JSON.stringify(property.name)}:null`,
      print: hidden.has(property.column.logicalName)
        ? whereShared(context, table, property, propertyPrinter(context, table, property, style))
        : propertyPrinter(context, table, property, style),
    }));
  }

  /** `"name":value` members: those with a value, then nulls (FetchXML leaves them out), then managed properties. */
  members(row: Row, options: { nulls: boolean } = { nulls: true }): string[] {
    const present: string[] = [];
    const absent: string[] = [];
    const managed: string[] = [];
    for (const { property, empty, print } of this.properties) {
      const text = print(row);
      if (text === undefined) {
        if (options.nulls && empty !== undefined) absent.push(empty);
      } else if (property.column.type === 'ManagedPropertyType') managed.push(text);
      else present.push(text);
    }
    return absent.length + managed.length === 0 ? present : present.concat(absent, managed);
  }
}

/** A secured column shows in those rows alone in which it is shared with the caller. */
function whereShared(
  { environment, caller }: RequestContext,
  table: TableDefinition,
  { column }: Property,
  print: PropertyPrinter['print'],
): PropertyPrinter['print'] {
  return (row) => (mayTouch(environment, caller, table, column, 'read', row.id) ? print(row) : undefined);
}

export function hiddenColumns(context: RequestContext, table: TableDefinition): ReadonlySet<string> {
  const secured = [...table.columns.values()].filter((column) => column.secured === true);
  return new Set(
    secured
      .filter((column) => !mayTouch(context.environment, context.caller, table, column, 'read'))
      .map((column) => column.logicalName),
  );
}

/** Without a selection: every property, in an order that owes nothing to the metadata. */
function propertiesToPrint(
  context: RequestContext,
  table: TableDefinition,
  selected: readonly string[] | undefined,
): readonly Property[] {
  const properties = context.environment.schema.properties(table.logicalName);
  if (selected === undefined)
    return [...properties.values()].sort((a, b) => scatter(a.name) - scatter(b.name));
  const names = new Set(selected);
  names.add(table.primaryId);
  const chosen: Property[] = [];
  for (const name of names) {
    const property = properties.get(name);
    if (property === undefined) throw propertyNotFound(name, table.logicalName);
    chosen.push(property);
  }
  const currency = properties.get('_transactioncurrencyid_value');
  const hasMoney = chosen.some((property) => property.column.type === 'MoneyType');
  if (hasMoney && currency !== undefined && !names.has(currency.name)) chosen.push(currency);
  return chosen;
}

function scatter(name: string): number {
  let hash = 5381;
  for (let at = 0; at < name.length; at++) hash = (Math.imul(hash, 33) + name.charCodeAt(at)) >>> 0;
  return hash;
}

export function etagOf(row: Row): string {
  return row.etag ?? `W/"${row.version}"`;
}

export function etagMember(row: Row): string {
  return `"@odata.etag":${JSON.stringify(etagOf(row))}`;
}

/** Adds members to a row: what is expanded. */
export interface MembersOfRow {
  members(row: Row): readonly string[];
}

/** A row as a JSON object, without its etag where it stands inside of another. */
export function printRow(
  printer: RowPrinter,
  expands: readonly MembersOfRow[],
  row: Row,
  withEtag: boolean,
): string {
  const members = printer.members(row);
  if (withEtag) members.unshift(etagMember(row));
  for (const expand of expands) members.push(...expand.members(row));
  return `{${members.join(',')}}`;
}

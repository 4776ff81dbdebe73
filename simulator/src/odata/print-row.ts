import type { TableDefinition } from '../model/definitions.ts';
import type { Property } from '../model/schema.ts';
import type { StoredValue } from '../model/seed.ts';
import { mayTouch } from '../security/columns.ts';
import { quotesLongNumbers, type RequestContext } from '../service/context.ts';
import { propertyNotFound } from '../service/errors.ts';
import type { Row } from '../store/table-store.ts';
import { isReference } from '../store/values.ts';
import { formatValue } from './format-value.ts';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';
const TARGET_TABLE = 'Microsoft.Dynamics.CRM.lookuplogicalname';
const NAVIGATION = 'Microsoft.Dynamics.CRM.associatednavigationproperty';

/** Prints rows of one table as members of a JSON object, raw number literals included. */
export class RowPrinter {
  readonly table: TableDefinition;
  /** The names that were selected, for the context URL; undefined when all columns were asked for. */
  readonly selected: readonly string[] | undefined;
  readonly #context: RequestContext;
  readonly #properties: readonly Property[];
  readonly #hidden: ReadonlySet<string>;
  readonly #style: NumberStyle;
  readonly #wants: { formatted: boolean; target: boolean; navigation: boolean };

  /** @throws ServiceError 400 for a name that is no property of the table. */
  constructor(context: RequestContext, table: TableDefinition, selected: readonly string[] | undefined) {
    this.table = table;
    this.selected = selected;
    this.#context = context;
    this.#properties = propertiesToPrint(context, table, selected);
    this.#hidden = hiddenColumns(context, table);
    this.#style = styleOf(context);
    const { annotation } = context.preferences;
    this.#wants = {
      formatted: annotation(FORMATTED),
      target: annotation(TARGET_TABLE),
      navigation: annotation(NAVIGATION),
    };
  }

  /** `"name":value` members, those with a value first. FetchXML leaves nulls out. */
  members(row: Row, options: { nulls: boolean } = { nulls: true }): string[] {
    const present: string[] = [];
    const absent: string[] = [];
    for (const property of this.#properties) {
      const literal = this.#literal(property, row);
      if (literal === undefined) {
        if (options.nulls && !this.#isWithheld(property))
          absent.push(`${JSON.stringify(property.name)}:null`);
        continue;
      }
      present.push(...this.#annotations(property, row), `${JSON.stringify(property.name)}:${literal}`);
    }
    return [...present, ...absent];
  }

  /** A secured column may be left out altogether. */
  #isWithheld({ column }: Property): boolean {
    const { securedColumns } = this.#context.environment.switches;
    return securedColumns === 'absent' && this.#hidden.has(column.logicalName);
  }

  #literal(property: Property, row: Row): string | undefined {
    const { column } = property;
    if (column.logicalName === 'versionnumber') return printValue(property, String(row.version), this.#style);
    // A managed property is never null: what nobody set is allowed.
    const value =
      row.values[column.logicalName] ?? (column.type === 'ManagedPropertyType' ? true : undefined);
    if (value === undefined || this.#hidden.has(column.logicalName)) return undefined;
    return printValue(property, value, this.#style);
  }

  #annotations(property: Property, row: Row): string[] {
    const { column, name } = property;
    const value = row.values[column.logicalName];
    const found: string[] = [];
    if (this.#wants.formatted && column.logicalName !== 'versionnumber' && value !== undefined) {
      const text = formatValue(this.#context.environment, column, value, row.values);
      if (text !== undefined) found.push(member(name, FORMATTED, text));
    } else if (this.#wants.formatted && column.logicalName === 'versionnumber') {
      found.push(member(name, FORMATTED, row.version.toLocaleString('en-US')));
    }
    if (!isReference(value)) return found;
    if (this.#wants.navigation) {
      const { schema } = this.#context.environment;
      const relationship = schema.lookupRelationship(this.table.logicalName, column.logicalName, value.table);
      if (relationship !== undefined)
        found.push(member(name, NAVIGATION, relationship.referencingNavigation));
    }
    if (this.#wants.target) found.push(member(name, TARGET_TABLE, value.table));
    return found;
  }
}

function member(property: string, annotation: string, text: string): string {
  return `${JSON.stringify(`${property}@${annotation}`)}:${JSON.stringify(text)}`;
}

/** How literals are written where the service's ways differ. */
export interface NumberStyle {
  /** 64-bit and decimal numbers as strings. */
  readonly quoted: boolean;
  /** Times that are independent of time zones, with `Z` or without. */
  readonly zoned: boolean;
}

export function styleOf(context: RequestContext): NumberStyle {
  const { zoneOfIndependentTimes } = context.environment.switches;
  return { quoted: quotesLongNumbers(context), zoned: zoneOfIndependentTimes === 'Z' };
}

/** The JSON literal of a value that is not null. */
export function printValue(
  property: Pick<Property, 'column'>,
  value: Exclude<StoredValue, null>,
  style: NumberStyle,
): string {
  if (isReference(value)) return JSON.stringify(value.id);
  const { type, dateBehavior } = property.column;
  switch (type) {
    case 'DecimalType':
    case 'MoneyType':
    case 'BigIntType':
      return style.quoted ? `"${String(value)}"` : String(value);
    case 'DateTimeType': {
      const bare = !style.zoned && dateBehavior === 'TimeZoneIndependent';
      return JSON.stringify(bare ? String(value).replace(/Z$/, '') : value);
    }
    case 'IntegerType':
    case 'DoubleType':
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
      return String(value);
    case 'ManagedPropertyType':
      return JSON.stringify({
        Value: value,
        CanBeChanged: true,
        ManagedPropertyLogicalName: property.column.logicalName,
      });
    default:
      return JSON.stringify(value);
  }
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
  return `W/"${row.version}"`;
}

export function etagMember(row: Row): string {
  return `"@odata.etag":${JSON.stringify(etagOf(row))}`;
}

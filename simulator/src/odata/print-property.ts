import type { TableDefinition } from '../model/definitions.ts';
import type { Property } from '../model/schema.ts';
import type { StoredValue } from '../model/seed.ts';
import type { RequestContext } from '../service/context.ts';
import type { Row } from '../store/table-store.ts';
import { maskOf } from '../security/masking.ts';
import { isReference, plainText, rowVersion } from '../store/values.ts';
import { formatValue } from './format-value.ts';
import { styleOf, valuePrinter, type NumberStyle } from './print-value.ts';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';
const TARGET_TABLE = 'Microsoft.Dynamics.CRM.lookuplogicalname';
const NAVIGATION = 'Microsoft.Dynamics.CRM.associatednavigationproperty';

/** Prints one property of a row; made once for all rows of an answer. */
export interface PropertyPrinter {
  readonly property: Property;
  /** The member of a row without a value; undefined where such a row has no member. */
  readonly empty: string | undefined;
  /** The member with its annotations before it; undefined where the row has no value. */
  readonly print: (row: Row) => string | undefined;
}

/** What an answer's rows look like, beyond the choice of properties. */
export interface Style extends NumberStyle {
  readonly formatted: boolean;
  readonly target: boolean;
  readonly navigation: boolean;
}

export function styleFor(context: RequestContext): Style {
  const { annotation } = context.preferences;
  return {
    ...styleOf(context),
    formatted: annotation(FORMATTED),
    target: annotation(TARGET_TABLE),
    navigation: annotation(NAVIGATION),
  };
}

export function propertyPrinter(
  context: RequestContext,
  table: TableDefinition,
  property: Property,
  style: Style,
): PropertyPrinter['print'] {
  const { column, name } = property;
  const { logicalName } = column;
  const start = `${JSON.stringify(name)}:`;
  const formattedStart = `${JSON.stringify(`${name}@${FORMATTED}`)}:`;
  if (logicalName === 'versionnumber') {
    const print = valuePrinter(property, style);
    return (row) => {
      const version = rowVersion(row);
      const shown = style.formatted ? BigInt(version).toLocaleString('en-US') : '';
      return (style.formatted ? `${formattedStart}"${shown}",` : '') + start + print(version);
    };
  }
  // A managed property is never null: what nobody set is allowed.
  const unset = column.type === 'ManagedPropertyType' ? true : undefined;
  const plain = valuePrinter(property, style);
  const mask = maskOf(context, table, column);
  const print: typeof plain = mask === undefined ? plain : (value) => plain(mask(plainText(value)));
  const annotate = referenceAnnotations(context, table, property, style);
  return ({ values }) => {
    const stored = values[logicalName] ?? undefined;
    const value = stored ?? unset;
    if (value === undefined) return undefined;
    const text =
      style.formatted && stored !== undefined
        ? formatValue(context.environment, column, mask?.(plainText(stored)) ?? stored, values)
        : undefined;
    const formatted = text === undefined ? '' : `${formattedStart}${JSON.stringify(text)},`;
    return formatted + annotate(stored) + start + print(value);
  };
}

/** Where a lookup leads: the texts are the same for all references to a table. */
function referenceAnnotations(
  context: RequestContext,
  table: TableDefinition,
  { column, name }: Property,
  style: Style,
): (value: StoredValue | undefined) => string {
  const known = new Map<string, string>();
  const textFor = (target: string): string => {
    const { schema } = context.environment;
    const relationship = style.navigation
      ? schema.lookupRelationship(table.logicalName, column.logicalName, target)
      : undefined;
    const navigation =
      relationship === undefined ? '' : `${member(name, NAVIGATION, relationship.referencingNavigation)},`;
    return navigation + (style.target ? `${member(name, TARGET_TABLE, target)},` : '');
  };
  return (value) => {
    if (!isReference(value)) return '';
    let text = known.get(value.table);
    if (text === undefined) known.set(value.table, (text = textFor(value.table)));
    return text;
  };
}

function member(property: string, annotation: string, text: string): string {
  return `${JSON.stringify(`${property}@${annotation}`)}:${JSON.stringify(text)}`;
}

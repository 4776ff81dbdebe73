import type { ColumnDefinition } from '../model/definitions.ts';
import type { Property } from '../model/schema.ts';
import type { StoredValue } from '../model/seed.ts';
import { quotesLongNumbers, type RequestContext } from '../service/context.ts';
import { isReference } from '../store/values.ts';

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
  return valuePrinter(property, style)(value);
}

/** Prints the values of one column; made once for many. */
export function valuePrinter(
  { column }: Pick<Property, 'column'>,
  style: NumberStyle,
): (value: Exclude<StoredValue, null>) => string {
  const other = otherPrinter(column, style);
  return (value) => (isReference(value) ? JSON.stringify(value.id) : other(value));
}

function otherPrinter(
  column: ColumnDefinition,
  style: NumberStyle,
): (value: string | number | boolean) => string {
  switch (column.type) {
    case 'DecimalType':
    case 'MoneyType':
    case 'BigIntType':
      return style.quoted ? (value) => `"${value}"` : String;
    case 'IntegerType':
    case 'DoubleType':
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
      return String;
    case 'DateTimeType':
      return style.zoned || column.dateBehavior !== 'TimeZoneIndependent'
        ? JSON.stringify
        : (value) => JSON.stringify(String(value).replace(/Z$/, ''));
    case 'ManagedPropertyType':
      return (value) =>
        JSON.stringify({ Value: value, CanBeChanged: true, ManagedPropertyLogicalName: column.logicalName });
    default:
      return JSON.stringify;
  }
}

import type { ColumnDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import { PackageError } from './package-error.ts';
import type { RawField } from './read-package-data.ts';

/** What became of a value while it was read, for the notes. */
export interface ConversionCounts {
  usDates: number;
  cutFractions: number;
}

const GUID = /^\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?$/;
const ISO = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z?$/;
const US = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d\d):(\d\d) (AM|PM)$/;

/** The text of a field as the store keeps it. `place` names table, row and line for the error. */
export function convertValue(
  column: ColumnDefinition,
  field: RawField,
  place: string,
  counts: ConversionCounts,
): StoredValue {
  const text = field.value;
  switch (column.type) {
    case 'StringType':
    case 'MemoType':
    case 'EntityNameType':
      return text;
    case 'IntegerType':
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
      return Number(match(/^-?\d+$/, text, column, place));
    case 'BigIntType':
      return match(/^-?\d+$/, text, column, place);
    case 'DecimalType':
    case 'MoneyType':
      return match(/^-?\d+(\.\d+)?$/, text, column, place);
    case 'DoubleType':
      return Number(match(/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/, text, column, place));
    case 'BooleanType':
      return /^(true|1)$/i.test(match(/^(true|false|0|1)$/i, text, column, place));
    case 'DateTimeType':
      return instant(column, text, place, counts);
    case 'UniqueidentifierType':
      return guid(text, column, place);
    case 'LookupType':
    case 'CustomerType':
    case 'OwnerType':
      return { table: targetOf(column, field, place), id: guid(text, column, place) };
    case 'MultiSelectPicklistType':
      return choices(match(/^\[?-?\d+(,-?\d+)*\]?$/, text, column, place));
    default:
      throw wrong(column, text, place, 'columns of this type hold no value');
  }
}

/** `[-1,a,b,-1]` holds the values between the two sentinels. */
function choices(text: string): string {
  return text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .filter((value) => value !== '-1')
    .join(',');
}

function guid(text: string, column: ColumnDefinition, place: string): string {
  return match(GUID, text, column, place).replace(/[{}]/g, '').toLowerCase();
}

function targetOf(column: ColumnDefinition, field: RawField, place: string): string {
  const table = field.lookupTable ?? (column.targets?.length === 1 ? column.targets[0] : undefined);
  if (table === undefined)
    throw wrong(column, field.value, place, 'the lookup does not say which table it points to');
  return table;
}

/**
 * ISO text of newer packages, or US text of older ones. US text carries no zone; the tool of that time wrote the
 * stored instant, so it is taken as UTC. Columns hold whole seconds.
 */
function instant(column: ColumnDefinition, text: string, place: string, counts: ConversionCounts): string {
  const [date, time] = isoParts(text, counts) ?? usParts(text, counts) ?? [];
  if (date === undefined || time === undefined)
    throw wrong(column, text, place, 'it is neither an ISO nor a US date');
  return column.dateBehavior === 'DateOnly' ? date : `${date}T${time}Z`;
}

function isoParts(text: string, counts: ConversionCounts): [string, string] | undefined {
  const [, date, time, fraction] = ISO.exec(text) ?? [];
  if (date === undefined || time === undefined) return undefined;
  if (fraction !== undefined && /[1-9]/.test(fraction)) counts.cutFractions++;
  return [date, time];
}

function usParts(text: string, counts: ConversionCounts): [string, string] | undefined {
  const [, month, day, year, hour, minute, second, half] = US.exec(text) ?? [];
  if (month === undefined || day === undefined || hour === undefined) return undefined;
  counts.usDates++;
  const hours = (Number(hour) % 12) + (half === 'PM' ? 12 : 0);
  const two = (digits: string | number): string => String(digits).padStart(2, '0');
  return [`${year}-${two(month)}-${two(day)}`, `${two(hours)}:${minute}:${second}`];
}

function match(pattern: RegExp, text: string, column: ColumnDefinition, place: string): string {
  if (pattern.test(text)) return text;
  throw wrong(column, text, place, `it does not look like a ${column.type.replace('Type', '')} value`);
}

function wrong(column: ColumnDefinition, text: string, place: string, why: string): PackageError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new PackageError(
    'package-value-invalid',
    `${place}: column ${column.logicalName} cannot hold “${shown}”: ${why}`,
    'Correct the value in data.xml or the type in data_schema.xml.',
  );
}

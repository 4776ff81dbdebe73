import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import { parseGuid } from '../model/guid.ts';
import type { StoredValue } from '../model/seed.ts';
import { compareDecimals, toScale } from '../store/decimal.ts';
import { badRequest, payloadError } from './errors.ts';
import { isObject, numberText, type Json } from './json.ts';
import { normalise } from './normalise.ts';

const EDM_TYPES: Readonly<Record<string, string>> = {
  IntegerType: 'Edm.Int32',
  PicklistType: 'Edm.Int32',
  StateType: 'Edm.Int32',
  StatusType: 'Edm.Int32',
  BigIntType: 'Edm.Int64',
  DecimalType: 'Edm.Decimal',
  MoneyType: 'Edm.Decimal',
  DoubleType: 'Edm.Double',
  BooleanType: 'Edm.Boolean',
  UniqueidentifierType: 'Edm.Guid',
};

/** A JSON value as the store keeps it, checked against the column. @throws ServiceError 400 */
export function convertValue(table: TableDefinition, column: ColumnDefinition, json: Json): StoredValue {
  if (json === null) return null;
  switch (column.type) {
    case 'IntegerType':
    case 'BigIntType':
      return integer(table, column, json);
    case 'DecimalType':
    case 'MoneyType':
    case 'DoubleType':
      return decimal(table, column, json);
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
      return choice(table, column, json);
    case 'MultiSelectPicklistType':
      return choices(table, column, json);
    case 'BooleanType':
      if (typeof json === 'boolean') return json;
      throw wrongType(table, column, json);
    case 'DateTimeType':
      return dateTime(table, column, json);
    case 'UniqueidentifierType': {
      const guid = typeof json === 'string' ? parseGuid(json) : undefined;
      if (guid === undefined) throw wrongType(table, column, json);
      return guid;
    }
    case 'ManagedPropertyType':
      return managedProperty(table, column, json);
    default:
      return text(table, column, json);
  }
}

function integer(table: TableDefinition, column: ColumnDefinition, json: Json): StoredValue {
  const digits = numberText(json);
  if (digits === undefined || !/^-?\d+$/.test(digits)) throw wrongType(table, column, json);
  const bounds = column.type === 'BigIntType' ? BIG_BOUNDS : INT_BOUNDS;
  checkRange(table, column, digits, bounds, '0x8004432f', 'An integer');
  return normalise(column, digits);
}

const INT_BOUNDS = ['-2147483648', '2147483647'] as const;
const BIG_BOUNDS = ['-9223372036854775808', '9223372036854775807'] as const;

function decimal(table: TableDefinition, column: ColumnDefinition, json: Json): StoredValue {
  const digits = numberText(json);
  if (digits === undefined) throw wrongType(table, column, json);
  checkRange(table, column, digits, [undefined, undefined], '0x80044330', 'A decimal value');
  if (column.type === 'DoubleType') return Number(digits);
  // Digits beyond what the column keeps are rounded away by the database.
  return toScale(digits, Math.max(10, column.precision ?? 0));
}

function checkRange(
  table: TableDefinition,
  column: ColumnDefinition,
  digits: string,
  [low, high]: readonly [string | undefined, string | undefined],
  code: string,
  what: string,
): void {
  const min = column.minValue ?? low;
  const max = column.maxValue ?? high;
  if (
    (min === undefined || compareDecimals(digits, min) >= 0) &&
    (max === undefined || compareDecimals(digits, max) <= 0)
  )
    return;
  throw badRequest(
    `A validation error occurred. ${what} provided is outside of the allowed values for this attribute. The value ${digits} ` +
      `of '${column.logicalName}' on record of type '${table.logicalName}' is outside the valid range. Accepted Values: ${min ?? ''} to ${max ?? ''}`,
    code,
  );
}

function choice(table: TableDefinition, column: ColumnDefinition, json: Json): StoredValue {
  const digits = numberText(json);
  if (digits === undefined || !/^-?\d+$/.test(digits)) throw wrongType(table, column, json);
  const value = Number(digits);
  if (column.type === 'PicklistType') checkOption(table, column, value);
  return value;
}

function choices(table: TableDefinition, column: ColumnDefinition, json: Json): StoredValue {
  if (typeof json !== 'string' && numberText(json) === undefined) throw wrongType(table, column, json);
  const values = (typeof json === 'string' ? json : (numberText(json) ?? ''))
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  for (const value of values) {
    if (!/^-?\d+$/.test(value)) throw wrongType(table, column, json);
    checkOption(table, column, Number(value));
  }
  return values.length === 0 ? null : values.join(',');
}

/** Columns whose options are not known (derived from a data package) take every number. */
function checkOption(table: TableDefinition, column: ColumnDefinition, value: number): void {
  const options = column.options ?? [];
  if (options.length === 0 || options.some((option) => option.value === value)) return;
  throw badRequest(
    `A validation error occurred. The value ${value} of '${column.logicalName}' on record of type ` +
      `'${table.logicalName}' is outside the valid range. Accepted Values: ${options.map((option) => option.value).join(',')}`,
    '0x8004431a',
  );
}

const DATE = /^(\d{4})-\d{2}-\d{2}$/;
const INSTANT = /^(\d{4})-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/;

/** Whole seconds in UTC; days for `DateOnly`. Nothing before 1753. */
function dateTime(table: TableDefinition, column: ColumnDefinition, json: Json): StoredValue {
  const dateOnly = column.dateBehavior === 'DateOnly';
  const value = typeof json === 'string' ? json : '';
  const match = (dateOnly ? DATE : INSTANT).exec(value) ?? (dateOnly ? null : DATE.exec(value));
  const zoned = value.includes('T') && !/(Z|[+-]\d{2}:\d{2})$/.test(value) ? `${value}Z` : value;
  const ms = Date.parse(zoned);
  if (match === null || Number.isNaN(ms)) {
    const type = dateOnly ? 'Edm.Date' : 'Edm.DateTimeOffset';
    throw payloadError(
      setName(table),
      `Cannot convert the literal '${shownLiteral(json)}' to the expected type '${type}'.`,
    );
  }
  if (Number(match[1]) < 1753) {
    throw badRequest(
      'The date-time format is invalid, or value is outside the supported range.',
      '0x80040239',
    );
  }
  const iso = new Date(ms).toISOString();
  return dateOnly ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

function text(table: TableDefinition, column: ColumnDefinition, json: Json): StoredValue {
  if (typeof json !== 'string') throw wrongType(table, column, json);
  const limit = column.maxLength;
  if (limit !== undefined && json.length > limit) {
    throw badRequest(
      `A validation error occurred.  The length of the '${column.logicalName}' attribute of the ` +
        `'${table.logicalName}' entity exceeded the maximum allowed length of '${limit}'.`,
      '0x80044331',
    );
  }
  // The platform stores no empty texts.
  return json === '' ? null : json;
}

function managedProperty(table: TableDefinition, column: ColumnDefinition, json: Json): StoredValue {
  const value = isObject(json) ? json['Value'] : json;
  if (typeof value !== 'boolean') throw wrongType(table, column, json);
  return value;
}

function wrongType(table: TableDefinition, column: ColumnDefinition, json: Json): Error {
  const type = EDM_TYPES[column.type] ?? 'Edm.String';
  const shown = shownLiteral(json);
  return payloadError(
    setName(table),
    `Cannot convert the literal '${shown}' to the expected type '${type}'.`,
  );
}

function setName(table: TableDefinition): string {
  return table.entitySetName ?? table.logicalName;
}

function shownLiteral(json: Json): string {
  return typeof json === 'object' && json !== null ? (numberText(json) ?? 'an object') : String(json);
}

import type { ColumnDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Environment } from '../service/environment.ts';
import { toScale } from '../store/decimal.ts';
import { isReference, textOf, type Reference } from '../store/values.ts';
import type { RowValues } from '../store/table-store.ts';

/**
 * The text of a `FormattedValue` annotation (US English, UTC). Undefined: the column has none.
 */
export function formatValue(
  environment: Environment,
  column: ColumnDefinition,
  value: StoredValue,
  row: RowValues,
): string | undefined {
  if (value === null) return undefined;
  if (isReference(value)) return value.name ?? referenceName(environment, value);
  switch (column.type) {
    case 'BooleanType':
      return optionLabel(column, value === true ? 1 : 0) ?? (value === true ? 'Yes' : 'No');
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
      return optionLabel(column, Number(value));
    case 'MultiSelectPicklistType':
      return String(value)
        .split(',')
        .map((one) => optionLabel(column, Number(one)) ?? one)
        .join('; ');
    case 'MoneyType':
      return money(environment, column, String(value), row);
    case 'DecimalType':
      return grouped(toScale(String(value), column.precision ?? 2));
    case 'DoubleType':
      return grouped(Number(value).toFixed(column.precision ?? 2));
    case 'IntegerType':
    case 'BigIntType':
      return grouped(String(value));
    case 'DateTimeType':
      return date(column, String(value));
    default:
      return undefined;
  }
}

/** The primary name of the row that a lookup points to. */
export function referenceName(environment: Environment, reference: Reference): string | undefined {
  const table = environment.schema.table(reference.table);
  const name = table?.primaryName;
  if (name === null || name === undefined) return undefined;
  const value = environment.database.get(reference.table, reference.id)?.values[name];
  return typeof value === 'string' ? value : undefined;
}

export function optionLabel(column: ColumnDefinition, value: number): string | undefined {
  return column.options?.find((option) => option.value === value)?.label;
}

function money(environment: Environment, column: ColumnDefinition, value: string, row: RowValues): string {
  const base = column.calculationOf !== undefined || column.logicalName.endsWith('_base');
  const reference = row['transactioncurrencyid'];
  const id = !base && isReference(reference) ? reference.id : environment.baseCurrencyId;
  const symbol = environment.database.get('transactioncurrency', id)?.values['currencysymbol'];
  const mark = textOf(symbol) ?? '$';
  const text = grouped(toScale(value, column.precision ?? 2));
  return text.startsWith('-') ? `(${mark}${text.slice(1)})` : `${mark}${text}`;
}

function grouped(number: string): string {
  const [whole = '', fraction] = number.split('.');
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? text : `${text}.${fraction}`;
}

function date(column: ColumnDefinition, value: string): string {
  const [day = '', time] = value.split('T');
  const [year, month, dayOfMonth] = day.split('-').map(Number);
  const dayText = `${month}/${dayOfMonth}/${year}`;
  if (time === undefined || column.dateBehavior === 'DateOnly' || column.format === 'DateOnly')
    return dayText;
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return `${dayText} ${hour % 12 === 0 ? 12 : hour % 12}:${String(minute).padStart(2, '0')} ${hour < 12 ? 'AM' : 'PM'}`;
}

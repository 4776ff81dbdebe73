import type { ColumnDefinition } from '../model/definitions.ts';
import { parseGuid } from '../model/guid.ts';
import type { StoredValue } from '../model/seed.ts';
import { toScale } from '../store/decimal.ts';

/** Digits after the point that the store keeps: ten, twelve for exchange rates. */
export function storedScale(column: ColumnDefinition): number {
  return Math.max(10, column.precision ?? 0);
}

/** The value as the store keeps it; numbers that came as another kind of number are brought into line. */
export function normalise(column: ColumnDefinition, value: StoredValue): StoredValue {
  if (value === null || typeof value === 'object' || typeof value === 'boolean') return value;
  switch (column.type) {
    case 'DecimalType':
    case 'MoneyType':
      return toScale(String(value), storedScale(column));
    case 'BigIntType':
      return toScale(String(value), 0);
    case 'IntegerType':
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
    case 'DoubleType':
      return Number(value);
    case 'UniqueidentifierType':
      return parseGuid(String(value)) ?? String(value);
    case 'BooleanType':
      return value === 1 || value === 'true' || value === '1';
    default:
      return String(value);
  }
}

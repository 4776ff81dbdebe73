import type { StoredValue } from '../model/seed.ts';
import type { ColumnDefinition } from '../model/definitions.ts';
import { guidSortKey } from '../model/guid.ts';
import { isLookup } from '../model/schema.ts';
import { compareDecimals } from './decimal.ts';
import type { Row } from './table-store.ts';

export interface Reference {
  readonly table: string;
  readonly id: string;
  /** Only of rows that outlive what they refer to, retained ones: its name when they were moved. */
  readonly name?: string;
}

export function isReference(value: StoredValue | undefined): value is Reference {
  return typeof value === 'object' && value !== null;
}

export function referenceId(value: StoredValue | undefined): string | undefined {
  return isReference(value) ? value.id : typeof value === 'string' ? value : undefined;
}

export function sameValue(a: StoredValue | undefined, b: StoredValue | undefined): boolean {
  if (isReference(a) && isReference(b)) return a.id === b.id && a.table === b.table;
  return (a ?? null) === (b ?? null);
}

const NUMERIC = new Set([
  'IntegerType',
  'BigIntType',
  'DecimalType',
  'DoubleType',
  'MoneyType',
  'PicklistType',
]);
const GUID_TYPES = new Set(['UniqueidentifierType']);

export type Kind = 'number' | 'guid' | 'text' | 'boolean';

export function kindOf(column: ColumnDefinition): Kind {
  if (isLookup(column) || GUID_TYPES.has(column.type)) return 'guid';
  if (NUMERIC.has(column.type) || column.type === 'StateType' || column.type === 'StatusType')
    return 'number';
  if (column.type === 'BooleanType') return 'boolean';
  return 'text';
}

/**
 * The order of a database: numbers by value, guids as SQL Server keeps them, text without regard to case.
 * Both sides are texts (numbers as digits, lookups as their id).
 */
export function compareTexts(kind: Kind, left: string, right: string): number {
  if (kind === 'number') return compareDecimals(left, right);
  const a = kind === 'guid' ? guidSortKey(left) : left.toLowerCase();
  const b = kind === 'guid' ? guidSortKey(right) : right.toLowerCase();
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The value as comparable text; undefined stands for null. */
export function textOf(value: StoredValue | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  return isReference(value) ? value.id : String(value);
}

/** The value as text, empty for null. */
export function plainText(value: StoredValue | undefined): string {
  return textOf(value) ?? '';
}

/** `versionnumber` as digits: the row version, or what an elastic row has in its place. */
export function rowVersion(row: Row): string {
  return textOf(row.values['versionnumber']) ?? String(row.version);
}

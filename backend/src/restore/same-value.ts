import { isReference, type Value } from '../base/value.ts';
import type { ColumnType } from '../vault/index.ts';

/**
 * Whether two values of a column mean the same: numbers whatever their trailing zeros, instants whatever their
 * fraction's zeros, multi-select as sets, ids whatever their case. Contents stand here as their sha256.
 */
export function sameValue(type: ColumnType, a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  return canonicalText(type, a) === canonicalText(type, b);
}

/** Equal texts are equal values; `docs/vault.md`, row hash. */
export function canonicalText(type: ColumnType, value: Exclude<Value, null>): string {
  if (isReference(value)) return `${value.table}:${value.id.toLowerCase()}`;
  const text = String(value);
  switch (type) {
    case 'decimal':
    case 'rate':
    case 'long':
      return plainNumber(text);
    case 'timestamp':
    case 'wallTime':
      return microseconds(text);
    case 'multiSelect':
      return text
        .split(',')
        .map((part) => part.trim())
        .sort((a, b) => Number(a) - Number(b))
        .join(',');
    case 'guid':
      return text.toLowerCase();
    default:
      return text;
  }
}

function plainNumber(text: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  if (whole === '') return text;
  const digits = fraction === '' ? whole : `${whole}.${fraction}`;
  return digits === '0' ? '0' : sign + digits;
}

function microseconds(text: string): string {
  const [, instant, fraction = ''] = /^(.*?\d{2}:\d{2}:\d{2})(?:\.(\d+))?Z?$/.exec(text) ?? [];
  return instant === undefined ? text : `${instant}.${fraction.padEnd(6, '0')}Z`;
}

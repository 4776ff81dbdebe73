import type { Value } from '../../base/value.ts';
import type { ColumnMetadata, TableDetails } from '../metadata/types.ts';
import { day, finite, unreadable, valueOf } from './decode.ts';
import { isObject, parseRowText } from './lossless.ts';
import type { RowText } from './row-text.ts';

/** Reads one column's value out of a row's text. */
export type ColumnReader = (row: RowText) => Value;

/** Undefined: not in the usual form; the general way then decides whether it is a value at all. */
type UsualReader = (row: RowText, slot: number, start: number) => Value | undefined;

const quote = 0x22;
const minus = 0x2d;
const colonSign = 0x3a;

/** `targetSlot` is that of the annotation that tells the table of a lookup. */
export function columnReader(
  table: TableDetails,
  column: ColumnMetadata,
  slot: number,
  targetSlot: number,
): ColumnReader {
  const usual = usualReader(column, targetSlot);
  return (row) => {
    const start = row.startOf(slot);
    if (start < 0 || isNull(row, slot, start)) return null;
    return usual(row, slot, start) ?? general(table, column, row, slot, targetSlot);
  };
}

function general(
  table: TableDetails,
  column: ColumnMetadata,
  row: RowText,
  slot: number,
  targetSlot: number,
): Value {
  const raw = parsed(row.literal(slot) ?? 'null');
  const value = valueOf(column, raw, () => row.string(targetSlot));
  if (value === undefined) throw unreadable(table, column, raw);
  return value;
}

/** The literal as `parseRowText` reads it; the literal itself where it is no JSON. */
function parsed(literal: string): unknown {
  try {
    const row = parseRowText(`{"value":${literal}}`);
    return isObject(row) ? row['value'] : undefined;
  } catch {
    // What this is, the error that follows will show.
    return { literal };
  }
}

function usualReader(column: ColumnMetadata, targetSlot: number): UsualReader {
  switch (column.kind) {
    case 'integer':
    case 'choice':
    case 'state':
    case 'status':
    case 'double':
      return (row, slot, start) => (beginsNumber(row, start) ? finite(row.literal(slot) ?? '') : undefined);
    case 'bigint':
    case 'decimal':
    case 'money':
      return plainNumber;
    case 'boolean':
      return (row, slot) => {
        const literal = row.literal(slot);
        return literal === 'true' ? true : literal === 'false' ? false : undefined;
      };
    case 'datetime':
      return column.dateBehavior === 'dateOnly'
        ? (row, slot) => day(row.string(slot))
        : (row, slot, start) => (isPlainInstant(row, slot, start) ? row.string(slot) : undefined);
    case 'guid':
    case 'image':
    case 'file':
      return (row, slot) => row.string(slot)?.toLowerCase();
    case 'lookup':
    case 'customer':
    case 'owner':
      return referenceReader(column, targetSlot);
    default:
      return (row, slot) => row.string(slot);
  }
}

/** Tables come out of few names: those met last are given again instead of being cut out anew. */
function referenceReader(column: ColumnMetadata, targetSlot: number): UsualReader {
  const only = column.targets?.length === 1 ? column.targets[0] : undefined;
  let last = `"${only ?? ''}"`;
  let table = only;
  return (row, slot) => {
    const id = row.string(slot)?.toLowerCase();
    const start = row.startOf(targetSlot);
    if (id === undefined || (start < 0 && only === undefined)) return undefined;
    if (start < 0) return { table: only ?? '', id };
    if (!row.text.startsWith(last, start)) {
      table = row.string(targetSlot);
      last = row.literal(targetSlot) ?? '';
    }
    return table === undefined ? undefined : { table, id };
  };
}

function isNull(row: RowText, slot: number, start: number): boolean {
  return row.endOf(slot) - start === 4 && row.text.startsWith('null', start);
}

function beginsNumber(row: RowText, start: number): boolean {
  const code = row.text.charCodeAt(start);
  return code === minus || isDigit(code);
}

/** Digits with at most a sign and a point, as the service prints numbers; anything with an exponent is not usual. */
function plainNumber(row: RowText, slot: number, start: number): string | undefined {
  const { text } = row;
  const end = row.endOf(slot);
  let at = text.charCodeAt(start) === minus ? start + 1 : start;
  let digits = 0;
  let points = 0;
  for (; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) digits += 1;
    else if (code === 0x2e && digits > 0) points += 1;
    else return undefined;
  }
  return digits > 0 && points < 2 && isDigit(text.charCodeAt(end - 1)) ? text.slice(start, end) : undefined;
}

/** `"YYYY-MM-DDTHH:mm:ssZ"`, which is the form of the value too. */
function isPlainInstant(row: RowText, slot: number, start: number): boolean {
  const { text } = row;
  if (row.endOf(slot) - start !== 22 || text.charCodeAt(start) !== quote) return false;
  for (let at = 0; at < instantForm.length; at += 1) {
    const code = text.charCodeAt(start + 1 + at);
    const wanted = instantForm.charCodeAt(at);
    if (wanted === 0x30 ? !isDigit(code) : code !== wanted) return false;
  }
  return true;
}

const instantForm = '0000-00-00T00:00:00Z';

function isDigit(code: number): boolean {
  return code >= 0x30 && code < colonSign;
}

import type { Value, Values } from '../../base/value.ts';
import { DataverseError } from '../errors.ts';
import { propertyOf, type ColumnMetadata, type TableDetails } from '../metadata/types.ts';
import { byCodePoint } from '../metadata/select.ts';
import { isObject, numberText, plainDigits } from './lossless.ts';

export const lookupTable = 'Microsoft.Dynamics.CRM.lookuplogicalname';
export const formattedValue = 'OData.Community.Display.V1.FormattedValue';

export interface DecodedRow {
  readonly id: string;
  readonly etag: string | null;
  readonly values: Values;
}

export type RowDecoder = (row: unknown) => DecodedRow;

/** The `$select` that brings these columns and the id, sorted so that links stay the same. */
export function selectClause(table: TableDetails, columns: readonly string[]): string {
  const properties = new Set(columns.map((name) => propertyOf(knownColumn(table, name))));
  if (table.primaryId !== null) properties.add(table.primaryId);
  return [...properties].sort(byCodePoint).join(',');
}

/** Reads rows as the service sends them into values, by what the metadata says of each column. */
export function rowDecoder(table: TableDetails, columns: readonly string[]): RowDecoder {
  const wanted = columns.map((name) => knownColumn(table, name));
  const readers = wanted.map((column) => ({ name: column.name, read: reader(table, column) }));
  return (row) => {
    if (!isObject(row)) throw malformed(table, 'a row is not an object');
    const id = row[table.primaryId ?? ''];
    if (typeof id !== 'string') throw malformed(table, `a row has no ${table.primaryId}`);
    const values: Record<string, Value> = {};
    for (const { name, read } of readers) values[name] = read(row);
    const etag = row['@odata.etag'];
    return { id: id.toLowerCase(), etag: typeof etag === 'string' ? etag : null, values };
  };
}

type Reader = (row: Readonly<Record<string, unknown>>) => Value;

function reader(table: TableDetails, column: ColumnMetadata): Reader {
  const property = propertyOf(column);
  const read = (raw: unknown, row: Readonly<Record<string, unknown>>): Value => {
    const value = valueOf(column, raw, () => row[`${property}@${lookupTable}`]);
    if (value !== undefined) return value;
    throw unreadable(table, column, raw);
  };
  return (row) => {
    const raw = row[property];
    return raw === undefined || raw === null ? null : read(raw, row);
  };
}

/** Tells the form of what came, never the value: errors end up in logs. */
export function unreadable(table: TableDetails, column: ColumnMetadata, raw: unknown): DataverseError {
  return malformed(table, `column ${column.name} (${column.kind}) holds ${formOf(raw)}`);
}

function formOf(raw: unknown): string {
  if (typeof raw === 'string') return `a text of ${raw.length} characters that is none of its values`;
  if (isObject(raw)) return 'an object';
  return Array.isArray(raw) ? 'a list' : `a ${typeof raw}`;
}

/** Undefined: the service sent something that this kind of column cannot hold. */
export function valueOf(column: ColumnMetadata, raw: unknown, target: () => unknown): Value | undefined {
  switch (column.kind) {
    case 'integer':
    case 'choice':
    case 'state':
    case 'status':
    case 'double':
      return mapped(numberText(raw), finite);
    case 'bigint':
    case 'decimal':
    case 'money':
      return mapped(numberText(raw), plainDigits);
    case 'boolean':
      return typeof raw === 'boolean' ? raw : undefined;
    case 'datetime':
      return column.dateBehavior === 'dateOnly' ? day(raw) : instant(raw);
    case 'guid':
    case 'image':
    case 'file':
      return mapped(textOf(raw), (text) => text.toLowerCase());
    case 'lookup':
    case 'customer':
    case 'owner':
      return reference(column, raw, target());
    default:
      return textOf(raw);
  }
}

function reference(column: ColumnMetadata, raw: unknown, annotated: unknown): Value | undefined {
  const only = column.targets?.length === 1 ? column.targets[0] : undefined;
  const table = typeof annotated === 'string' ? annotated : only;
  return typeof raw === 'string' && table !== undefined ? { table, id: raw.toLowerCase() } : undefined;
}

function textOf(raw: unknown): string | undefined {
  return typeof raw === 'string' ? raw : undefined;
}

function mapped(text: string | undefined, map: (text: string) => Value | undefined): Value | undefined {
  return text === undefined ? undefined : map(text);
}

/** Beyond the range of doubles there is no number to keep. */
export function finite(text: string): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** `YYYY-MM-DD`, which is how an instant begins too. */
export function day(raw: unknown): string | undefined {
  return typeof raw === 'string' && /^\d{4}-\d\d-\d\d(?!\d)/.test(raw) ? raw.slice(0, 10) : undefined;
}

const instantPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;

/** `YYYY-MM-DDTHH:mm:ss[.ffffff]Z`. Wall times are printed with `Z` as well, so both read the same. */
export function instant(raw: unknown): string | undefined {
  const parts = typeof raw === 'string' ? instantPattern.exec(raw) : null;
  if (parts === null) return undefined;
  const [, whole = '', fraction = '', zone = 'Z'] = parts;
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  const utc = zone === 'Z' ? whole : inUtc(`${whole}${zone}`);
  if (utc === undefined) return undefined;
  return /^0*$/.test(micros) ? `${utc}Z` : `${utc}.${micros}Z`;
}

/** Undefined: no such day or hour. */
function inUtc(text: string): string | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().slice(0, 19);
}

export function knownColumn(table: TableDetails, name: string): ColumnMetadata {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  throw new DataverseError(
    `Table ${table.name} has no column ${name}.`,
    { kind: 'bad-request', status: 0, serviceCode: '', requestId: null, table: table.name },
    { hint: 'Check the name: it is the logical name, in lower case. The schema may have changed.' },
  );
}

export function malformed(table: { readonly name: string }, what: string): DataverseError {
  return new DataverseError(`The service's answer for ${table.name} cannot be read: ${what}.`, {
    kind: 'unexpected-answer',
    status: 200,
    serviceCode: '',
    requestId: null,
    table: table.name,
  });
}

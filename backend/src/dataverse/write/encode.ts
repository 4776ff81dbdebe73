import { LosslessNumber } from 'lossless-json';
import { isReference, type Reference, type Value, type Values } from '../../base/value.ts';
import type { OmittedColumn } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { bodyColumn } from '../metadata/select.ts';
import {
  columnOf,
  isLookup,
  type ColumnMetadata,
  type TableDetails,
  type TableMetadata,
} from '../metadata/types.ts';
import { rowPath } from '../row-address.ts';

export type TableByName = ReadonlyMap<string, TableMetadata>;
export type Body = Record<string, unknown>;

export interface EncodedRow {
  readonly body: Body;
  readonly omitted: readonly OmittedColumn[];
}

type Property = { readonly name: string; readonly value: unknown };
type Encoded = Property | OmittedColumn['because'] | 'nothing-to-say';

/**
 * Values as the service takes them. It ignores columns that may not be written without a word, so they are never sent
 * and are named instead.
 */
export function encodeRow(
  table: TableDetails,
  values: Values,
  verb: 'create' | 'update',
  tables: TableByName,
): EncodedRow {
  const body: Body = {};
  const omitted: OmittedColumn[] = [];
  for (const [name, value] of Object.entries(values)) {
    const column = columnOf(table, name);
    const encoded =
      column === undefined ? 'unknown-column' : encodeColumn(table, column, value, verb, tables);
    if (encoded === 'nothing-to-say') continue;
    if (typeof encoded === 'string') omitted.push({ column: name, because: encoded });
    else body[encoded.name] = encoded.value;
  }
  return { body, omitted };
}

function encodeColumn(
  table: TableDetails,
  column: ColumnMetadata,
  value: Value,
  verb: 'create' | 'update',
  tables: TableByName,
): Encoded {
  const refused = whyNot(table, column, verb);
  if (refused !== null) return refused;
  if (verb === 'create' && value === null && !overridesDefault(column)) return 'nothing-to-say';
  if (isLookup(column)) return bind(table, column, value, tables);
  return { name: column.name, value: wireValue(table, column, value) };
}

function whyNot(
  table: TableDetails,
  column: ColumnMetadata,
  verb: 'create' | 'update',
): OmittedColumn['because'] | null {
  if (writtenSeparately(table, column)) return 'written-separately';
  if (column.source !== 'simple' || column.calculationOf !== undefined) return 'computed';
  const valid = verb === 'create' ? column.validForCreate : column.validForUpdate;
  if (!valid || !writableKind(table, column)) return 'not-writable';
  return column.isPrimaryId && verb === 'update' ? 'not-writable' : null;
}

/** State comes last; contents have calls of their own; the id and created-on are options of the create. */
function writtenSeparately(table: TableDetails, column: ColumnMetadata): boolean {
  if (['state', 'status', 'file', 'image', 'partyList'].includes(column.kind)) return true;
  return column.name === 'overriddencreatedon' || bodyColumn(table) === column;
}

/** Of the table-name columns only the one that tells what an attachment belongs to has to be said. */
function writableKind(table: TableDetails, column: ColumnMetadata): boolean {
  if (column.kind === 'entityName') return table.name === 'activitymimeattachment';
  if (['managedProperty', 'calendarRules', 'virtual'].includes(column.kind)) return false;
  return column.attributeOf === null && column.validOData;
}

/** A new row gets the default of a choice that is not mentioned, so an empty one has to be said. */
function overridesDefault(column: ColumnMetadata): boolean {
  return ['choice', 'multiChoice', 'boolean'].includes(column.kind) && column.required !== 'system';
}

/** JSON would write `NaN` as null, which empties the column. */
function wireValue(table: TableDetails, column: ColumnMetadata, value: Value): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw notANumber(table, column);
  if (!['decimal', 'money', 'bigint'].includes(column.kind) || typeof value !== 'string') return value;
  if (!/^-?\d+(\.\d+)?$/.test(value)) throw notANumber(table, column);
  return new LosslessNumber(value);
}

function notANumber(table: TableDetails, column: ColumnMetadata): DataverseError {
  return new DataverseError(
    `${column.name} of ${table.name} (${column.kind}) takes a number; this is none.`,
    { kind: 'bad-request', status: 0, serviceCode: '', requestId: null, table: table.name },
    { hint: 'Write a number in digits, with a point where it has a fraction.' },
  );
}

/**
 * A lookup is written through its single-valued navigation property; a polymorphic one has one for each target, and
 * setting one clears the others. Emptying goes through any of them.
 */
function bind(table: TableDetails, column: ColumnMetadata, value: Value, tables: TableByName): Encoded {
  const target = isReference(value) ? value : null;
  const navigation = navigationOf(table, column, target);
  if (navigation === null) return 'unknown-target';
  if (target === null) return { name: `${navigation}@odata.bind`, value: null };
  const targetTable = tables.get(target.table);
  if (targetTable?.entitySet == null) return 'unknown-target';
  return { name: `${navigation}@odata.bind`, value: `/${rowPath(targetTable, target.id)}` };
}

function navigationOf(table: TableDetails, column: ColumnMetadata, target: Reference | null): string | null {
  const all = table.manyToOne.filter((one) => one.referencingColumn === column.name);
  const named = target === null ? all : all.filter((one) => one.referencedTable === target.table);
  // The owner is one relationship, to the abstract table `owner`, whatever the owner is.
  const usable = named.length > 0 || column.kind !== 'owner' ? named : all;
  return usable.find((one) => one.referencingNavigation !== null)?.referencingNavigation ?? null;
}

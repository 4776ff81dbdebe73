import { assert } from '../base/assert.ts';
import {
  bodyColumn,
  leftOutColumns,
  selectList,
  type ColumnMetadata,
  type LeftOutBecause,
  type TableDetails,
} from '../dataverse/index.ts';
import type { ColumnSchema, ColumnType, TableSchema } from '../vault/index.ts';

export interface LeftOutColumn {
  readonly column: string;
  readonly code: Exclude<LeftOutBecause, 'body'> | 'secured' | 'repeats' | 'policy';
  readonly why: string;
}

export interface ColumnPlan {
  /** Sorted by name. */
  readonly columns: readonly ColumnSchema[];
  readonly leftOut: readonly LeftOutColumn[];
}

const why: Readonly<Record<LeftOutColumn['code'], string>> = {
  'not-readable': 'the Web API does not give this column',
  'part-of-image': 'comes with the image column',
  'not-a-value': 'holds no value of the row; such rows have tables of their own',
  secured: 'column security hides it from the backup; grant read in a field security profile',
  repeats: 'holds the same content as the body',
  policy: 'the policy leaves out files',
};

/**
 * The columns that a backup of this table captures. A column that the service may hide from us (secured, and not among
 * `readableSecured`) is left out, because its null would look like "empty".
 */
export function planColumns(
  table: TableDetails,
  readableSecured: ReadonlySet<string>,
  withFiles: boolean,
): ColumnPlan {
  const body = bodyColumn(table);
  const selected = new Set(selectList(table));
  const columns: ColumnSchema[] = [];
  const leftOut = leftOutColumns(table).flatMap(({ column, because }) =>
    because === 'body' ? [] : [leftOutAs(column.name, because)],
  );
  for (const column of table.columns.filter(
    (candidate) => selected.has(candidate.name) || candidate === body,
  )) {
    if (column.secured && !readableSecured.has(column.name)) leftOut.push(leftOutAs(column.name, 'secured'));
    else if (column === body && !withFiles) leftOut.push(leftOutAs(column.name, 'policy'));
    else if (column.kind === 'file' && body !== null) leftOut.push(leftOutAs(column.name, 'repeats'));
    else columns.push(columnSchema(table, column, column === body));
  }
  return { columns: columns.sort((a, b) => (a.name < b.name ? -1 : 1)), leftOut };
}

/** The columns to ask the service for: bodies never travel in row pages. */
export function columnsToRead(schema: TableSchema): string[] {
  return schema.columns.filter((column) => column.type !== 'body').map((column) => column.name);
}

export function leftOutAs(column: string, code: LeftOutColumn['code']): LeftOutColumn {
  return { column, code, why: why[code] };
}

function columnSchema(table: TableDetails, column: ColumnMetadata, isBody: boolean): ColumnSchema {
  const type = isBody ? 'body' : typeOf(column);
  assert(type !== null, `${table.name}.${column.name} is read and has no type in the vault`);
  const choices = column.options?.map((option) => [String(option.value), option.label] as const) ?? [];
  return {
    name: column.name,
    id: column.id,
    type,
    deltaName: column.name,
    ...scaleOf(column, type),
    ...(isVolatile(table, column) ? { volatile: true as const } : {}),
    label: column.label,
    ...stampOf(table, column, type),
    ...(choices.length > 0 ? { choices: Object.fromEntries(choices) } : {}),
  };
}

/** Rates are decimals with more than ten digits after the point. Null: the kind has no value in a row. */
function typeOf(column: ColumnMetadata): ColumnType | null {
  switch (column.kind) {
    case 'text':
    case 'memo':
    case 'entityName':
      return 'string';
    case 'integer':
    case 'choice':
    case 'state':
    case 'status':
      return 'int';
    case 'bigint':
      return 'long';
    case 'decimal':
      return (column.precision ?? 0) > 10 || column.name === 'exchangerate' ? 'rate' : 'decimal';
    case 'money':
      return 'decimal';
    case 'double':
      return 'double';
    case 'boolean':
      return 'boolean';
    case 'datetime':
      return dateType(column);
    case 'multiChoice':
      return 'multiSelect';
    case 'lookup':
    case 'customer':
    case 'owner':
      return 'lookup';
    case 'guid':
      return 'guid';
    case 'image':
      return 'image';
    case 'file':
      return 'file';
    case 'partyList':
    case 'managedProperty':
    case 'calendarRules':
    case 'virtual':
      return null;
  }
}

function dateType(column: ColumnMetadata): ColumnType {
  switch (column.dateBehavior ?? 'userLocal') {
    case 'dateOnly':
      return 'date';
    case 'timeZoneIndependent':
      return 'wallTime';
    case 'userLocal':
      return 'timestamp';
  }
}

/** Delta keeps ten digits after the point, of a rate twelve. */
function scaleOf(column: ColumnMetadata, type: ColumnType): { scale?: number } {
  if (column.precision === undefined) return {};
  if (type === 'decimal') return { scale: Math.min(column.precision, 10) };
  return type === 'rate' ? { scale: Math.min(column.precision, 12) } : {};
}

/** What changes with the content: a new picture may keep the image's id, and a body belongs to its row's version. */
function stampOf(table: TableDetails, column: ColumnMetadata, type: ColumnType): { contentStamp?: string } {
  if (type === 'body') return { contentStamp: 'versionnumber' };
  const stamp = `${column.name}_timestamp`;
  const exists = table.columns.some(
    (other) => other.name === stamp && other.validForRead && other.validOData,
  );
  return type === 'image' && exists ? { contentStamp: stamp } : {};
}

/** Changes without a new row version, or follows from another captured column. */
function isVolatile(table: TableDetails, column: ColumnMetadata): boolean {
  if (column.source !== 'simple' || column.calculationOf !== undefined) return true;
  if (column.kind === 'money' && column.name.endsWith('_base')) return true;
  return table.columns.some(
    (other) =>
      other.source === 'rollup' &&
      (column.name === `${other.name}_date` || column.name === `${other.name}_state`),
  );
}

import { assert } from '../../base/assert.ts';
import { VaultError } from '../errors.ts';
import type { ColumnSchema, ColumnType, TableSchema } from '../schema.ts';

/** Delta's own names of the types we use. */
export type DeltaType =
  | 'string'
  | 'integer'
  | 'long'
  | 'decimal(38,10)'
  | 'decimal(38,12)'
  | 'double'
  | 'boolean'
  | 'timestamp'
  | 'date';

export interface DeltaField {
  readonly name: string;
  readonly type: DeltaType;
}

/** Null: the column has no Delta column at all. */
const deltaTypes: Readonly<Record<ColumnType, DeltaType | null>> = {
  string: 'string',
  int: 'integer',
  long: 'long',
  decimal: 'decimal(38,10)',
  rate: 'decimal(38,12)',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  wallTime: 'timestamp',
  date: 'date',
  multiSelect: 'string',
  lookup: 'string',
  guid: 'string',
  file: 'string',
  image: 'string',
  body: null,
};

/** How DuckDB calls the types; a timestamp with time zone is Parquet's instant in microseconds, as Delta wants it. */
export const duckTypes: Readonly<Record<DeltaType, string>> = {
  string: 'VARCHAR',
  integer: 'INTEGER',
  long: 'BIGINT',
  'decimal(38,10)': 'DECIMAL(38,10)',
  'decimal(38,12)': 'DECIMAL(38,12)',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMPTZ',
  date: 'DATE',
};

/** Our own columns, in front of every table's. */
export const ownFields: readonly DeltaField[] = [
  { name: 'rowback_op', type: 'string' },
  { name: 'rowback_why', type: 'string' },
  { name: 'rowback_snapshot', type: 'string' },
  { name: 'rowback_seq', type: 'long' },
  { name: 'rowback_captured_at', type: 'timestamp' },
  { name: 'rowback_epoch', type: 'integer' },
  { name: 'rowback_schema', type: 'string' },
];

/** Delta columns of one column: none for bodies, two for lookups. */
export function fieldsOf(column: ColumnSchema): readonly DeltaField[] {
  const type = deltaTypes[column.type];
  if (type === null) return [];
  const field = { name: column.deltaName, type };
  return column.type === 'lookup' ? [field, { name: lookupTableName(column), type: 'string' }] : [field];
}

export function lookupTableName(column: ColumnSchema): string {
  return `${column.deltaName}_table`;
}

/** The Delta columns of a table, without ours. */
export function fieldsOfTable(schema: TableSchema): DeltaField[] {
  const fields = schema.columns.flatMap(fieldsOf);
  const names = new Set(fields.map((field) => field.name));
  assert(names.size === fields.length, `two columns of ${schema.table} have the same Delta column`);
  return fields;
}

/** Delta columns that make the key, in order. */
export function keyFields(schema: TableSchema): readonly string[] {
  return schema.key.map((name) => {
    const column = schema.columns.find((candidate) => candidate.name === name);
    assert(column !== undefined, `the key column ${name} of ${schema.table} is not in its schema`);
    return column.deltaName;
  });
}

/** The fields known so far and those that came. Throws `column-conflict` when a name came back with another type. */
export function mergeFields(
  known: readonly DeltaField[],
  wanted: readonly DeltaField[],
  table: string,
): DeltaField[] {
  const merged = new Map(known.map((field) => [field.name, field]));
  for (const field of wanted) {
    const before = merged.get(field.name);
    if (before !== undefined && before.type !== field.type) throw conflict(table, before, field);
    merged.set(field.name, field);
  }
  return [...merged.values()];
}

function conflict(table: string, before: DeltaField, now: DeltaField): VaultError {
  return new VaultError(
    'column-conflict',
    `The column ${now.name} of ${table} is ${before.type} in the vault and ${now.type} now.`,
    {
      hint: 'A column that came back with another type needs a Delta name of its own (name__2) in the schema.',
      context: { table, column: now.name },
    },
  );
}

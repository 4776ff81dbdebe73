import type { ColumnSchema, ColumnType, TableSchema } from '../vault/index.ts';

/** A column as it was once captured, for the day when its name comes back. */
export type KnownColumn = Pick<ColumnSchema, 'name' | 'id' | 'type' | 'deltaName' | 'knownFrom'>;

/**
 * The planned schema, with the names that its columns have in Delta: a column goes on under its old name as long as it
 * is the same column (MetadataId) of a type that Delta keeps the same way; a name that comes back as something else
 * gets a name of its own (`name__2`). A column that was not captured before is known from this snapshot on.
 *
 * @param known every column ever captured, the newest schema's included; empty for a table that is new.
 */
export function continueSchema(
  planned: TableSchema,
  known: readonly KnownColumn[],
  snapshot: string,
): TableSchema {
  if (known.length === 0) return planned;
  const taken = new Set(known.map((column) => column.deltaName));
  const columns = planned.columns.map((column) => {
    const same = known.find(
      (old) => old.id === column.id && old.name === column.name && sameInDelta(old, column),
    );
    if (same !== undefined) return { ...column, ...kept(same) };
    return { ...column, deltaName: freeName(column.name, taken), knownFrom: snapshot };
  });
  return { ...planned, columns };
}

/** Columns that `next` no longer has, with those that were retired before. */
export function retiredColumns(known: readonly KnownColumn[], next: TableSchema): KnownColumn[] {
  const inUse = new Set(next.columns.map((column) => column.deltaName));
  return known
    .filter((column) => !inUse.has(column.deltaName))
    .map(({ name, id, type, deltaName }) => ({ name, id, type, deltaName }));
}

/** Names that stand for another column in `after` than in `before`, or for one of another type. */
export function movedColumns(before: TableSchema, after: TableSchema): ReadonlySet<string> {
  const captured = new Map(before.columns.map((column) => [column.name, column]));
  const moved = after.columns.filter(({ name, type, deltaName }) => {
    const old = captured.get(name);
    return old !== undefined && (old.type !== type || old.deltaName !== deltaName);
  });
  return new Set(moved.map(({ name }) => name));
}

/** A column that was away was not captured meanwhile: what is known of it begins anew, so `knownFrom` is not carried. */
function kept(same: KnownColumn): Pick<ColumnSchema, 'deltaName' | 'knownFrom'> {
  return same.knownFrom === undefined
    ? { deltaName: same.deltaName }
    : { deltaName: same.deltaName, knownFrom: same.knownFrom };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}__${number}`)) number += 1;
  return `${name}__${number}`;
}

function sameInDelta(a: { readonly type: ColumnType }, b: { readonly type: ColumnType }): boolean {
  return deltaType[a.type] === deltaType[b.type];
}

const deltaType: Readonly<Record<ColumnType, string>> = {
  string: 'string',
  multiSelect: 'string',
  guid: 'string',
  file: 'string',
  image: 'string',
  int: 'int',
  long: 'long',
  decimal: 'decimal(38,10)',
  rate: 'decimal(38,12)',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  wallTime: 'timestamp',
  date: 'date',
  lookup: 'lookup',
  body: 'none',
};

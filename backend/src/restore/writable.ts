import { createHash } from 'node:crypto';
import { columnOf, type ColumnMetadata, type TableDetails } from '../dataverse/index.ts';
import type { ColumnSchema, TableSchema } from '../vault/index.ts';

/** Set by the platform at every write, or derived from another column: never planned, named as side effects. */
const platform = new Set([
  'versionnumber',
  'modifiedon',
  'modifiedby',
  'modifiedonbehalfby',
  'overriddencreatedon',
  'owninguser',
  'owningteam',
  'exchangerate',
  // The mark of long-term retention: who wrote it back would send the row away again.
  'msft_datastate',
]);

/** Belong to the process instance, which is a row of its own; sent with the row they would refer to a stage gone. */
const legacyProcess = new Set(['processid', 'stageid', 'traversedpath']);

/** Columns of a captured version that a plan decides about, in the order of their names. */
export function plannedColumns(schema: TableSchema): readonly ColumnSchema[] {
  const contents = schema.columns.filter((column) => column.type === 'file' || column.type === 'image');
  const parts = new Set(
    contents.flatMap(({ name }) => [`${name}_name`, `${name}_timestamp`, `${name}_url`, `${name}id`]),
  );
  return schema.columns.filter(
    (column) =>
      column.volatile !== true &&
      !platform.has(column.name) &&
      !parts.has(column.name) &&
      !schema.key.includes(column.name),
  );
}

export interface WritableCase {
  readonly details: TableDetails;
  readonly column: ColumnSchema;
  readonly action: 'create' | 'update';
  /** Column security lets the requester write only these of the secured columns; null: all. */
  readonly writableSecured: ReadonlySet<string> | null;
  /** The environment lets `owningbusinessunit` be chosen. */
  readonly ownershipAcrossBusinessUnits: boolean;
}

/** Why the column cannot be written; null: it can. Flags as in `IsValidForCreate` and `IsValidForUpdate`. */
export function whyNotWritable(of: WritableCase): string | null {
  return whyLost(of) ?? whyPlatforms(of);
}

/** Why a value that people keep cannot come back: somebody who restores misses it. */
export function whyLost(of: WritableCase): string | null {
  const live = columnOf(of.details, of.column.name);
  if (live === undefined) return 'The column is gone from the table.';
  if (live.id !== of.column.id) return 'Another column has this name now.';
  const closed = live.secured && of.writableSecured?.has(live.name) === false;
  return closed && whyPlatforms(of) === null ? 'Column security does not let you change it.' : null;
}

/** Why the value is the platform's own business. */
function whyPlatforms(of: WritableCase): string | null {
  const live = columnOf(of.details, of.column.name);
  if (live === undefined) return null;
  if (live.source !== 'simple') return 'The platform computes it.';
  if (legacyProcess.has(live.name)) return 'It belongs to the process instance, not to the row.';
  if (live.name === 'owningbusinessunit' && !of.ownershipAcrossBusinessUnits)
    return 'It follows from the owner.';
  return whyNotValid(live, of.action);
}

function whyNotValid(live: ColumnMetadata, action: 'create' | 'update'): string | null {
  if (live.kind === 'image' || live.kind === 'file') return null;
  if (live.name === 'createdon') {
    return action === 'create' ? null : 'It can be set only when the row is created.';
  }
  if (live.validForUpdate) return null;
  if (!live.validForCreate) return 'Read-only on the platform.';
  return action === 'create' ? null : 'It can be set only when the row is created.';
}

/** Changes whenever a column comes, goes, or may be written otherwise. */
export function fingerprint(details: TableDetails): string {
  const parts = details.columns.map(
    (column) =>
      `${column.name}:${column.id}:${column.kind}:${Number(column.validForCreate)}${Number(column.validForUpdate)}`,
  );
  return createHash('sha256')
    .update(`${details.id} ${parts.sort().join(' ')}`)
    .digest('hex');
}

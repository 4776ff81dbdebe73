import type { EnvironmentSchema } from '../backup/index.ts';
import type { ColumnMetadata } from '../dataverse/index.ts';
import type { ColumnSchema, TableSchema } from '../vault/index.ts';
import { columnNotReadYet, columnReason, computed } from './reasons.ts';
import type { ColumnCoverage, Reason } from './report.ts';

type LeftOut = EnvironmentSchema['tables'][string]['leftOut'][number];

export interface ColumnsOf {
  /** As the service described them; null: the snapshot did not keep that. */
  readonly known: readonly ColumnMetadata[] | null;
  readonly schema: TableSchema;
  readonly leftOut: readonly LeftOut[];
  /** About contents of the table that are not in the vault. */
  readonly contents: Reason | null;
  /** Tables that are read: rows of party lists are in one of them. */
  readonly isRead: (table: string) => boolean;
}

/** Every column of a table that is read: those of its metadata, and what the snapshot names besides. */
export function coverColumns(of: ColumnsOf): ColumnCoverage[] {
  const known = new Map((of.known ?? []).map((column) => [column.name, column]));
  const captured = new Map(of.schema.columns.map((column) => [column.name, column]));
  const leftOut = new Map(of.leftOut.map((column) => [column.column, column]));
  const names = [...new Set([...known.keys(), ...captured.keys(), ...leftOut.keys()])].sort();
  return names.map((name) => {
    const label = known.get(name)?.label ?? captured.get(name)?.label ?? name;
    return { column: name, label, ...coverColumn(name) };
  });

  function coverColumn(name: string): Pick<ColumnCoverage, 'status' | 'reason'> {
    const out = leftOut.get(name);
    if (out === undefined) {
      const schema = captured.get(name);
      // Another column under the name that was captured: its own values are not in the vault.
      const isSame = schema !== undefined && (known.get(name)?.id ?? schema.id) === schema.id;
      return isSame ? coverCaptured(schema, of.contents) : { status: 'not', reason: columnNotReadYet };
    }
    // Also where earlier values are in the vault: from now on they are not.
    const source = sourceOf(out, known.get(name), captured, of.isRead);
    if (source === null) return { status: 'not', reason: columnReason(out) };
    return { status: 'protected', reason: heldBy(source) };
  }
}

/** Every column of a table that is not read, for the table's reason. */
export function uncoveredColumns(known: readonly ColumnMetadata[], reason: Reason): ColumnCoverage[] {
  return known.map(({ name, label }) => ({ column: name, label, status: 'not', reason }));
}

function coverCaptured(
  column: ColumnSchema,
  contents: Reason | null,
): Pick<ColumnCoverage, 'status' | 'reason'> {
  if (column.volatile === true) return { status: 'partly', reason: computed };
  const hasContents = column.type === 'file' || column.type === 'image' || column.type === 'body';
  if (hasContents && contents !== null) return { status: 'partly', reason: contents };
  return { status: 'protected', reason: null };
}

/** Where the same value is captured all the same; null: nowhere. */
function sourceOf(
  { column, code }: LeftOut,
  metadata: ColumnMetadata | undefined,
  captured: ReadonlyMap<string, ColumnSchema>,
  isRead: (table: string) => boolean,
): string | null {
  if (metadata?.kind === 'partyList' && isRead('activityparty')) return 'the table activityparty';
  const base = metadata?.attributeOf ?? null;
  switch (code) {
    case 'not-readable':
      return base !== null && captured.has(base) ? base : null;
    case 'part-of-image': {
      const image = [...captured.values()].find(
        ({ name, type }) => type === 'image' && (column === `${name}id` || column === `${name}_url`),
      );
      return image?.name ?? null;
    }
    case 'repeats':
      return [...captured.values()].find(({ type }) => type === 'body')?.name ?? null;
    default:
      return null;
  }
}

function heldBy(source: string): Reason {
  return {
    code: 'held-elsewhere',
    why: `its value follows from ${source}, which is captured`,
    hint: 'Nothing to do.',
  };
}

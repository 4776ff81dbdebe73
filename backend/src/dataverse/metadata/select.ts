import type { ColumnKind, ColumnMetadata, TableDetails } from './types.ts';

/** Why a column is not read with its row. */
export type LeftOutBecause =
  /** `IsValidForRead` is false, or the Web API does not show it (name and type companions). */
  | 'not-readable'
  /** Base64 text of a note or attachment: read with `readBody`. */
  | 'body'
  /** Comes with the image column. */
  | 'part-of-image'
  /** Party lists are rows of `activityparty`; calendar rules come only with their calendar. */
  | 'not-a-value';

export interface LeftOutColumn {
  readonly column: ColumnMetadata;
  readonly because: LeftOutBecause;
}

const notValues: readonly ColumnKind[] = ['partyList', 'calendarRules', 'managedProperty', 'virtual'];

/**
 * Columns that a backup reads with each row, sorted. Explicit and sorted, so that a moved schema shows and the links
 * of change tracking stay the same. An image is its id here, a file its id: their content is read on its own.
 */
export function selectList(table: TableDetails): readonly string[] {
  return table.columns
    .filter((column) => whyLeftOut(table, column) === null)
    .map((column) => column.name)
    .sort(byCodePoint);
}

/** The other columns, with the reason. */
export function leftOutColumns(table: TableDetails): readonly LeftOutColumn[] {
  return table.columns.flatMap((column) => {
    const because = whyLeftOut(table, column);
    return because === null ? [] : [{ column, because }];
  });
}

/**
 * Columns that hold a file as base64 text: `documentbody` and `body` of tables that also have a file name and a type
 * (annotation, activitymimeattachment, attachment, salesliteratureitem). 5,000 of them in a page could be 600 GB.
 */
export function bodyColumn(table: TableDetails): ColumnMetadata | null {
  const names = new Set(table.columns.map((column) => column.name));
  if (!names.has('filename') || !names.has('mimetype')) return null;
  const isBody = (column: ColumnMetadata) => column.name === 'documentbody' || column.name === 'body';
  return table.columns.find(isBody) ?? null;
}

function whyLeftOut(table: TableDetails, column: ColumnMetadata): LeftOutBecause | null {
  if (column.kind === 'image') return column.validForRead ? null : 'not-readable';
  if (imagePart(table, column)) return 'part-of-image';
  if (!column.validForRead || !column.validOData) return 'not-readable';
  if (notValues.includes(column.kind)) return 'not-a-value';
  return bodyColumn(table) === column ? 'body' : null;
}

/**
 * `<image>id` is what the image column is read as, `<image>_url` is made of the others. `<image>_timestamp` stays:
 * it tells one upload from the next.
 */
function imagePart(table: TableDetails, column: ColumnMetadata): boolean {
  const isPart = (image: ColumnMetadata) =>
    column.name === `${image.name}id` || column.name === `${image.name}_url`;
  return table.columns.some((image) => image.kind === 'image' && isPart(image));
}

/** The same order on every machine, whatever its language. */
export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

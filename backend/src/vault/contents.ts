import { assert } from '../base/assert.ts';
import type { Values } from '../base/value.ts';
import type { ColumnSchema, TableSchema } from './schema.ts';
import type { FileEntry } from './version.ts';

/** A content that a row names: `column` of row `key` of `table`. */
export interface ContentName {
  readonly table: string;
  readonly key: string;
  readonly column: string;
  readonly contentId: string;
}

export function hasContent(column: ColumnSchema): boolean {
  return column.type === 'file' || column.type === 'image' || column.type === 'body';
}

/**
 * File: the file's id. Image: the image's id, a slash and the stamp column's value (the id alone where the schema
 * names no stamp). Body: the stamp column's value. Null: the column is empty.
 */
export function contentIdOf(column: ColumnSchema, values: Values): string | null {
  if (column.type === 'body') return textOf(values, column.contentStamp ?? 'versionnumber');
  const id = textOf(values, column.name);
  if (id === null || column.type === 'file' || column.contentStamp === undefined) return id;
  return `${id}/${textOf(values, column.contentStamp) ?? ''}`;
}

/** Contents that a row's values name: files and images that are not empty, and every body. */
export function contentsNamedBy(schema: TableSchema, key: string, values: Values): ContentName[] {
  return schema.columns.filter(hasContent).flatMap((column) => {
    const contentId = contentIdOf(column, values);
    return contentId === null ? [] : [{ table: schema.table, key, column: column.name, contentId }];
  });
}

/**
 * What stands for a content in a row's hash: its sha256, `lost`, `blocked`, or `pending` where a file or image is
 * named and no line says more. A body without a line, or with a line that has no sha256, is empty: the row alone does
 * not say whether there is one.
 */
export function contentText(
  column: ColumnSchema,
  contentId: string | null,
  line: Pick<FileEntry, 'state' | 'sha256'> | undefined,
): string | null {
  if (contentId === null) return null;
  if (line === undefined) return column.type === 'body' ? null : 'pending';
  return line.state === 'stored' ? line.sha256 : line.state;
}

function textOf(values: Values, column: string): string | null {
  const value = values[column];
  if (value === null || value === undefined) return null;
  assert(typeof value === 'string' || typeof value === 'number', `${column} is no part of a content id`);
  return String(value);
}

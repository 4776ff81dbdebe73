import { assert } from '../base/assert.ts';
import type { Values } from '../base/value.ts';
import type { DataFile } from './delta/delta-log.ts';
import { quoteText } from './delta/parquet-engine.ts';
import type { DeltaTable } from './delta-table.ts';
import { keyOf } from './keys.ts';
import type { ColumnSchema, ColumnType, TableSchema } from './schema.ts';
import { type QueryContext, headSequences, queryTable, readVersions } from './table-query.ts';
import type { FileEntry } from './version.ts';

export const fileTableName = 'rowback_file';

export interface FileEntryInVault extends FileEntry {
  readonly seq: number;
}

function column(name: string, type: ColumnType): ColumnSchema {
  return { name, id: name, type, deltaName: name, label: name };
}

/** The vault's own table is kept like any other, so that one reader, one hash and one check serve it too. */
export const fileTableSchema: TableSchema = {
  format: 1,
  table: fileTableName,
  tableId: fileTableName,
  label: 'Contents of rows',
  kind: 'standard',
  key: ['table_name', 'row_key', 'column_name', 'content_id'],
  primaryId: 'content_id',
  primaryName: null,
  columns: [
    column('bytes', 'long'),
    column('column_name', 'string'),
    column('content_id', 'string'),
    column('file_name', 'string'),
    column('mime_type', 'string'),
    column('reason', 'string'),
    column('row_key', 'string'),
    column('sha256', 'string'),
    column('state', 'string'),
    column('table_name', 'string'),
  ],
};

/** One line of the table, as a row of it. */
export interface FileLine {
  readonly key: string;
  readonly values: Values;
}

export function* linesOf(entries: Iterable<FileEntry>): Iterable<FileLine> {
  for (const entry of entries) {
    const values = {
      bytes: entry.bytes === null ? null : String(entry.bytes),
      column_name: entry.column,
      content_id: entry.contentId,
      file_name: entry.name,
      mime_type: entry.mimeType,
      reason: entry.reason,
      row_key: entry.key,
      sha256: entry.sha256,
      state: entry.state,
      table_name: entry.table,
    };
    yield { key: keyOf(fileTableSchema, values), values };
  }
}

/** Keys in one query. */
const keysAtOnce = 2000;

/** Newest line of each content of these rows as known at `fileSeq`, in the order of the lines. */
export async function readLines(
  fileTable: DeltaTable,
  table: string,
  keys: Iterable<string> | 'all',
  fileSeq: number,
): Promise<FileEntryInVault[]> {
  const about = `table_name = ${quoteText(table)}`;
  if (keys === 'all') return queryLines(fileTable, table, about, fileSeq);
  const wanted = [...new Set(keys)];
  const lines: FileEntryInVault[] = [];
  for (let from = 0; from < wanted.length; from += keysAtOnce) {
    const list = wanted.slice(from, from + keysAtOnce).map(quoteText);
    lines.push(
      ...(await queryLines(fileTable, table, `${about} AND row_key IN (${list.join(', ')})`, fileSeq)),
    );
  }
  return lines;
}

async function queryLines(
  fileTable: DeltaTable,
  table: string,
  condition: string,
  fileSeq: number,
): Promise<FileEntryInVault[]> {
  const state = await fileTable.log.read();
  if (state === null) return [];
  const mayHold = (file: DataFile): boolean =>
    file.minSeq <= fileSeq && (file.minKey ?? table) <= table && table <= (file.maxKey ?? table);
  const sqlOf = (context: QueryContext): string =>
    `SELECT ${context.columns} FROM ${context.versions} WHERE rowback_op = 'put' AND ${condition}
     AND rowback_seq IN (${headSequences(context, fileSeq, condition)}) ORDER BY rowback_seq`;
  const lines: FileEntryInVault[] = [];
  const rows = queryTable(fileTable.parts, state, mayHold, sqlOf);
  for await (const { version } of readVersions(fileTable.parts, state, rows)) {
    if (version.op === 'put') lines.push({ ...entryOf(version.values), seq: version.seq });
  }
  return lines;
}

function entryOf(values: Values): FileEntry {
  const text = (name: string): string | null => {
    const value = values[name] ?? null;
    assert(value === null || typeof value === 'string', `${name} of ${fileTableName} is text`);
    return value;
  };
  const state = text('state');
  assert(
    state === 'stored' || state === 'lost' || state === 'blocked',
    `${fileTableName} knows no state ${state}`,
  );
  const bytes = text('bytes');
  return {
    table: text('table_name') ?? '',
    key: text('row_key') ?? '',
    column: text('column_name') ?? '',
    contentId: text('content_id') ?? '',
    state,
    sha256: text('sha256'),
    bytes: bytes === null ? null : Number(bytes),
    name: text('file_name'),
    mimeType: text('mime_type'),
    reason: text('reason'),
  };
}

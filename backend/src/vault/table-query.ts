import { DuckDBTimestampTZValue } from '@duckdb/node-api';
import { assert } from '../base/assert.ts';
import { type ValueDecoder, decoderOf } from './delta/decode.ts';
import { type DeltaField, duckTypes, ownFields } from './delta/columns.ts';
import { type DataFile, type LogState, keyColumns } from './delta/delta-log.ts';
import { instantOf } from './delta/instants.ts';
import { type ParquetEngine, quoteName, quoteText } from './delta/parquet-engine.ts';
import { keyExpression } from './keys.ts';
import type { LocalFiles } from './local-files.ts';
import type { Schemas } from './schemas.ts';
import type { BlobStore } from './store/index.ts';
import type { GoneReason, RowVersion } from './version.ts';

/** What every table of a vault works with. */
export interface TableParts {
  readonly store: BlobStore;
  readonly environmentId: string;
  readonly engine: ParquetEngine;
  readonly files: LocalFiles;
  readonly schemas: Schemas;
  /** For spooled rows and Parquet files on their way. */
  readonly scratch: string;
  /** A number nobody else got: two writers of one table do not share a scratch file. */
  nextScratchNumber(): number;
}

/** What a query's text is made from. */
export interface QueryContext {
  /** A relation of all versions in the chosen files, with all Delta columns of the table. */
  readonly versions: string;
  /** The same with key columns and our own columns only, which every file has: many times quicker to prepare. */
  readonly keysOfVersions: string;
  /** Select list of {@link readVersions}. */
  readonly columns: string;
  readonly key: string;
  readonly keyNames: readonly string[];
  /** Has the table the column `versionnumber`? */
  readonly hasRowVersion: boolean;
}

/** Runs one query over the files that may matter; rows stream. Files stay until the last row was taken. */
export async function* queryTable(
  parts: TableParts,
  state: LogState,
  choose: (file: DataFile) => boolean,
  sqlOf: (context: QueryContext) => string,
): AsyncIterable<readonly unknown[]> {
  const chosen = state.files.filter(choose);
  if (chosen.length === 0) return;
  const { paths, release } = await parts.files.acquire(chosen);
  try {
    yield* parts.engine.rows(sqlOf(contextOf(state, paths)));
  } finally {
    await release();
  }
}

export function contextOf(state: LogState, paths: readonly string[]): QueryContext {
  const keyNames = keyColumns(state.metaData);
  return {
    versions: relationOf(state.fields, paths),
    keysOfVersions: `read_parquet([${paths.map(quoteText).join(', ')}])`,
    columns: [keyExpression(keyNames), ...state.fields.map(({ name }) => quoteName(name))].join(', '),
    key: keyExpression(keyNames),
    keyNames,
    hasRowVersion: state.fields.some(({ name, type }) => name === 'versionnumber' && type === 'long'),
  };
}

/** Older files lack the columns that came later: an empty relation in front gives every column its place and type. */
function relationOf(fields: readonly DeltaField[], paths: readonly string[]): string {
  const empty = fields.map(({ name, type }) => `NULL::${duckTypes[type]} AS ${quoteName(name)}`);
  const list = paths.map(quoteText).join(', ');
  return `(SELECT ${empty.join(', ')} WHERE false UNION ALL BY NAME
    SELECT * FROM read_parquet([${list}], union_by_name = true))`;
}

/** Versions from rows whose first columns are {@link QueryContext.columns}. */
export async function* readVersions(
  parts: TableParts,
  state: LogState,
  rows: AsyncIterable<readonly unknown[]>,
): AsyncIterable<{ readonly version: RowVersion; readonly row: readonly unknown[] }> {
  const positions = new Map(state.fields.map(({ name }, i) => [name, i + 1]));
  const own = ownFields.map(({ name }) => positions.get(name) ?? 0);
  const decoders = new Map<string, ValueDecoder>();
  for await (const row of rows) {
    const [op, why, snapshot, seq, capturedAt, epoch, schema] = own.map((at) => row[at]);
    assert(capturedAt instanceof DuckDBTimestampTZValue, 'every version says when it was captured');
    const head = {
      key: String(row[0]),
      snapshot: String(snapshot),
      seq: Number(seq),
      capturedAt: instantOf(capturedAt.micros),
      epoch: Number(epoch),
      schema: String(schema),
    };
    if (op === 'gone') {
      // Written by us from a GoneReason.
      yield { row, version: { ...head, op: 'gone', why: why as GoneReason } };
      continue;
    }
    let decode = decoders.get(head.schema);
    if (decode === undefined) {
      decode = decoderOf(await parts.schemas.read(head.schema), positions);
      decoders.set(head.schema, decode);
    }
    yield { row, version: { ...head, op: 'put', values: decode(row) } };
  }
}

/** Sequences of the newest version of each key by then. A sequence is unique in a table, so it names the version. */
export function headSequences(context: QueryContext, throughSeq: number, condition = 'true'): string {
  const groups = context.keyNames.map(quoteName).join(', ');
  return `SELECT max(rowback_seq) FROM ${context.keysOfVersions}
    WHERE rowback_seq <= ${throughSeq} AND ${condition} GROUP BY ${groups}`;
}

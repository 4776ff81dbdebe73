import { z } from 'zod';
import { contentIdOf, contentText } from './contents.ts';
import type { DataFile, LogState } from './delta/delta-log.ts';
import { quoteText } from './delta/parquet-engine.ts';
import type { DeltaTable } from './delta-table.ts';
import { HashSum, rowHash } from './row-hash.ts';
import type { TableSchema } from './schema.ts';
import { type QueryContext, contextOf, headSequences, readVersions } from './table-query.ts';

/** Table hashes: the sum modulo 2^256 of the row hashes, 64 hex digits. */
export interface TableHashes {
  /** Full scan. `fileSeq` is `throughSeq` of `rowback_file` (0: no contents known). */
  at(table: string, throughSeq: number, fileSeq: number): Promise<string>;
  /** Reads only rows whose version or contents moved since `previous`. Equal to {@link at} for the new state. */
  advance(
    table: string,
    previous: { readonly hash: string; readonly throughSeq: number; readonly fileSeq: number },
    next: { readonly throughSeq: number; readonly fileSeq: number },
  ): Promise<string>;
}

export function openTableHashes(tableOf: (name: string) => DeltaTable, fileTable: DeltaTable): TableHashes {
  return {
    async at(table, throughSeq, fileSeq) {
      const sum = new HashSum();
      const rows = hashesAt(tableOf(table), fileTable, throughSeq, fileSeq, () => 'true');
      for await (const hash of rows) sum.add(hash);
      return sum.toString();
    },
    async advance(table, previous, next) {
      const sum = new HashSum(previous.hash);
      const moved = movedRows(table, previous, next);
      const before = hashesAt(tableOf(table), fileTable, previous.throughSeq, previous.fileSeq, moved, next);
      for await (const hash of before) sum.subtract(hash);
      const after = hashesAt(tableOf(table), fileTable, next.throughSeq, next.fileSeq, moved, next);
      for await (const hash of after) sum.add(hash);
      return sum.toString();
    },
  };
}

interface Through {
  readonly throughSeq: number;
  readonly fileSeq: number;
}

type Condition = (rows: QueryContext, lines: QueryContext | null) => string;

/** Rows with a version, or a line about a content, after the previous state and not after the next one. */
function movedRows(table: string, from: Through, to: Through): Condition {
  return (rows, lines) => {
    const captured = `SELECT ${rows.key} FROM ${rows.versions}
      WHERE rowback_seq > ${from.throughSeq} AND rowback_seq <= ${to.throughSeq}`;
    const contents =
      lines === null
        ? ''
        : `UNION SELECT row_key FROM ${lines.versions} WHERE table_name = ${quoteText(table)}
           AND rowback_seq > ${from.fileSeq} AND rowback_seq <= ${to.fileSeq}`;
    return `${rows.key} IN (${captured} ${contents})`;
  };
}

/** `reach`: how far the files must go that `condition` looks at, where that is beyond the state itself. */
async function* hashesAt(
  table: DeltaTable,
  fileTable: DeltaTable,
  throughSeq: number,
  fileSeq: number,
  condition: Condition,
  reach: Through = { throughSeq, fileSeq },
): AsyncIterable<bigint> {
  const state = await table.log.read();
  if (state === null) return;
  const fileState = await fileTable.log.read();
  const lineFiles = linesAbout(fileState, table.name, reach.fileSeq);
  const rowFiles = state.files.filter((file) => file.minSeq <= reach.throughSeq);
  if (rowFiles.length === 0) return;
  const { paths, release } = await table.parts.files.acquire([...rowFiles, ...lineFiles]);
  try {
    const rows = contextOf(state, paths.slice(0, rowFiles.length));
    const linePaths = paths.slice(rowFiles.length);
    const lines = fileState === null || linePaths.length === 0 ? null : contextOf(fileState, linePaths);
    const where = condition(rows, lines);
    const heads = `SELECT ${rows.columns}, ${rows.key} AS head_key FROM ${rows.versions}
      WHERE rowback_op = 'put' AND ${where} AND rowback_seq IN (${headSequences(rows, throughSeq, where)})`;
    const sql = lines === null ? heads : withContents(heads, lines, table.name, fileSeq);
    yield* hashRows(table, state, table.parts.engine.rows(sql), lines !== null);
  } finally {
    await release();
  }
}

function linesAbout(fileState: LogState | null, table: string, fileSeq: number): readonly DataFile[] {
  return (fileState?.files ?? []).filter(
    (file) => file.minSeq <= fileSeq && (file.minKey ?? table) <= table && table <= (file.maxKey ?? table),
  );
}

/** Adds to each row, as its last column, the newest lines about its contents as JSON. */
function withContents(heads: string, lines: QueryContext, table: string, fileSeq: number): string {
  const about = `table_name = ${quoteText(table)}`;
  return `SELECT heads.*, contents.lines FROM (${heads}) heads LEFT JOIN (
      SELECT row_key, to_json(list({c: column_name, i: content_id, s: state, h: sha256}))::VARCHAR AS lines
      FROM ${lines.versions}
      WHERE ${about} AND rowback_seq IN (${headSequences(lines, fileSeq, about)}) GROUP BY row_key
    ) contents ON contents.row_key = heads.head_key`;
}

const linesShape = z.array(
  z.object({
    c: z.string(),
    i: z.string(),
    s: z.enum(['stored', 'lost', 'blocked']),
    h: z.string().nullable(),
  }),
);

async function* hashRows(
  table: DeltaTable,
  state: LogState,
  rows: AsyncIterable<readonly unknown[]>,
  withLines: boolean,
): AsyncIterable<bigint> {
  for await (const { version, row } of readVersions(table.parts, state, rows)) {
    if (version.op !== 'put') continue;
    const schema: TableSchema = await table.parts.schemas.read(version.schema);
    const json = withLines ? row[row.length - 1] : null;
    const lines = typeof json === 'string' ? linesShape.parse(JSON.parse(json)) : [];
    yield rowHash(schema, version.values, (column) => {
      const contentId = contentIdOf(column, version.values);
      const line = lines.find(({ c, i }) => c === column.name && i === contentId);
      return contentText(
        column,
        contentId,
        line === undefined ? undefined : { state: line.s, sha256: line.h },
      );
    });
  }
}

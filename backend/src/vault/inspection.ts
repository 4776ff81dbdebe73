import { assert } from '../base/assert.ts';
import { decodeCommit, decodeStatistics, type DeltaAction } from './delta/actions.ts';
import type { DataFile } from './delta/delta-log.ts';
import { allRows, quoteText } from './delta/parquet-engine.ts';
import { damaged } from './errors.ts';
import type { TableParts } from './table-query.ts';

/** A Parquet file as a commit names it. */
export interface NamedFile extends DataFile {
  /** Number of the commit that names it first. */
  readonly version: number;
  readonly oldestSnapshot: string;
}

/** What one commit does, without the values. */
export interface CommitFacts {
  readonly version: number;
  readonly blob: string;
  readonly adds: readonly NamedFile[];
  /** Blobs that it names no longer. */
  readonly removes: readonly string[];
  /** Null: the commit leaves it as it is. */
  readonly configuration: Readonly<Record<string, string>> | null;
}

/** What a Parquet file itself says, to be held against what its commit says. */
export interface FileFacts {
  readonly rows: number;
  readonly distinctSeqs: number;
  readonly minSeq: number;
  readonly maxSeq: number;
  /** Rows that another row with a greater sequence precedes by its snapshot or epoch. */
  readonly outOfOrder: number;
}

/** The vault's blobs as they are, for whoever must not trust what the readers make of them. */
export interface VaultInspection {
  /** Every blob of the environment, with its name from the container on. */
  blobs(): AsyncIterable<{ readonly name: string; readonly bytes: number }>;
  /** Throws `blob-damaged` where it is no commit of a vault, `blob-missing`. */
  readCommit(table: string, version: number): Promise<CommitFacts>;
  /** Downloads the file; throws `blob-damaged` when size or hash differ from what its name and commit say. */
  readFile(file: NamedFile): Promise<FileFacts>;
}

export function openInspection(parts: TableParts): VaultInspection {
  const { store, environmentId } = parts;
  return {
    blobs: () => store.list(`${environmentId}/`),
    async readCommit(table, version) {
      const folder = `${environmentId}/tables/${table}/`;
      const blob = `${folder}_delta_log/${String(version).padStart(20, '0')}.json`;
      const actions = decodeCommit(await store.read(blob), blob);
      return {
        version,
        blob,
        adds: actions.flatMap(({ add }) =>
          add === undefined ? [] : [namedFile(add, folder, version, blob)],
        ),
        removes: actions.flatMap(({ remove }) =>
          remove === undefined ? [] : [`${folder}${decodeURIComponent(remove.path)}`],
        ),
        configuration:
          actions.find(({ metaData }) => metaData !== undefined)?.metaData?.configuration ?? null,
      };
    },
    async readFile(file) {
      const { paths, release } = await parts.files.acquire([file]);
      try {
        return await factsOf(parts, paths[0] ?? '', file.blob);
      } finally {
        await release();
      }
    },
  };
}

async function factsOf(parts: TableParts, path: string, blob: string): Promise<FileFacts> {
  const file = `read_parquet(${quoteText(path)})`;
  try {
    const [row] = await allRows(
      parts.engine,
      `SELECT count(*), count(DISTINCT rowback_seq), min(rowback_seq), max(rowback_seq), count(*) FILTER (falls) FROM (
         SELECT rowback_seq, max((rowback_epoch, rowback_snapshot)) OVER before > (rowback_epoch, rowback_snapshot) AS falls
         FROM ${file} WINDOW before AS (ORDER BY rowback_seq ROWS UNBOUNDED PRECEDING))`,
    );
    assert(row !== undefined, 'a count has one row');
    const [rows, distinctSeqs, minSeq, maxSeq, outOfOrder] = row.map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { rows, distinctSeqs, minSeq, maxSeq, outOfOrder };
  } catch (cause) {
    if (!(cause instanceof Error) || 'code' in cause) throw cause;
    throw damaged(blob, 'it cannot be read as Parquet', cause);
  }
}

function namedFile(
  add: NonNullable<DeltaAction['add']>,
  folder: string,
  version: number,
  commitBlob: string,
): NamedFile {
  const stats = decodeStatistics(add, commitBlob);
  const { minValues, maxValues } = stats;
  const [minSeq, maxSeq] = [minValues['rowback_seq'], maxValues['rowback_seq']];
  const [oldest, newest] = [minValues['rowback_snapshot'], maxValues['rowback_snapshot']];
  if (
    typeof minSeq !== 'number' ||
    typeof maxSeq !== 'number' ||
    typeof oldest !== 'string' ||
    typeof newest !== 'string'
  )
    throw damaged(commitBlob, `it names ${add.path} without bounds of rowback_seq and rowback_snapshot`);
  return {
    blob: `${folder}${decodeURIComponent(add.path)}`,
    bytes: add.size,
    rowCount: stats.numRecords,
    minSeq,
    maxSeq,
    oldestSnapshot: oldest,
    newestSnapshot: newest,
    minKey: null,
    maxKey: null,
    version,
  };
}

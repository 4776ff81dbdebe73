import { mkdir } from 'node:fs/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import pLimit from 'p-limit';
import { engineMemoryError, scratchError } from '../errors.ts';

/** DuckDB, once in a process: turns rows into Parquet and answers questions about Parquet files. */
export interface ParquetEngine {
  /** Runs one statement that gives no rows, when those before it have ended. */
  run(sql: string): Promise<void>;
  /**
   * Rows as arrays, streamed, values in the forms of `@duckdb/node-api`. `before` statements run on the same
   * connection first (temporary tables live and end with it).
   */
  rows(sql: string, before?: readonly string[]): AsyncIterable<readonly unknown[]>;
  close(): void;
}

export interface EngineOptions {
  /** Where DuckDB spills what does not fit its memory. */
  readonly scratch: string;
  /** MB for DuckDB; 300 by default. The process needs about as much again. */
  readonly memoryMb?: number;
  readonly threads?: number;
}

export async function openParquetEngine(options: EngineOptions): Promise<ParquetEngine> {
  await mkdir(options.scratch, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryMb ?? 300}MB`,
    threads: String(options.threads ?? 2),
    temp_directory: options.scratch,
    // Order is always asked for where it matters; keeping it otherwise costs memory.
    preserve_insertion_order: 'false',
    // It keeps bytes of local files by name and time. A file made anew within a second under its old name was then read
    // as a mixture of both ("ZSTD Decompression failure", duckdb 1.5.5); the system has the files in memory anyway.
    enable_external_file_cache: 'false',
  });

  // Writing Parquet holds a row group of every column: of two wide tables at once, more than there is memory for.
  const oneByOne = pLimit(1);

  async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } catch (error) {
      throw scratchError(error) ?? engineMemoryError(error) ?? error;
    } finally {
      connection.closeSync();
    }
  }

  return {
    run: (sql) => oneByOne(() => withConnection(async (connection) => void (await connection.run(sql)))),
    async *rows(sql, before = []) {
      const connection = await instance.connect();
      try {
        for (const statement of before) await connection.run(statement);
        const result = await connection.stream(sql);
        for (;;) {
          const chunk = await result.fetchChunk();
          if (chunk === null || chunk.rowCount === 0) return;
          yield* chunk.getRows();
        }
      } catch (error) {
        throw scratchError(error) ?? engineMemoryError(error) ?? error;
      } finally {
        connection.closeSync();
      }
    },
    close: () => instance.closeSync(),
  };
}

/** The whole of a small answer. */
export async function allRows(engine: ParquetEngine, sql: string): Promise<(readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = [];
  for await (const row of engine.rows(sql)) rows.push(row);
  return rows;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** DuckDB, once in a process: turns rows into Parquet and answers questions about Parquet files. */
export interface ParquetEngine {
  /** Runs statements that give no rows. */
  run(sql: string): Promise<void>;
  /** Rows as arrays, streamed; values in the forms of `@duckdb/node-api`. */
  rows(sql: string): AsyncIterable<readonly unknown[]>;
  close(): void;
}

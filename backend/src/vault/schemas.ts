import type { TableSchema } from './schema.ts';

/** Metadata as captured, stored once by content as `schemas/<sha256>.json`. */
export interface Schemas {
  /** Stores a table's schema; the same schema always gives the same id. */
  put(schema: TableSchema): Promise<string>;
  /** Throws `blob-missing` or `blob-damaged`. */
  read(id: string): Promise<TableSchema>;
  /** Any other JSON document (the environment's schema). */
  putDocument(document: unknown): Promise<string>;
  readDocument(id: string): Promise<unknown>;
}

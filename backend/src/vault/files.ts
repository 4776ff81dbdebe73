import type { Values } from '../base/value.ts';
import type { Committed } from './table.ts';
import type { TableSchema } from './schema.ts';
import type { FileEntry } from './version.ts';

export interface StoredContent {
  readonly sha256: string;
  readonly bytes: number;
}

/** A content that a row names: `column` of row `key` of `table`. */
export interface ContentName {
  readonly table: string;
  readonly key: string;
  readonly column: string;
  readonly contentId: string;
}

export interface FileEntryInVault extends FileEntry {
  readonly seq: number;
}

/** File columns, images and bodies: contents by hash, and the table `rowback_file` that says whose they are. */
export interface VaultFiles {
  /** Hashes while it spools to scratch; uploads only what the vault does not hold yet. */
  storeContent(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredContent>;
  /** The hash is checked before the first byte comes out. Throws `blob-missing` or `blob-damaged`. */
  openContent(sha256: string): AsyncIterable<Uint8Array>;
  /** Appends lines to `rowback_file` in one commit. No lines: null. */
  append(
    entries: Iterable<FileEntry>,
    run: { readonly snapshot: string; readonly epoch: number; readonly capturedAt: string },
  ): Promise<Committed | null>;
  /** Newest line of each content of these rows (or of the whole table) as known at `fileSeq`. */
  contentsOf(table: string, keys: Iterable<string> | 'all', fileSeq: number): Promise<FileEntryInVault[]>;
  /** Contents that a row's values name: files and images that are not empty, and every body. */
  contentsNamedBy(schema: TableSchema, key: string, values: Values): ContentName[];
  /** Those of `named` that have no line at `fileSeq`. */
  pending(named: readonly ContentName[], fileSeq: number): Promise<ContentName[]>;
}

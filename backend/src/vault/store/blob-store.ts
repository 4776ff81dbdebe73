/** Bytes in memory, or a file whose bytes are read while they are sent. */
export type BlobBody = Uint8Array | { readonly path: string };

export interface BlobEntry {
  readonly name: string;
  readonly bytes: number;
}

/**
 * A container of blobs that are written once. Every method throws {@link VaultError}s of storage (`storage-…`,
 * `container-missing`); nothing of an SDK comes through.
 */
export interface BlobStore {
  /**
   * Stores the whole body under a name nobody has used, or leaves the blob there alone and says so. Never half a blob.
   * After an answer was lost on the way `exists` may mean our own blob: who must know compares the content.
   */
  putIfAbsent(name: string, body: BlobBody): Promise<'stored' | 'exists'>;
  /** All bytes, or those of the range (cut at the blob's end). Throws `blob-missing`. */
  read(name: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array>;
  /** Writes the blob to a local file and gives its size. A file half written is removed. Throws `blob-missing`. */
  readToFile(name: string, path: string): Promise<number>;
  /** Null when there is no such blob. */
  head(name: string): Promise<{ readonly bytes: number } | null>;
  /** Sorted by name (code units of ASCII names), from `startFrom` on, itself included. */
  list(prefix: string, startFrom?: string): AsyncIterable<BlobEntry>;
}

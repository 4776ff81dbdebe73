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

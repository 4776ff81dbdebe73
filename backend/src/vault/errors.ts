import { RowbackError } from '../base/errors.ts';

/**
 * What can go wrong with the vault and the storage below it. The codes are stable:
 *
 * | code | what happened |
 * | --- | --- |
 * | `blob-missing` | a blob that something names is not there |
 * | `blob-damaged` | a blob is there and does not hold what it must (`context.blob` names it) |
 * | `storage-unreachable` | no answer from the storage account |
 * | `storage-busy` | the storage account went on answering "later" or with server errors after all retries |
 * | `storage-refused` | the identity may not do this, or the account refuses it |
 * | `storage-malformed` | the setting is neither a connection string nor an account's address |
 * | `storage-full` | the account or its disk has no room |
 * | `container-missing` | the container does not exist |
 * | `queue-missing` | the queue does not exist |
 * | `scratch-full` | the local scratch directory has no room |
 * | `engine-memory` | DuckDB's share of memory is too small for a row or a part of this table |
 * | `vault-unsupported` | written by a newer format, or by a writer that uses features we do not read |
 * | `commit-lost` | another writer took the commit number; nothing of ours is named |
 * | `stale-writer` | the newest commit belongs to a newer snapshot or epoch than this writer's |
 * | `value-refused` | a value does not fit its column's type; nothing was written |
 * | `column-conflict` | a Delta column exists with another type |
 * | `unknown-column` | no captured version of the table has such a column |
 * | `snapshot-missing` | no snapshot with that id |
 * | `no-snapshot-yet` | no snapshot was complete at that point |
 * | `exists-different` | a document of that name exists with other content |
 */
export type VaultErrorCode =
  | 'blob-missing'
  | 'blob-damaged'
  | 'storage-unreachable'
  | 'storage-busy'
  | 'storage-refused'
  | 'storage-malformed'
  | 'storage-full'
  | 'container-missing'
  | 'queue-missing'
  | 'scratch-full'
  | 'engine-memory'
  | 'vault-unsupported'
  | 'commit-lost'
  | 'stale-writer'
  | 'value-refused'
  | 'column-conflict'
  | 'unknown-column'
  | 'snapshot-missing'
  | 'no-snapshot-yet'
  | 'exists-different';

export class VaultError extends RowbackError {
  declare readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode, message: string, options: ConstructorParameters<typeof RowbackError>[2]) {
    super(code, message, options);
  }
}

/** A blob that is there and wrong: the one error every reader of the vault may throw. */
export function damaged(blob: string, what: string, cause?: unknown): VaultError {
  return new VaultError('blob-damaged', `The blob ${blob} is damaged: ${what}.`, {
    hint: 'Restore the blob from the storage account (versioning, soft delete or a replica), then verify the vault.',
    context: { blob },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** No room on the local disk, as Node's files and DuckDB (which spills there) say it; null for anything else. */
export function scratchError(error: unknown): VaultError | null {
  if (!(error instanceof Error)) return null;
  const full =
    ('code' in error && error.code === 'ENOSPC') ||
    /no space left on device|failed to offload data block|max_temp_directory_size/i.test(error.message);
  if (!full) return null;
  return new VaultError('scratch-full', 'The scratch directory has no room left.', {
    hint: 'Make room in the scratch directory or name another one, then run again.',
    cause: error,
  });
}

/**
 * DuckDB found no room in its share of memory, which its own words tell; null for anything else. What it spills has no
 * room on the disk is {@link scratchError}, and is to be asked first.
 */
export function engineMemoryError(error: unknown): VaultError | null {
  // Made by a native module: it may be of another realm, and no instance of our Error.
  if (typeof error !== 'object' || error === null || !('message' in error)) return null;
  if (!String(error.message).startsWith('Out of Memory Error')) return null;
  return new VaultError('engine-memory', 'The memory for Parquet files is too small for rows of this size.', {
    hint: 'The other tables are backed up. Leave the table or its longest columns out, or report the size of its rows.',
    cause: error,
  });
}

export function isVaultError(error: unknown, code: VaultErrorCode): error is VaultError {
  return error instanceof VaultError && error.code === code;
}

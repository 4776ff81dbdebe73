/**
 * | code | what is wrong |
 * | --- | --- |
 * | `blob-missing` | a commit or a snapshot names a blob that is not there |
 * | `blob-damaged` | a blob has another size, hash or form than it must have |
 * | `log-gap` | a number is missing between the commits of a table |
 * | `order-broken` | sequences, snapshots or epochs of a table do not rise as they must |
 * | `counts-differ` | a Parquet file has other rows than its commit says |
 * | `snapshot-broken` | a snapshot does not fit the ones before it, or the tables it names |
 * | `state-differs` | a table at a snapshot has another number of rows or another hash than the snapshot says |
 * | `content-missing` | a stored content's blob is not there |
 * | `content-damaged` | a stored content has another hash or size |
 * | `leftover` | a blob that nothing names; harmless |
 */
export type FindingCode =
  | 'blob-missing'
  | 'blob-damaged'
  | 'log-gap'
  | 'order-broken'
  | 'counts-differ'
  | 'snapshot-broken'
  | 'state-differs'
  | 'content-missing'
  | 'content-damaged'
  | 'leftover';

/** Something that is not as the format says. */
export interface Finding {
  readonly code: FindingCode;
  /** A `note` keeps nothing from being restored. */
  readonly severity: 'damage' | 'note';
  readonly blob: string | null;
  /** Folder of the table. */
  readonly table: string | null;
  /** Snapshots that show less, or something else, because of it. */
  readonly snapshots: readonly string[];
  readonly message: string;
  readonly hint: string;
}

const hints: Readonly<Record<FindingCode, string>> = {
  'blob-missing': 'Restore the blob from the storage account (soft delete, versioning or a replica).',
  'blob-damaged': 'Restore an earlier version of the blob from the storage account.',
  'log-gap': 'Restore the missing commit from the storage account; until then nothing after it can be read.',
  'order-broken':
    'Two programs wrote this table, or one that is not Rowback. Restore its log from the storage account.',
  'counts-differ': 'Restore the file and its commit from the storage account.',
  'snapshot-broken': 'Restore the snapshot’s blob; other snapshots can be used meanwhile.',
  'state-differs':
    'Look for damage named beside it; otherwise report it with the version of Rowback that wrote the snapshot.',
  'content-missing':
    'Restore the blob from the storage account, or back up again while the row still has the file.',
  'content-damaged': 'Restore an earlier version of the blob from the storage account.',
  leftover: 'Left by a run that was cut short. Nothing needs to be done; pruning removes it.',
};

export function finding(
  code: FindingCode,
  message: string,
  where: { readonly blob?: string; readonly table?: string; readonly snapshots?: readonly string[] } = {},
): Finding {
  return {
    code,
    severity: code === 'leftover' ? 'note' : 'damage',
    blob: where.blob ?? null,
    table: where.table ?? null,
    snapshots: where.snapshots ?? [],
    message,
    hint: hints[code],
  };
}

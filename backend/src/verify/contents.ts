import { RowbackError } from '../base/errors.ts';
import { fileTableName, type NamedFile, type Snapshot, type Vault } from '../vault/index.ts';
import { finding, type Finding } from './finding.ts';
import { snapshotsShowing } from './snapshots.ts';

/** Reads a Parquet file whole: size, hash, and the rows that its commit says are in it. */
export async function checkFile(
  vault: Vault,
  table: string,
  file: NamedFile,
  snapshots: readonly Snapshot[],
): Promise<Finding[]> {
  const where = { table, blob: file.blob, snapshots: snapshotsShowing(snapshots, table, file.minSeq) };
  try {
    const facts = await vault.inspection.readFile(file);
    const same = facts.rows === file.rowCount && facts.minSeq === file.minSeq && facts.maxSeq === file.maxSeq;
    if (!same) {
      const message = `${file.blob} holds ${facts.rows} rows, sequences ${facts.minSeq} to ${facts.maxSeq}; its commit says ${file.rowCount}, ${file.minSeq} to ${file.maxSeq}.`;
      return [finding('counts-differ', message, where)];
    }
    if (facts.distinctSeqs !== facts.rows)
      return [finding('order-broken', `${file.blob} holds a sequence twice.`, where)];
    if (facts.outOfOrder > 0)
      return [
        finding(
          'order-broken',
          `In ${file.blob} ${facts.outOfOrder} rows are older than a row before them.`,
          where,
        ),
      ];
    return [];
  } catch (error) {
    return [damageOf(error, where)];
  }
}

/** A stored content as the newest line about it says. */
export interface StoredContent {
  readonly sha256: string;
  readonly bytes: number | null;
}

/** Contents that some line of `rowback_file` calls stored, each once. */
export async function storedContents(vault: Vault): Promise<StoredContent[]> {
  const state = await vault.table(fileTableName).state();
  const stored = new Map<string, StoredContent>();
  for await (const { values } of vault.table(fileTableName).scan(state?.throughSeq ?? 0)) {
    const { sha256, bytes } = values;
    if (typeof sha256 === 'string')
      stored.set(sha256, { sha256, bytes: typeof bytes === 'string' ? Number(bytes) : null });
  }
  return [...stored.values()];
}

export function blobOfContent(environmentId: string, sha256: string): string {
  return `${environmentId}/files/${sha256.slice(0, 2)}/${sha256}`;
}

/** Reads a content whole and hashes it. */
export async function checkContent(vault: Vault, { sha256, bytes }: StoredContent): Promise<Finding[]> {
  const blob = blobOfContent(vault.environmentId, sha256);
  let read = 0;
  try {
    for await (const chunk of vault.files.openContent(sha256)) read += chunk.length;
  } catch (error) {
    const { code, message } = damageOf(error, { blob });
    return [finding(code === 'blob-missing' ? 'content-missing' : 'content-damaged', message, { blob })];
  }
  if (bytes === null || read === bytes) return [];
  return [finding('content-damaged', `${blob} has ${read} bytes, its line says ${bytes}.`, { blob })];
}

/** What a reader says of a blob that is wrong; anything else is no finding but a failure. */
export function damageOf(
  error: unknown,
  where: { readonly blob: string; readonly table?: string; readonly snapshots?: readonly string[] },
): Finding {
  const code = error instanceof RowbackError ? error.code : null;
  if (!(error instanceof RowbackError) || (code !== 'blob-damaged' && code !== 'blob-missing')) throw error;
  return finding(code === 'blob-missing' ? 'blob-missing' : 'blob-damaged', error.message, where);
}

import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFile } from './delta/delta-log.ts';
import { damaged } from './errors.ts';
import { hashFile } from './hash-file.ts';
import type { BlobStore } from './store/index.ts';

/** Local copies of Parquet files, so that DuckDB can read them. */
export interface LocalFiles {
  /** Local paths of the files, kept until `release` is called. */
  acquire(
    files: readonly DataFile[],
  ): Promise<{ readonly paths: readonly string[]; readonly release: () => Promise<void> }>;
}

interface Copy {
  readonly path: string;
  readonly bytes: number;
  readonly ready: Promise<unknown>;
  users: number;
}

/** Copies beyond `budgetBytes` that nobody uses are removed, the longest unused first. */
export function openLocalFiles(store: BlobStore, folder: string, budgetBytes: number): LocalFiles {
  // A Map keeps the order of insertion: re-inserting at each use makes it a queue of "longest unused first".
  const copies = new Map<string, Copy>();

  function copyOf(file: DataFile): Copy {
    const existing = copies.get(file.blob);
    if (existing !== undefined) return existing;
    const path = join(folder, `${createHash('sha256').update(file.blob).digest('hex')}.parquet`);
    const ready = download(file, path);
    // Whoever waits for the copy gets the error; the next one tries again.
    ready.catch(() => copies.delete(file.blob));
    return { path, bytes: file.bytes, ready, users: 0 };
  }

  /** The name of a Parquet file ends with the beginning of its sha256; that is what makes damage visible. */
  async function download(file: DataFile, path: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const bytes = await store.readToFile(file.blob, path);
    if (bytes !== file.bytes) throw damaged(file.blob, `it has ${bytes} bytes and not ${file.bytes}`);
    const hash = /-([0-9a-f]{32})\.parquet$/.exec(file.blob)?.[1];
    if (hash !== undefined && !(await hashFile(path)).startsWith(hash)) {
      throw damaged(file.blob, 'its content has another hash than its name');
    }
  }

  async function shrink(): Promise<void> {
    let total = [...copies.values()].reduce((sum, copy) => sum + copy.bytes, 0);
    for (const [blob, copy] of copies) {
      if (total <= budgetBytes) return;
      if (copy.users > 0) continue;
      copies.delete(blob);
      total -= copy.bytes;
      await rm(copy.path, { force: true });
    }
  }

  return {
    async acquire(files) {
      const used = files.map((file) => {
        const copy = copyOf(file);
        copy.users += 1;
        copies.delete(file.blob);
        copies.set(file.blob, copy);
        return copy;
      });
      const release = async (): Promise<void> => {
        for (const copy of used) copy.users -= 1;
        await shrink();
      };
      try {
        await Promise.all(used.map((copy) => copy.ready));
      } catch (error) {
        await release();
        throw error;
      }
      return { paths: used.map((copy) => copy.path), release };
    },
  };
}

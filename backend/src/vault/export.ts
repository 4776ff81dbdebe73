import { mkdir } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { assert } from '../base/assert.ts';
import type { BlobStore } from './store/index.ts';

/** Writes every blob as a plain file under its name into `folder`: the vault for anybody's Delta reader. */
export async function exportContainer(
  store: BlobStore,
  folder: string,
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  let blobs = 0;
  let bytes = 0;
  for await (const { name } of store.list('')) {
    const path = join(folder, name);
    const inside = relative(folder, path);
    assert(!inside.startsWith('..') && !isAbsolute(inside), `the blob name ${name} leads out of the folder`);
    await mkdir(dirname(path), { recursive: true });
    bytes += await store.readToFile(name, path);
    blobs += 1;
  }
  return { blobs, bytes };
}

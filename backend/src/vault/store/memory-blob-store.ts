/* eslint-disable @typescript-eslint/require-await -- a failure must come as a rejection here too */
import { readFile, writeFile } from 'node:fs/promises';
import { VaultError } from '../errors.ts';
import type { BlobBody, BlobEntry, BlobStore } from './blob-store.ts';

/** A container in memory, with the promises of the real one. For tests and simulations. */
export function openMemoryBlobStore(): BlobStore {
  const blobs = new Map<string, Uint8Array>();

  function bytesOf(name: string): Uint8Array {
    const bytes = blobs.get(name);
    if (bytes === undefined) throw blobMissing(name);
    return bytes;
  }

  return {
    async putIfAbsent(name: string, body: BlobBody): Promise<'stored' | 'exists'> {
      // The copy keeps a caller that reuses its buffer from changing what is stored.
      const bytes = body instanceof Uint8Array ? Uint8Array.from(body) : await readFile(body.path);
      if (blobs.has(name)) return 'exists';
      blobs.set(name, bytes);
      return 'stored';
    },
    read: async (name, range) =>
      range === undefined
        ? Uint8Array.from(bytesOf(name))
        : bytesOf(name).slice(range.offset, range.offset + range.length),
    async readToFile(name, path) {
      const bytes = bytesOf(name);
      await writeFile(path, bytes);
      return bytes.length;
    },
    async head(name) {
      const bytes = blobs.get(name);
      return bytes === undefined ? null : { bytes: bytes.length };
    },
    async *list(prefix: string, startFrom = ''): AsyncIterable<BlobEntry> {
      const names = [...blobs.keys()].filter((name) => name.startsWith(prefix) && name >= startFrom);
      for (const name of names.sort()) yield { name, bytes: bytesOf(name).length };
    },
  };
}

export function blobMissing(name: string, cause?: unknown): VaultError {
  return new VaultError('blob-missing', `There is no blob ${name}.`, {
    hint: 'Check the container and the environment id; if the vault names this blob, restore it in the storage account.',
    context: { blob: name },
    ...(cause === undefined ? {} : { cause }),
  });
}

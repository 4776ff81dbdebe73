import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Values } from '../base/value.ts';
import { type ContentName, contentsNamedBy } from './contents.ts';
import type { DeltaTable } from './delta-table.ts';
import { damaged, isVaultError, scratchError } from './errors.ts';
import { type FileEntryInVault, type FileLine, fileTableSchema, linesOf, readLines } from './file-table.ts';
import { hashFile } from './hash-file.ts';
import type { TableSchema } from './schema.ts';
import type { AppendOptions, Committed } from './table.ts';
import type { FileEntry } from './version.ts';

export interface StoredContent {
  readonly sha256: string;
  readonly bytes: number;
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

/** Of writers that meet at one commit all but one lose it; each time at least one is done. */
const appendAttempts = 50;

export function openFiles(fileTable: DeltaTable): VaultFiles {
  const { parts } = fileTable;
  const { store, environmentId, schemas } = parts;
  const blobOf = (sha256: string): string => `${environmentId}/files/${sha256.slice(0, 2)}/${sha256}`;
  const scratchFile = (): string => join(parts.scratch, `content-${parts.nextScratchNumber()}`);

  async function withScratchFile<T>(work: (path: string) => Promise<T>): Promise<T> {
    const path = scratchFile();
    try {
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  async function appendOnce(
    lines: readonly FileLine[],
    options: AppendOptions & { readonly capturedAt: string },
  ): Promise<Committed> {
    const writer = await fileTable.append(options);
    try {
      for (const line of lines) await writer.put(line.key, line.values, options.capturedAt);
      return await writer.commit();
    } finally {
      await writer.close();
    }
  }

  return {
    storeContent: (source) =>
      withScratchFile(async (path) => {
        const content = source instanceof Uint8Array ? hashBytes(source) : await spool(source, path);
        const blob = blobOf(content.sha256);
        // Asking first saves the upload of what many notes share.
        if ((await store.head(blob)) !== null) return content;
        await store.putIfAbsent(blob, source instanceof Uint8Array ? source : { path });
        return content;
      }),
    async *openContent(sha256) {
      const path = scratchFile();
      try {
        await store.readToFile(blobOf(sha256), path);
        if ((await hashFile(path)) !== sha256)
          throw damaged(blobOf(sha256), 'its content has another hash than its name');
        // Without an encoding a file stream gives Buffers.
        for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
      } finally {
        await rm(path, { force: true });
      }
    },
    async append(entries, run) {
      const lines = [...linesOf(entries)];
      if (lines.length === 0) return null;
      const schemaId = await schemas.put(fileTableSchema);
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await appendOnce(lines, { ...run, schema: fileTableSchema, schemaId });
        } catch (error) {
          // Several tables, and several processes, append here at once. A line says the same in any commit.
          if (!isVaultError(error, 'commit-lost') || attempt === appendAttempts) throw error;
        }
      }
    },
    contentsOf: (table, keys, fileSeq) => readLines(fileTable, table, keys, fileSeq),
    contentsNamedBy,
    async pending(named, fileSeq) {
      const missing: ContentName[] = [];
      for (const table of new Set(named.map((name) => name.table))) {
        const ofTable = named.filter((name) => name.table === table);
        const keys = new Set(ofTable.map(({ key }) => key));
        const lines = await readLines(fileTable, table, keys, fileSeq);
        const known = new Set(
          lines.map(({ key, column, contentId }) => JSON.stringify([key, column, contentId])),
        );
        missing.push(
          ...ofTable.filter(
            ({ key, column, contentId }) => !known.has(JSON.stringify([key, column, contentId])),
          ),
        );
      }
      return missing;
    },
  };
}

function hashBytes(bytes: Uint8Array): StoredContent {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

async function spool(source: AsyncIterable<Uint8Array>, path: string): Promise<StoredContent> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'w');
  try {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      await file.writeFile(chunk);
    }
  } catch (error) {
    throw scratchError(error) ?? error;
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

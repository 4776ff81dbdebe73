import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParquetEngine } from './delta/parquet-engine.ts';
import { DeltaTable } from './delta-table.ts';
import { type VaultDocuments, openDocuments } from './documents.ts';
import { fileTableName } from './file-table.ts';
import { type VaultFiles, openFiles } from './files.ts';
import { type VaultInspection, openInspection } from './inspection.ts';
import { openLocalFiles } from './local-files.ts';
import { type Schemas, openSchemas } from './schemas.ts';
import { type Snapshots, openSnapshots } from './snapshots.ts';
import type { BlobStore } from './store/index.ts';
import { type TableHashes, openTableHashes } from './table-hash.ts';
import type { TableParts } from './table-query.ts';
import type { VaultTable } from './table.ts';

/** Everything kept for one environment. */
export interface Vault extends VaultDocuments {
  readonly environmentId: string;
  readonly schemas: Schemas;
  readonly snapshots: Snapshots;
  readonly files: VaultFiles;
  readonly hashes: TableHashes;
  readonly inspection: VaultInspection;
  /** The same object for the same name. */
  table(name: string): VaultTable;
  /** Removes what was kept in the scratch directory. */
  close(): Promise<void>;
}

export interface VaultOptions {
  readonly store: BlobStore;
  readonly environmentId: string;
  readonly engine: ParquetEngine;
  /** Directory for temporary files; made when missing. */
  readonly scratch: string;
  /** Parquet files kept in scratch between questions; 2 GB by default. */
  readonly localCopyBytes?: number;
}

/** Opens nothing remote: an environment never backed up is an empty vault. */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { store, environmentId, engine } = options;
  await mkdir(options.scratch, { recursive: true });
  const scratch = await mkdtemp(join(options.scratch, 'vault-'));
  const schemas = openSchemas(store, environmentId);
  let scratchNumber = 0;
  const parts: TableParts = {
    store,
    environmentId,
    engine,
    schemas,
    scratch,
    files: openLocalFiles(store, join(scratch, 'copies'), options.localCopyBytes ?? 2 * 1024 ** 3),
    nextScratchNumber: () => (scratchNumber += 1),
  };
  const tables = new Map<string, DeltaTable>();
  const tableOf = (name: string): DeltaTable => {
    const table = tables.get(name) ?? new DeltaTable(parts, name);
    tables.set(name, table);
    return table;
  };
  return {
    environmentId,
    schemas,
    snapshots: openSnapshots(store, environmentId),
    files: openFiles(tableOf(fileTableName)),
    hashes: openTableHashes(tableOf, tableOf(fileTableName)),
    inspection: openInspection(parts),
    table: tableOf,
    ...openDocuments(store, environmentId),
    close: () => rm(scratch, { recursive: true, force: true }),
  };
}

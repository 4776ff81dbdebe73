import type { ParquetEngine } from './delta/parquet-engine.ts';
import type { VaultDocuments } from './documents.ts';
import type { VaultFiles } from './files.ts';
import type { Schemas } from './schemas.ts';
import type { Snapshots } from './snapshots.ts';
import type { BlobStore } from './store/blob-store.ts';
import type { TableHashes } from './table-hash.ts';
import type { VaultTable } from './table.ts';

/** Everything kept for one environment. */
export interface Vault extends VaultDocuments {
  readonly environmentId: string;
  readonly schemas: Schemas;
  readonly snapshots: Snapshots;
  readonly files: VaultFiles;
  readonly hashes: TableHashes;
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
}

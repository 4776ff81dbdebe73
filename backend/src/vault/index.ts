export { VaultError, isVaultError, type VaultErrorCode } from './errors.ts';
export type { BlobBody, BlobEntry, BlobStore } from './store/blob-store.ts';
export type { ControlStore, Lease } from './store/control-store.ts';
export type { ParquetEngine } from './delta/parquet-engine.ts';
export type { ColumnSchema, ColumnType, TableSchema } from './schema.ts';
export type { FileEntry, GoneReason, RowVersion } from './version.ts';
export type { BackupMode, Snapshot, TableInSnapshot, TableStatus } from './snapshot.ts';
export type {
  AppendOptions,
  Committed,
  CommitOptions,
  FoundRow,
  GoneVersion,
  PutVersion,
  TableState,
  TableWriter,
  VaultTable,
} from './table.ts';
export type { Schemas } from './schemas.ts';
export type { Snapshots, TableAtSnapshot } from './snapshots.ts';
export type { ContentName, FileEntryInVault, StoredContent, VaultFiles } from './files.ts';
export type { TableHashes } from './table-hash.ts';
export type { AuditEntry, RestoreDocuments, VaultDocuments } from './documents.ts';
export type { Vault, VaultOptions } from './vault.ts';

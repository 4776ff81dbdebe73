export { VaultError, isVaultError, type VaultErrorCode } from './errors.ts';
export {
  type AzureContainers,
  type AzureLocation,
  type BlobBody,
  type BlobEntry,
  type BlobStore,
  type ControlStore,
  type Lease,
  azureFault,
  createAzureContainers,
  openAzureBlobStore,
  openAzureContainers,
  openAzureControlStore,
  openMemoryBlobStore,
  openMemoryControlStore,
  storageMalformed,
  translateAzureError,
} from './store/index.ts';
export { type EngineOptions, type ParquetEngine, openParquetEngine } from './delta/parquet-engine.ts';
export type { ColumnSchema, ColumnType, TableSchema } from './schema.ts';
export type { FileEntry, GoneReason, RowVersion } from './version.ts';
export type { Alert, AlertCode, AlertSelection } from './alert.ts';
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
  VersionMark,
} from './table.ts';
export type { CommitFacts, FileFacts, NamedFile, VaultInspection } from './inspection.ts';
export { keyOf, splitKey, tableOfFolder } from './keys.ts';
export type { Schemas } from './schemas.ts';
export { newSnapshotId, isSnapshotId } from './snapshot-id.ts';
export type { Snapshots, TableAtSnapshot } from './snapshots.ts';
export { type ContentName, contentIdOf, contentText, contentsNamedBy } from './contents.ts';
export { type FileEntryInVault, fileTableName, fileTableSchema } from './file-table.ts';
export type { StoredContent, VaultFiles } from './files.ts';
export { type ContentOf, HashSum, canonicalText, rowHash } from './row-hash.ts';
export type { TableHashes } from './table-hash.ts';
export type { AuditEntry, RestoreDocuments, VaultDocuments } from './documents.ts';
export { type Vault, type VaultOptions, openVault } from './vault.ts';
export { exportContainer } from './export.ts';

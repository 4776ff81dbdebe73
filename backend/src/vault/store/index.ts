export type { BlobBody, BlobEntry, BlobStore } from './blob-store.ts';
export type { ControlStore, Lease } from './control-store.ts';
export { openMemoryBlobStore } from './memory-blob-store.ts';
export { openMemoryControlStore } from './memory-control-store.ts';
export {
  type AzureContainers,
  type AzureLocation,
  createAzureContainers,
  openAzureContainers,
  storageMalformed,
} from './azure-account.ts';
export { openAzureBlobStore } from './azure-blob-store.ts';
export { openAzureControlStore } from './azure-control-store.ts';
export { azureFault, translateAzureError } from './azure-errors.ts';

import { BlobServiceClient } from '@azure/storage-blob';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { container } from './services.ts';

/** Copies every blob of the vault's container into a folder, under its name. */
export async function keepVault(storage: string, folder: string): Promise<void> {
  const client = BlobServiceClient.fromConnectionString(storage).getContainerClient(container);
  for await (const blob of client.listBlobsFlat()) {
    const target = join(folder, ...blob.name.split('/'));
    await mkdir(dirname(target), { recursive: true });
    await client.getBlobClient(blob.name).downloadToFile(target);
  }
}

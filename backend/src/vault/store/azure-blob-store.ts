import { rm, stat } from 'node:fs/promises';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { BlobBody, BlobEntry, BlobStore } from './blob-store.ts';
import { azureFault, translateAzureError } from './azure-errors.ts';

/** Azure answers a conditional write on a name in use with 409 BlobAlreadyExists (block lists: 412 sometimes). */
const taken = new Set(['BlobAlreadyExists', 'ConditionNotMet']);
const ifAbsent = { conditions: { ifNoneMatch: '*' } } as const;
/** Files above this go up in blocks of this size, so that memory stays bounded. */
const blockBytes = 8 * 1024 * 1024;

/** Retries are the SDK's, as set where the container was opened. */
export function openAzureBlobStore(container: ContainerClient): BlobStore {
  /** Says what was being done to which blob when it failed. */
  async function translated<T>(verb: string, name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw translateAzureError(error, `${verb} ${container.containerName}/${name}`, name);
    }
  }

  return {
    putIfAbsent: (name, body) =>
      translated('Writing', name, async () => {
        try {
          await upload(container.getBlockBlobClient(name), body);
          return 'stored';
        } catch (error) {
          if (taken.has(azureFault(error)?.code ?? '')) return 'exists';
          throw error;
        }
      }),
    read: (name, range) =>
      translated('Reading', name, async () => {
        const blob = container.getBlobClient(name);
        if (range?.length === 0) return new Uint8Array(0);
        // downloadToBuffer asks for the size first when it has no count; a body that is small comes in one call here.
        const answer = await blob.download(range?.offset ?? 0, range?.length);
        return await collect(answer.readableStreamBody);
      }),
    readToFile: (name, path) =>
      translated('Reading', name, async () => {
        try {
          await container.getBlobClient(name).downloadToFile(path);
        } catch (error) {
          await rm(path, { force: true });
          throw error;
        }
        return (await stat(path)).size;
      }),
    head: (name) =>
      translated('Looking at', name, async () => {
        try {
          const properties = await container.getBlobClient(name).getProperties();
          return { bytes: properties.contentLength ?? 0 };
        } catch (error) {
          const fault = azureFault(error);
          if (fault?.code === 'BlobNotFound') return null;
          throw error;
        }
      }),
    list: (prefix, startFrom) => listBlobs(container, prefix, startFrom),
  };
}

async function upload(blob: BlockBlobClient, body: BlobBody): Promise<void> {
  if (body instanceof Uint8Array) {
    await blob.upload(body, body.length, ifAbsent);
    return;
  }
  const { size } = await stat(body.path);
  // An empty file is refused by uploadFile's block path; a small one is cheaper in one call anyway.
  await blob.uploadFile(body.path, {
    ...ifAbsent,
    blockSize: blockBytes,
    maxSingleShotSize: Math.max(1, Math.min(size, blockBytes)),
    concurrency: 2,
  });
}

async function collect(stream: NodeJS.ReadableStream | undefined): Promise<Uint8Array> {
  if (stream === undefined) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  // In Node the SDK streams Buffers; the type also allows strings, which only a set encoding would give.
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return new Uint8Array(Buffer.concat(chunks));
}

async function* listBlobs(
  container: ContainerClient,
  prefix: string,
  startFrom: string | undefined,
): AsyncIterable<BlobEntry> {
  try {
    const from = startFrom === undefined ? {} : { startFrom };
    for await (const item of container.listBlobsFlat({ prefix, ...from })) {
      // The emulator (Azurite 3.35) knows no startFrom and lists everything.
      if (startFrom !== undefined && item.name < startFrom) continue;
      yield { name: item.name, bytes: item.properties.contentLength ?? 0 };
    }
  } catch (error) {
    throw translateAzureError(error, `Listing ${container.containerName}/${prefix}`, prefix);
  }
}

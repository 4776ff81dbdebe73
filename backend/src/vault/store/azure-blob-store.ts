import { rm, stat } from 'node:fs/promises';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { BlobBody, BlobEntry, BlobStore } from './blob-store.ts';
import { azureFault, translateAzureError } from './azure-errors.ts';
import { patiently, usualPatienceMs, type Watch } from './patience.ts';

/** Azure answers a conditional write on a name in use with 409 BlobAlreadyExists (block lists: 412 sometimes). */
const taken = new Set(['BlobAlreadyExists', 'ConditionNotMet']);
const ifAbsent = { conditions: { ifNoneMatch: '*' } } as const;
/** Files above this go up in blocks of this size, so that memory stays bounded. */
const blockBytes = 8 * 1024 * 1024;

/**
 * Retries are the SDK's, as set where the container was opened. A call of which nothing moves for `patienceMs` is given
 * up and made once more.
 */
export function openAzureBlobStore(container: ContainerClient, patienceMs = usualPatienceMs): BlobStore {
  /** Says what was being done to which blob when it failed. */
  async function translated<T>(verb: string, name: string, work: (watch: Watch) => Promise<T>): Promise<T> {
    try {
      return await patiently(`${verb} ${container.containerName}/${name}`, patienceMs, work);
    } catch (error) {
      throw translateAzureError(error, `${verb} ${container.containerName}/${name}`, name);
    }
  }

  return {
    putIfAbsent: (name, body) =>
      translated('Writing', name, async (watch) => {
        try {
          await upload(container.getBlockBlobClient(name), body, watch);
          return 'stored';
        } catch (error) {
          if (taken.has(azureFault(error)?.code ?? '')) return 'exists';
          throw error;
        }
      }),
    read: (name, range) =>
      translated('Reading', name, async (watch) => {
        const blob = container.getBlobClient(name);
        if (range?.length === 0) return new Uint8Array(0);
        // downloadToBuffer asks for the size first when it has no count; a body that is small comes in one call here.
        const answer = await blob.download(range?.offset ?? 0, range?.length, watch);
        return await collect(answer.readableStreamBody);
      }),
    readToFile: (name, path) =>
      translated('Reading', name, async (watch) => {
        try {
          await container.getBlobClient(name).downloadToFile(path, 0, undefined, watch);
        } catch (error) {
          await rm(path, { force: true });
          throw error;
        }
        return (await stat(path)).size;
      }),
    head: (name) =>
      translated('Looking at', name, async ({ abortSignal }) => {
        try {
          const properties = await container.getBlobClient(name).getProperties({ abortSignal });
          return { bytes: properties.contentLength ?? 0 };
        } catch (error) {
          const fault = azureFault(error);
          if (fault?.code === 'BlobNotFound') return null;
          throw error;
        }
      }),
    list: (prefix, startFrom) => listBlobs(container, prefix, startFrom, patienceMs),
  };
}

async function upload(blob: BlockBlobClient, body: BlobBody, watch: Watch): Promise<void> {
  if (body instanceof Uint8Array) {
    await blob.upload(body, body.length, { ...ifAbsent, ...watch });
    return;
  }
  const { size } = await stat(body.path);
  // An empty file is refused by uploadFile's block path; a small one is cheaper in one call anyway.
  await blob.uploadFile(body.path, {
    ...ifAbsent,
    ...watch,
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
  patienceMs: number,
): AsyncIterable<BlobEntry> {
  const what = `Listing ${container.containerName}/${prefix}`;
  const from = startFrom === undefined ? {} : { startFrom };
  let continuationToken: string | undefined;
  do {
    const after = continuationToken === undefined ? {} : { continuationToken };
    // Each page on its own: how long the reader takes between two is no silence of the service.
    const page = await patiently(what, patienceMs, async ({ abortSignal }) => {
      const pages = container.listBlobsFlat({ prefix, ...from, abortSignal }).byPage(after);
      const next = await pages.next();
      return next.done === true ? null : next.value;
    }).catch((error: unknown) => {
      throw translateAzureError(error, what, prefix);
    });
    for (const item of page?.segment.blobItems ?? []) {
      // The emulator (Azurite 3.35) knows no startFrom and lists everything.
      if (startFrom !== undefined && item.name < startFrom) continue;
      yield { name: item.name, bytes: item.properties.contentLength ?? 0 };
    }
    continuationToken = page?.continuationToken === '' ? undefined : page?.continuationToken;
  } while (continuationToken !== undefined);
}

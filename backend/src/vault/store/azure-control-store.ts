import type { ContainerClient } from '@azure/storage-blob';
import { damaged, isVaultError } from '../errors.ts';
import { openAzureBlobStore } from './azure-blob-store.ts';
import { azureFault, translateAzureError } from './azure-errors.ts';
import type { ControlStore, Lease } from './control-store.ts';
import { patiently, usualPatienceMs } from './patience.ts';

/** Leases are blob leases on empty blobs under `leases/`; marks are blobs under `marks/`. */
export function openAzureControlStore(
  container: ContainerClient,
  patienceMs = usualPatienceMs,
): ControlStore {
  const blobs = openAzureBlobStore(container, patienceMs);
  return {
    async acquireLease(name, seconds) {
      const blobName = `leases/${name}`;
      await blobs.putIfAbsent(blobName, new Uint8Array(0));
      const client = container.getBlobClient(blobName).getBlobLeaseClient();
      try {
        await patiently(`Taking the lease ${name}`, patienceMs, ({ abortSignal }) =>
          client.acquireLease(seconds, { abortSignal }),
        );
      } catch (error) {
        if (azureFault(error)?.code === 'LeaseAlreadyPresent') return 'held';
        throw translateAzureError(error, `Taking the lease ${name}`, blobName);
      }
      return leaseOf(client, name);
    },
    async readMark(name) {
      const blobName = `marks/${name}.json`;
      try {
        return JSON.parse(new TextDecoder().decode(await blobs.read(blobName))) as unknown;
      } catch (error) {
        if (isVaultError(error, 'blob-missing')) return null;
        if (error instanceof SyntaxError) throw damaged(blobName, 'it is no JSON', error);
        throw error;
      }
    },
    async writeMark(name, document) {
      const blobName = `marks/${name}.json`;
      const body = JSON.stringify(document);
      try {
        await patiently(`Writing ${container.containerName}/${blobName}`, patienceMs, (watch) =>
          container.getBlockBlobClient(blobName).upload(body, Buffer.byteLength(body), watch),
        );
      } catch (error) {
        throw translateAzureError(error, `Writing ${container.containerName}/${blobName}`, blobName);
      }
    },
    async removeMark(name) {
      const blobName = `marks/${name}.json`;
      try {
        await patiently(`Removing ${container.containerName}/${blobName}`, patienceMs, ({ abortSignal }) =>
          container.getBlobClient(blobName).deleteIfExists({ abortSignal }),
        );
      } catch (error) {
        throw translateAzureError(error, `Removing ${container.containerName}/${blobName}`, blobName);
      }
    },
    async *listMarks(prefix) {
      for await (const { name } of blobs.list(`marks/${prefix}`)) {
        if (name.endsWith('.json')) yield name.slice('marks/'.length, -'.json'.length);
      }
    },
  };
}

/** Answers of 409 and 412 that say the lease is another's, broken, or over. */
const lostCodes = new Set([
  'LeaseIdMismatchWithLeaseOperation',
  'LeaseIdMismatchWithBlobOperation',
  'LeaseIsBrokenAndCannotBeRenewed',
  'LeaseNotPresentWithLeaseOperation',
  'LeaseNotPresentWithBlobOperation',
  'LeaseLost',
]);

function leaseOf(
  client: { renewLease(): Promise<unknown>; releaseLease(): Promise<unknown> },
  name: string,
): Lease {
  async function lostOr<T>(verb: string, work: () => Promise<T>): Promise<T | 'lost'> {
    try {
      return await work();
    } catch (error) {
      if (lostCodes.has(azureFault(error)?.code ?? '')) return 'lost';
      throw translateAzureError(error, `${verb} the lease ${name}`, `leases/${name}`);
    }
  }
  return {
    renew: () =>
      lostOr('Renewing', async () => {
        await client.renewLease();
        return 'renewed' as const;
      }),
    release: async () => {
      await lostOr('Releasing', () => client.releaseLease());
    },
  };
}

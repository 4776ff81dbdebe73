import {
  type ContainerClient,
  BlobServiceClient,
  type StoragePipelineOptions,
  StorageRetryPolicyType,
} from '@azure/storage-blob';
import { VaultError } from '../errors.ts';
import { translateAzureError } from './azure-errors.ts';

/** Where a vault lives. */
export interface AzureLocation {
  /** A connection string, or the account's URL (then DefaultAzureCredential signs in). */
  readonly storage: string;
  readonly container: string;
  /** Tries of one call, the first included; 5 by default. */
  readonly tries?: number;
}

/** The container that never changes and, beside it, the one for leases and marks. */
export interface AzureContainers {
  readonly vault: ContainerClient;
  readonly control: ContainerClient;
}

export async function openAzureContainers(location: AzureLocation): Promise<AzureContainers> {
  const service = await openService(location);
  return {
    vault: service.getContainerClient(location.container),
    control: service.getContainerClient(`${location.container}-control`),
  };
}

/** Makes both containers where they are missing. Needs a right that the backup identity otherwise does without. */
export async function createAzureContainers(containers: AzureContainers): Promise<void> {
  for (const client of [containers.vault, containers.control]) {
    try {
      await client.createIfNotExists();
    } catch (error) {
      throw translateAzureError(
        error,
        `Creating the container ${client.containerName}`,
        client.containerName,
      );
    }
  }
}

async function openService(location: AzureLocation): Promise<BlobServiceClient> {
  const options: StoragePipelineOptions = {
    retryOptions: {
      retryPolicyType: StorageRetryPolicyType.EXPONENTIAL,
      maxTries: location.tries ?? 5,
      retryDelayInMs: 500,
      maxRetryDelayInMs: 30_000,
      tryTimeoutInMs: 120_000,
    },
  };
  try {
    if (!/^https?:\/\//.test(location.storage)) {
      return BlobServiceClient.fromConnectionString(location.storage, options);
    }
    // Loaded only when it is needed: it is large, and a connection string does without.
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new BlobServiceClient(location.storage, new DefaultAzureCredential(), options);
  } catch (cause) {
    throw storageMalformed(cause);
  }
}

export function storageMalformed(cause: unknown): VaultError {
  return new VaultError(
    'storage-malformed',
    'The storage setting is no connection string and no account URL.',
    {
      hint: 'Set ROWBACK_STORAGE to a connection string or to https://<account>.blob.core.windows.net.',
      cause,
    },
  );
}

import { RestError } from '@azure/storage-blob';
import { VaultError, scratchError } from '../errors.ts';
import { blobMissing } from './memory-blob-store.ts';

/** What the SDK reports, as far as decisions hang on it. Codes: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
interface AzureFault {
  readonly status: number | null;
  readonly code: string;
}

/** Null for what is not an answer or a network failure of the service. */
export function azureFault(error: unknown): AzureFault | null {
  if (!(error instanceof RestError)) return null;
  // A HEAD has no body: the code is in a header then, and `code` stays empty.
  const header = error.response?.headers.get('x-ms-error-code');
  return { status: error.statusCode ?? null, code: header ?? error.code ?? '' };
}

/** A lost network, a missing right or a missing container in our words. Anything unknown is passed on as it is. */
export function translateAzureError(error: unknown, what: string, blob: string): unknown {
  const local = scratchError(error);
  if (local !== null) return local;
  const fault = azureFault(error);
  if (fault === null) return isSignInFailure(error) ? refused(what, 'sign-in failed', error) : error;
  const { status, code } = fault;
  if (code === 'QueueNotFound' || code === 'QueueBeingDeleted') return queueMissing(what, error);
  if (code === 'ContainerNotFound' || code === 'ContainerBeingDeleted') return containerMissing(what, error);
  if (code === 'BlobNotFound' || status === 404) return blobMissing(blob, error);
  if (status === null) return unreachable(what, code, error);
  if (status === 401 || status === 403) return refused(what, code, error);
  if (status === 507 || code === 'InsufficientStorage') return full(what, error);
  if (status >= 500 || status === 408 || status === 429) return busy(what, code || String(status), error);
  return refused(what, code || String(status), error);
}

/** @azure/identity throws its own classes; their names are its documented contract. */
function isSignInFailure(error: unknown): boolean {
  return (
    error instanceof Error &&
    ['CredentialUnavailableError', 'AuthenticationError', 'AggregateAuthenticationError'].includes(error.name)
  );
}

function containerMissing(what: string, cause: unknown): VaultError {
  return new VaultError('container-missing', `${what}: the container does not exist.`, {
    hint: 'Create the container, or correct ROWBACK_CONTAINER.',
    cause,
  });
}

function queueMissing(what: string, cause: unknown): VaultError {
  return new VaultError('queue-missing', `${what}: the queue does not exist.`, {
    hint: 'Start the backend again: it makes its queues where it may.',
    cause,
  });
}

function unreachable(what: string, code: string, cause: unknown): VaultError {
  return new VaultError('storage-unreachable', `${what}: no answer from the storage account (${code}).`, {
    hint: 'Check the account URL or connection string, the network and the firewall of the storage account.',
    cause,
  });
}

/** No part of an answer for so long. */
export function hung(what: string, silentMs: number, cause: unknown): VaultError {
  return unreachable(what, `nothing for ${silentMs / 1000} s`, cause);
}

/** No right of ours would help: the whole account or container takes no writes. */
const closedTo = new Set(['InsufficientAccountPermissions', 'AccountIsDisabled', 'ContainerDisabled']);

function refused(what: string, code: string, cause: unknown): VaultError {
  return new VaultError('storage-refused', `${what}: the storage account refused it (${code}).`, {
    hint: closedTo.has(code)
      ? 'The account or container is disabled, or closed to writes: open it again, then run the backup again.'
      : 'Give the identity "Storage Blob Data Contributor" on the container and "Storage Queue Data Contributor" on its queues, and let its firewall accept this network.',
    context: { azureCode: code },
    cause,
  });
}

function busy(what: string, code: string, cause: unknown): VaultError {
  return new VaultError('storage-busy', `${what}: the storage account keeps answering ${code}.`, {
    hint: 'Try again later; if it goes on, look at the health and the limits of the storage account.',
    cause,
  });
}

function full(what: string, cause: unknown): VaultError {
  return new VaultError('storage-full', `${what}: no room left.`, {
    hint: 'Raise the capacity of the storage account.',
    cause,
  });
}

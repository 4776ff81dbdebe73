import { type QueueClient, QueueServiceClient, StorageRetryPolicyType } from '@azure/storage-queue';
import { azureFault, storageMalformed, translateAzureError } from '../vault/index.ts';
import type { AsideMessage, HeldMessage, WorkQueue } from './work-queue.ts';

/** Where the queues are: in the account of the vault. */
export interface QueueLocation {
  /** A connection string, or the account's blob URL (then DefaultAzureCredential signs in). */
  readonly storage: string;
  /** The queues are `<container>-work` and `<container>-aside`. */
  readonly container: string;
  readonly tries?: number;
}

/** Opens both queues and makes them where they are missing. */
export async function openAzureWorkQueue(location: QueueLocation): Promise<WorkQueue> {
  const service = await openService(location);
  const work = service.getQueueClient(`${location.container}-work`);
  const aside = service.getQueueClient(`${location.container}-aside`);
  for (const queue of [work, aside]) await asking(queue, 'Making', () => queue.createIfNotExists());
  return {
    async send(text, delaySeconds = 0) {
      // A message that nobody wants for a week is still work to do.
      const options = { visibilityTimeout: delaySeconds, messageTimeToLive: forEver };
      await asking(work, 'Writing to', () => work.sendMessage(text, options));
    },
    async receive(holdSeconds) {
      const options = { numberOfMessages: 1, visibilityTimeout: holdSeconds };
      const answer = await asking(work, 'Reading', () => work.receiveMessages(options));
      const [message] = answer.receivedMessageItems;
      return message === undefined ? null : heldMessage(work, message);
    },
    async count() {
      const properties = await asking(work, 'Counting', () => work.getProperties());
      return properties.approximateMessagesCount ?? 0;
    },
    async setAside(text) {
      await asking(aside, 'Writing to', () => aside.sendMessage(text, { messageTimeToLive: forEver }));
    },
    async listAside(): Promise<AsideMessage[]> {
      const peek = () => aside.peekMessages({ numberOfMessages: 32 });
      const { peekedMessageItems } = await asking(aside, 'Reading', peek);
      return peekedMessageItems.map((item) => ({
        text: item.messageText,
        setAsideAt: item.insertedOn.toISOString(),
      }));
    },
    async clearAside() {
      await asking(aside, 'Clearing', () => aside.clearMessages());
    },
  };
}

const forEver = -1;

function heldMessage(
  queue: QueueClient,
  message: {
    readonly messageId: string;
    readonly popReceipt: string;
    readonly messageText: string;
    readonly dequeueCount: number;
  },
): HeldMessage {
  // Every renewal gives a new receipt, and only the newest one counts.
  let receipt = message.popReceipt;
  return {
    text: message.messageText,
    timesReceived: message.dequeueCount,
    async renew(seconds) {
      const update = () => queue.updateMessage(message.messageId, receipt, message.messageText, seconds);
      const answer = await lostOr(queue, 'Holding a message of', update);
      if (answer === 'lost') return 'lost';
      receipt = answer.popReceipt ?? receipt;
      return 'renewed';
    },
    async remove() {
      await lostOr(queue, 'Removing from', () => queue.deleteMessage(message.messageId, receipt));
    },
  };
}

/** The message is gone, or another receiver got it since. */
const lostCodes = new Set(['MessageNotFound', 'PopReceiptMismatch']);

async function lostOr<T>(queue: QueueClient, verb: string, work: () => Promise<T>): Promise<T | 'lost'> {
  try {
    return await work();
  } catch (error) {
    if (lostCodes.has(azureFault(error)?.code ?? '')) return 'lost';
    throw translateAzureError(error, `${verb} the queue ${queue.name}`, queue.name);
  }
}

async function asking<T>(queue: QueueClient, verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateAzureError(error, `${verb} the queue ${queue.name}`, queue.name);
  }
}

async function openService({ storage, tries }: QueueLocation): Promise<QueueServiceClient> {
  const options = {
    retryOptions: {
      retryPolicyType: StorageRetryPolicyType.EXPONENTIAL,
      maxTries: tries ?? 5,
      retryDelayInMs: 500,
      maxRetryDelayInMs: 30_000,
      tryTimeoutInMs: 30_000,
    },
  };
  try {
    if (!/^https?:\/\//.test(storage)) return QueueServiceClient.fromConnectionString(storage, options);
    // Loaded only when it is needed: it is large, and a connection string does without.
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new QueueServiceClient(queueAddress(storage), new DefaultAzureCredential(), options);
  } catch (cause) {
    throw storageMalformed(cause);
  }
}

/** An account's queues answer beside its blobs: `https://<account>.queue.<cloud>`. */
function queueAddress(blobUrl: string): string {
  const url = new URL(blobUrl);
  const host = url.host.replace('.blob.', '.queue.');
  if (host === url.host) throw new TypeError(`${url.host} is no address of blobs`);
  return `${url.protocol}//${host}`;
}

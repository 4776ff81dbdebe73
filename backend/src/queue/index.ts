export type { AsideMessage, HeldMessage, WorkQueue } from './work-queue.ts';
export { openMemoryWorkQueue } from './memory-work-queue.ts';
export { openAzureWorkQueue, type QueueLocation } from './azure-work-queue.ts';

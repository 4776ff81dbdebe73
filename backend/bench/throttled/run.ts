import { parentPort, workerData } from 'node:worker_threads';
import { clients, type ClientName } from './clients.ts';
import type { Condition } from './service.ts';

/** One client under one condition, in a thread of its own. Whoever starts it gives both and gets the usage. */
const { client, condition } = workerData as { client: ClientName; condition: Condition };
parentPort?.postMessage(await clients[client](condition));

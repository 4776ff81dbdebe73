import type { Transport } from './port.ts';

/** Marks what nobody waits for: it ends with `daily-budget` when the requests of a day are used up, and the rest goes on. */
export function inBackground(inner: Transport): Transport {
  return { send: (request) => inner.send({ ...request, background: true }) };
}

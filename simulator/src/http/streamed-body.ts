import type { Clock } from '../traffic/index.ts';

/** Bodies come in pieces of this size, as they would from a socket. */
const CHUNK_BYTES = 64 * 1024;
const TRICKLE_PIECES = 10;

export interface StreamedDelivery {
  /** The connection ends after this share of the body. */
  readonly cutAt: number | undefined;
  readonly spreadMs: number;
  readonly sleep: Clock['sleep'];
  /** Whoever asked may take that back while the body is on its way. */
  readonly signal: AbortSignal | undefined;
}

/** The body as a `Response` takes it: small ones at once, others piece by piece. */
export function streamed(
  bytes: Uint8Array,
  delivery: StreamedDelivery,
): Uint8Array | ReadableStream<Uint8Array> {
  const { cutAt, spreadMs } = delivery;
  const plain = cutAt === undefined && spreadMs === 0;
  if (plain && bytes.length <= CHUNK_BYTES) return bytes;
  const end = cutAt === undefined ? bytes.length : Math.floor(bytes.length * cutAt);
  return pieces(bytes.subarray(0, end), plain ? CHUNK_BYTES : pieceOf(bytes.length), delivery);
}

/** @param step length of a piece, in bytes */
function pieces(bytes: Uint8Array, step: number, delivery: StreamedDelivery): ReadableStream<Uint8Array> {
  const { cutAt, spreadMs, sleep, signal } = delivery;
  const given = new AbortController();
  let at = 0;
  const forget = () => signal?.removeEventListener('abort', abort);
  const abort = () => given.abort(signal?.reason);
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      signal?.addEventListener('abort', abort, { once: true });
      given.signal.addEventListener('abort', () => controller.error(given.signal.reason), { once: true });
    },
    pull: async (controller) => {
      if (at >= bytes.length) {
        forget();
        if (cutAt === undefined) controller.close();
        else controller.error(new TypeError('terminated', { cause: connectionReset() }));
        return;
      }
      // Rejects with the reason of whoever gave up, which is what a reader is to see.
      if (spreadMs > 0) await sleep(spreadMs / TRICKLE_PIECES, given.signal);
      controller.enqueue(bytes.subarray(at, at + step));
      at += step;
    },
    cancel: (reason) => {
      forget();
      given.abort(reason);
    },
  });
}

function pieceOf(length: number): number {
  return Math.max(1, Math.ceil(length / TRICKLE_PIECES));
}

/** As the network reports it. */
export function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}

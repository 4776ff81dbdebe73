import type { ApiResponse, Delivery } from './api.ts';
import type { Site } from './site.ts';
import { siteRequest } from './site-request.ts';

/** Bodies come in pieces of this size, as they would from a socket. */
const CHUNK_BYTES = 64 * 1024;
const encoder = new TextEncoder();

/**
 * A `fetch` that the simulator answers in the same process, whatever host it is asked for: the same answers as over
 * HTTP but for compression, without sockets and their real time.
 */
export function localFetch(site: Site): typeof fetch {
  return async (input, init) => {
    const { method, url, headers, body, signal } = await read(input, init);
    signal?.throwIfAborted();
    const { origin, pathname, search } = url;
    const request = siteRequest({ method, origin, target: `${pathname}${search}`, headers, body });
    const answer = await orAborted(site.answer(request), signal);
    if (answer.delivery?.cutAt === 'head') throw new TypeError('fetch failed', { cause: connectionReset() });
    return responseOf(answer, method, url.href, (ms) => site.traffic.clock.sleep(ms));
  };
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly signal: AbortSignal | undefined;
}

async function read(input: string | URL | Request, init: RequestInit | undefined): Promise<Asked> {
  const plain = input instanceof Request ? undefined : plainBody(init?.body);
  if (plain === undefined) return readRequest(new Request(input, init), init);
  const headers = new Headers(init?.headers);
  return {
    method: (init?.method ?? 'GET').toUpperCase(),
    url: new URL(input), // a Request has no plain body
    headers: withHost(headers, plain.type),
    body: plain.bytes,
    signal: init?.signal ?? undefined,
  };
}

/** The common bodies, without the cost of a Request. */
function plainBody(body: RequestInit['body']): { bytes: Uint8Array; type?: string } | undefined {
  if (body === undefined || body === null) return { bytes: new Uint8Array() };
  if (typeof body === 'string') return { bytes: encoder.encode(body), type: 'text/plain;charset=UTF-8' };
  return body instanceof Uint8Array ? { bytes: body } : undefined;
}

async function readRequest(request: Request, init: RequestInit | undefined): Promise<Asked> {
  return {
    method: request.method,
    url: new URL(request.url),
    headers: withHost(request.headers),
    body: new Uint8Array(await request.arrayBuffer()),
    signal: init?.signal ?? request.signal,
  };
}

function withHost(headers: Headers, type?: string): ReadonlyMap<string, string> {
  const map = new Map(headers);
  if (type !== undefined && !map.has('content-type')) map.set('content-type', type);
  return map;
}

/** The service goes on with what it was asked; only the caller no longer waits. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error); // DOMException or what the caller gave
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function responseOf(
  answer: ApiResponse,
  method: string,
  url: string,
  sleep: (ms: number) => Promise<void>,
): Response {
  const headers = new Headers(Object.entries(answer.headers));
  const bodiless = answer.status === 204 || answer.status === 304;
  const bytes = typeof answer.body === 'string' ? encoder.encode(answer.body) : answer.body;
  if (!bodiless) headers.set('Content-Length', String(bytes?.length ?? 0));
  const body =
    bodiless || method === 'HEAD' || bytes === undefined ? null : streamed(bytes, answer.delivery, sleep);
  const response = new Response(body, { status: answer.status, headers });
  Object.defineProperty(response, 'url', { value: url });
  return response;
}

function streamed(
  bytes: Uint8Array,
  { cutAt, spreadMs = 0 }: Delivery = {},
  sleep: (ms: number) => Promise<void>,
): Uint8Array | ReadableStream<Uint8Array> {
  const plain = cutAt === undefined && spreadMs === 0;
  if (plain && bytes.length <= CHUNK_BYTES) return bytes;
  const end = typeof cutAt === 'number' ? Math.floor(bytes.length * cutAt) : bytes.length;
  const step = plain ? CHUNK_BYTES : Math.max(1, Math.ceil(bytes.length / 10));
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (at >= end) {
        if (cutAt === undefined) controller.close();
        else controller.error(new TypeError('terminated', { cause: connectionReset() }));
        return;
      }
      if (spreadMs > 0) await sleep(spreadMs / 10);
      controller.enqueue(bytes.subarray(at, Math.min(end, at + step)));
      at += step;
    },
  });
}

/** As the network reports it. */
function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}

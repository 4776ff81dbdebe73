import { gzipSync } from 'node:zlib';
import type { ApiResponse } from './api.ts';
import type { Site } from './site.ts';
import { siteRequest } from './site-request.ts';
import { connectionReset, streamed, type StreamedDelivery } from './streamed-body.ts';
import { cutOf, goesAsGzip, GZIP, isBodiless } from './wire-form.ts';

const encoder = new TextEncoder();
const nothing = new Uint8Array();
/** What `fetch` asks for where the caller says nothing. */
const usualEncodings = 'gzip, deflate';

/**
 * A `fetch` that the simulator answers in the same process, whatever host it is asked for: the same answers as over
 * HTTP without sockets and their real time. Where the service compresses, `Content-Encoding` and `Content-Length` tell
 * of the packed body while the reader gets it unpacked, as with sockets.
 * @param options `gzip`: whether it compresses, as for `startServer`; it does unless told otherwise
 */
export function localFetch(site: Site, { gzip = true }: { readonly gzip?: boolean } = {}): typeof fetch {
  return async (input, init) => {
    const asked = await read(input, init);
    const { method, url, headers, body, signal } = asked;
    signal?.throwIfAborted();
    const { origin, pathname, search } = url;
    const request = siteRequest({ method, origin, target: `${pathname}${search}`, headers, body });
    const answer = await orAborted(site.answer(request), signal);
    if (cutOf(answer) === 'head') throw new TypeError('fetch failed', { cause: connectionReset() });
    return responseOf(site, answer, asked, gzip);
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
    headers: sentHeaders(headers, plain.type),
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
    headers: sentHeaders(request.headers),
    body: new Uint8Array(await request.arrayBuffer()),
    signal: init?.signal ?? request.signal,
  };
}

/** With what `fetch` adds. */
function sentHeaders(headers: Headers, type?: string): ReadonlyMap<string, string> {
  const map = new Map(headers);
  if (type !== undefined && !map.has('content-type')) map.set('content-type', type);
  if (!map.has('accept-encoding')) map.set('accept-encoding', usualEncodings);
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

/** The answer as `fetch` shows one that came over a socket: unpacked, with the headers of the packed form. */
function responseOf(site: Site, answer: ApiResponse, asked: Asked, gzip: boolean): Response {
  const { method, url, headers: sent, signal } = asked;
  const bytes = typeof answer.body === 'string' ? encoder.encode(answer.body) : (answer.body ?? nothing);
  const headers: Record<string, string> = { ...answer.headers };
  if (!isBodiless(answer.status)) {
    const packed = gzip && goesAsGzip(bytes.length, sent.get('accept-encoding'));
    if (packed) headers['Content-Encoding'] = 'gzip';
    headers['Content-Length'] = String(packed ? gzipSync(bytes, GZIP).length : bytes.length);
  }
  const cut = cutOf(answer);
  const delivery: StreamedDelivery = {
    cutAt: typeof cut === 'number' ? cut : undefined,
    spreadMs: answer.delivery?.spreadMs ?? 0,
    sleep: (ms, until) => site.traffic.clock.sleep(ms, until),
    signal,
  };
  const empty = isBodiless(answer.status) || method === 'HEAD' || bytes.length === 0;
  const body = empty ? null : streamed(bytes, delivery);
  const response = new Response(body, { status: answer.status, headers });
  Object.defineProperty(response, 'url', { value: url.href });
  return response;
}

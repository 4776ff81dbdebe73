import type { Clock } from '../../base/clock.ts';
import { DataverseError } from '../errors.ts';
import { bufferedResponse } from './responses.ts';
import type { Transport, TransportRequest, TransportResponse } from './port.ts';

/** What every call carries; `If-None-Match: null` is a literal that keeps caches on the way from answering. */
const always = {
  accept: 'application/json',
  'odata-maxversion': '4.0',
  'odata-version': '4.0',
  'if-none-match': 'null',
};

/**
 * The port over `fetch`, which keeps connections alive and no cookies: without an affinity cookie the requests spread
 * over all web servers of the environment, and its limits count per server.
 */
export function fetchTransport(options: {
  readonly fetch: typeof fetch;
  /** `https://name.crm4.dynamics.com` */
  readonly url: string;
  readonly clock: Clock;
}): Transport {
  const origin = new URL(options.url).origin;
  const root = `${options.url.replace(/\/+$/, '')}/api/data/v9.2/`;
  return {
    async send(request) {
      const url = resolve(request.url, root, origin);
      const response = await call(options.fetch, url, request);
      const whole = toResponse(response, url, options.clock);
      return request.streamed ? whole : bufferedResponse(whole, await whole.bytes());
    },
  };
}

/** Links come from the service and carry our token back: never to another origin. */
function resolve(url: string, root: string, origin: string): string {
  if (!/^https?:\/\//i.test(url)) return root + url.replace(/^\//, '');
  if (!URL.canParse(url)) throw notFollowed('is no address');
  const link = new URL(url);
  if (link.username !== '' || link.password !== '') throw notFollowed('names somebody to sign in as');
  if (link.origin !== origin) throw notFollowed(`leads to ${link.origin}, not to ${origin}`);
  return url;
}

/** Never with the link itself: its tokens hold values of rows. */
function notFollowed(because: string): DataverseError {
  return new DataverseError(`A link ${because}; it was not followed.`, {
    kind: 'unexpected-answer',
    status: 0,
    serviceCode: '',
    requestId: null,
  });
}

async function call(send: typeof fetch, url: string, request: TransportRequest): Promise<Response> {
  try {
    return await send(url, {
      method: request.method,
      headers: { ...always, ...request.headers },
      redirect: 'manual',
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
  } catch (cause) {
    throw unreachable(url, cause, request.signal);
  }
}

function toResponse(response: Response, url: string, clock: Clock): TransportResponse {
  const headers = Object.fromEntries(response.headers);
  const date = Date.parse(headers['date'] ?? '');
  return {
    status: response.status,
    headers,
    receivedAt: Number.isNaN(date) ? clock.now() : new Date(date),
    stream: () => bodyOf(response, url),
    bytes: () => wholeBody(response, url),
    text: async () => new TextDecoder().decode(await wholeBody(response, url)),
  };
}

async function* bodyOf(response: Response, url: string): AsyncIterable<Uint8Array> {
  if (response.body === null) return;
  try {
    for await (const chunk of response.body) yield chunk;
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

async function wholeBody(response: Response, url: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

/** An aborted call keeps the abort's own reason. */
function unreachable(url: string, cause: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  return new DataverseError(
    `No complete answer from ${new URL(url).origin}: ${reasonOf(cause)}.`,
    { kind: 'unreachable', status: 0, serviceCode: '', requestId: null },
    { cause },
  );
}

/** fetch says only "fetch failed"; the reason is its cause. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? reasonOf(cause.cause) : codeOf(cause) || cause.message;
}

export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

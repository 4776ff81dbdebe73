import { seeded } from './seeded.ts';

/** What can go wrong with one exchange, whatever the service is. */
export type Trouble =
  | 'storm'
  | 'refused-before'
  | 'reset-before'
  | 'html-after'
  | 'reset-after'
  | 'cut-body'
  | 'sql-timeout'
  | 'unauthorised'
  | 'half-batch';

const troubles: readonly Trouble[] = [
  'storm',
  'refused-before',
  'reset-before',
  'html-after',
  'reset-after',
  'cut-body',
  'sql-timeout',
  'unauthorised',
  'half-batch',
];

const html = '<html><body><h1>503 Service Unavailable</h1></body></html>';

/**
 * A fetch over which a seed brings bad days. Which troubles exist at all, and how often they come, is drawn too: with
 * some left out the others reach further. `between` runs before some exchanges: others change rows meanwhile.
 */
export class BadNetwork {
  readonly met = new Map<Trouble, number>();
  readonly #random: () => number;
  readonly #kinds: readonly Trouble[];
  readonly #rate: number;
  readonly #send: typeof fetch;
  readonly #between: () => Promise<void>;
  #storm = 0;
  healed = false;

  constructor(options: {
    readonly seed: number;
    readonly send: typeof fetch;
    readonly between: () => Promise<void>;
  }) {
    this.#random = seeded(options.seed);
    this.#kinds = troubles.filter(() => this.#random() < 0.5);
    this.#rate = 0.05 + this.#random() * 0.3;
    this.#send = options.send;
    this.#between = options.between;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    if (this.healed) return this.#send(input, init);
    await this.#between();
    const trouble = this.#draw();
    if (trouble === null) return this.#send(input, init);
    this.met.set(trouble, (this.met.get(trouble) ?? 0) + 1);
    return this.#play(trouble, urlOf(input), init ?? {});
  };

  #draw(): Trouble | null {
    if (this.#storm > 0) {
      this.#storm -= 1;
      return 'storm';
    }
    if (this.#random() >= this.#rate) return null;
    const kind = this.#kinds[Math.floor(this.#random() * this.#kinds.length)] ?? null;
    if (kind === 'storm') this.#storm = Math.floor(this.#random() * 4);
    return kind;
  }

  async #play(trouble: Trouble, url: string, init: RequestInit): Promise<Response> {
    switch (trouble) {
      case 'storm':
        return refusal(429, '0x80072322', { 'retry-after': String(1 + Math.floor(this.#random() * 30)) });
      case 'refused-before':
        return new Response(html, { status: 503, headers: { 'content-type': 'text/html' } });
      case 'unauthorised':
        return new Response(null, { status: 401 });
      case 'sql-timeout':
        return refusal(500, '0x80044151', {});
      case 'reset-before':
        throw new TypeError('fetch failed', { cause: coded('ECONNRESET') });
      case 'html-after':
        await (await this.#send(url, init)).arrayBuffer();
        return new Response(html, { status: 502, headers: { 'content-type': 'text/html' } });
      case 'reset-after':
        await (await this.#send(url, init)).arrayBuffer();
        throw new TypeError('fetch failed', { cause: coded('ECONNRESET') });
      case 'cut-body':
        return cut(await this.#send(url, init), this.#random());
      case 'half-batch':
        return this.#send(url, halved(init, this.#random()));
    }
  }
}

function urlOf(input: string | URL | Request): string {
  if (input instanceof Request) return input.url;
  return input instanceof URL ? input.href : input;
}

function refusal(status: number, code: string, headers: Record<string, string>): Response {
  const body = JSON.stringify({ error: { code, message: 'a bad day' } });
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** The answer with its end missing; the connection breaks instead. */
async function cut(response: Response, where: number): Promise<Response> {
  const whole = new Uint8Array(await response.arrayBuffer());
  const { status } = response;
  const headers = new Headers(response.headers);
  for (const name of ['content-length', 'content-encoding']) headers.delete(name);
  if (whole.length === 0) return new Response(null, { status, headers });
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(whole.subarray(0, Math.floor(whole.length * where))),
    pull: (controller) => controller.error(coded('UND_ERR_SOCKET')),
  });
  return new Response(body, { status, headers });
}

/** A batch of which the service sees, does and answers only the first parts; other requests stay as they are. */
function halved(init: RequestInit, share: number): RequestInit {
  const type = new Headers(init.headers).get('content-type') ?? '';
  const boundary = /^multipart\/mixed; boundary="([^"]+)"/.exec(type)?.[1];
  if (boundary === undefined || typeof init.body !== 'string') return init;
  const parts = init.body.split(`--${boundary}`).slice(1, -1);
  const kept = parts.slice(0, Math.max(1, Math.floor(parts.length * share)));
  return { ...init, body: `${kept.map((part) => `--${boundary}${part}`).join('')}--${boundary}--\r\n` };
}

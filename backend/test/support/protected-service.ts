import type { Clock } from '../../src/base/clock.ts';
import type { Transport, TransportRequest, TransportResponse } from '../../src/dataverse/index.ts';
import { bufferedResponse } from '../../src/dataverse/transport/responses.ts';

export interface ProtectedServiceOptions {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  servers?: number;
  readonly requests?: number;
  readonly executionMs?: number;
  readonly atOnce?: number;
  /** How long a request executes. */
  durationMs?: () => number;
  readonly headers?: () => Record<string, string>;
  readonly refusal?: { readonly code?: string; readonly message?: string };
}

interface Server {
  readonly arrivals: number[];
  readonly executions: { readonly atMs: number; readonly ms: number }[];
  executedMs: number;
  running: number;
}

/** The smallest service with limits in a sliding 300 seconds on each of several web servers, as a transport. */
export class ProtectedService implements Transport {
  readonly options: ProtectedServiceOptions;
  readonly log: { readonly atMs: number; readonly status: number }[] = [];
  /** Nobody should come before this. */
  notBefore = 0;
  early = 0;
  readonly #servers: Server[] = [];

  constructor(options: ProtectedServiceOptions) {
    this.options = options;
  }

  async send(_request: TransportRequest): Promise<TransportResponse> {
    const { clock, random, servers = 1, durationMs = () => 100 } = this.options;
    const nowMs = clock.now().getTime();
    if (nowMs < this.notBefore) this.early += 1;
    const server = this.#server(Math.floor(random() * servers));
    const refusal = this.#refusal(server, nowMs);
    this.log.push({ atMs: nowMs, status: refusal === null ? 200 : 429 });
    if (refusal !== null) {
      await clock.sleep(30);
      return this.#answer(429, refusal.headers, refusal.body);
    }
    server.arrivals.push(nowMs);
    server.running += 1;
    const ms = durationMs();
    await clock.sleep(ms);
    server.running -= 1;
    server.executions.push({ atMs: clock.now().getTime(), ms });
    server.executedMs += ms;
    return this.#answer(200, {}, '{}');
  }

  /** Requests in [from, to) seconds after the start: those let in, and those refused. */
  count(startMs: number, from: number, to: number): { readonly accepted: number; readonly refused: number } {
    const within = this.log.filter(({ atMs }) => atMs >= startMs + from * 1000 && atMs < startMs + to * 1000);
    const accepted = within.filter(({ status }) => status === 200).length;
    return { accepted, refused: within.length - accepted };
  }

  /** An answer that says wait, with these headers and no words. */
  refusal(headers: Record<string, string>): TransportResponse {
    return this.#answer(429, headers, '');
  }

  #server(at: number): Server {
    return (this.#servers[at] ??= { arrivals: [], executions: [], executedMs: 0, running: 0 });
  }

  #refusal(server: Server, nowMs: number): { headers: Record<string, string>; body: string } | null {
    const { requests = 6000, executionMs = 1_200_000, atOnce = 52 } = this.options;
    const since = nowMs - 300_000;
    while ((server.arrivals[0] ?? nowMs) <= since) server.arrivals.shift();
    while ((server.executions[0]?.atMs ?? nowMs) <= since)
      server.executedMs -= server.executions.shift()?.ms ?? 0;
    if (server.running >= atOnce)
      return this.#refuse(
        nowMs,
        nowMs + 1000,
        '0x80072326',
        `Number of concurrent requests exceeded the limit of ${atOnce}.`,
      );
    if (server.arrivals.length >= requests)
      return this.#refuse(
        nowMs,
        (server.arrivals[0] ?? nowMs) + 300_000,
        '0x80072322',
        `Number of requests exceeded the limit of ${requests} over time window of 300 seconds.`,
      );
    if (server.executedMs < executionMs) return null;
    return this.#refuse(
      nowMs,
      (server.executions[0]?.atMs ?? nowMs) + 300_000,
      '0x80072321',
      `Combined execution time of incoming requests exceeded limit of ${executionMs.toLocaleString('en')} milliseconds over time window of 300 seconds.`,
    );
  }

  #refuse(nowMs: number, untilMs: number, code: string, message: string) {
    const seconds = Math.max(1, Math.ceil((untilMs - nowMs) / 1000));
    const error = {
      code: this.options.refusal?.code ?? code,
      message: this.options.refusal?.message ?? message,
    };
    return { headers: { 'retry-after': String(seconds) }, body: JSON.stringify({ error }) };
  }

  #answer(status: number, headers: Record<string, string>, body: string): TransportResponse {
    const bytes = new TextEncoder().encode(body);
    const receivedAt = this.options.clock.now();
    const waitMs = Number(headers['retry-after'] ?? 0) * 1000;
    if (status === 429) this.notBefore = Math.max(this.notBefore, receivedAt.getTime() + waitMs);
    const all = { ...this.options.headers?.(), ...headers };
    return bufferedResponse({ status, headers: all, receivedAt }, bytes);
  }
}

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { DataverseError } from '../errors.ts';
import { errorOf, serviceError } from '../read-error.ts';
import { codeOf } from './fetch-transport.ts';
import type { Transport, TransportRequest, TransportResponse } from './port.ts';
import { bufferedResponse, retryAfterMs } from './responses.ts';

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Tries of a request that meets trouble other than throttling. */
  readonly tries?: number;
  /** How long one request may be kept waiting by what the service asks for before it is an error. */
  readonly throttledMs?: number;
}

/**
 * The one place that decides what is sent again.
 *
 * | answer | reads and repeatable writes | other writes |
 * | --- | --- | --- |
 * | 429 | again, after `Retry-After` at least | the same: it was not begun |
 * | query throttled | again | again: a query changes nothing |
 * | rolled back (deadlock, no worker, …) | again | again |
 * | 500 "unexpected" | again | passed on |
 * | 502, 503, 504, SQL timeout, broken connection | again | `outcome-unknown` |
 * | connection never made | again | again |
 * | everything else | passed on | passed on |
 *
 * A write that is sent again and gets no good answer to the end is `outcome-unknown` too when an earlier try may have
 * taken effect; only what a refusal says of the row itself (404, 412, …) is passed on.
 */
export function retrying(inner: Transport, options: RetryOptions): Transport {
  return { send: (request) => new Attempts(inner, options, request).run() };
}

/** `unsure`: an error that may pass; a write that got it has its answer and is not sent again. */
type Verdict = 'pass' | 'throttled' | 'again' | 'unsure' | 'unknown';

class Attempts {
  readonly #inner: Transport;
  readonly #options: RetryOptions;
  readonly #request: TransportRequest;
  #failures = 0;
  #refusals = 0;
  #throttledMs = 0;
  /** A write, and one of its tries may have taken effect. */
  #mayBeDone = false;

  constructor(inner: Transport, options: RetryOptions, request: TransportRequest) {
    this.#inner = inner;
    this.#options = options;
    this.#request = request;
  }

  async run(): Promise<TransportResponse> {
    for (;;) {
      const result = await this.#attempt();
      if (result instanceof DataverseError) await this.#afterNoAnswer(result);
      else if (result.status < 400) return result;
      else if (!(await this.#afterAnswer(result))) return this.#last(result);
    }
  }

  async #last(response: TransportResponse): Promise<TransportResponse> {
    if (!this.#mayBeDone || isAboutTheRow(response.status)) return response;
    throw unknownOutcome(this.#request, await errorOf(response));
  }

  async #attempt(): Promise<TransportResponse | DataverseError> {
    try {
      const attempt = 1 + this.#failures + this.#refusals;
      const response = await this.#inner.send({ ...this.#request, attempt });
      if (response.status < 400) return response;
      return bufferedResponse(response, await response.bytes());
    } catch (error) {
      if (error instanceof DataverseError && error.kind === 'unreachable') return error;
      throw error;
    }
  }

  async #afterNoAnswer(error: DataverseError): Promise<void> {
    if (!neverSent(error)) this.#mayBeDone = isWrite(this.#request);
    if (this.#mayBeDone && !mayRepeat(this.#request)) throw unknownOutcome(this.#request, error);
    this.#failures += 1;
    if (this.#failures >= (this.#options.tries ?? 6))
      throw this.#mayBeDone ? unknownOutcome(this.#request, error) : error;
    await this.#wait(this.#backoffMs(this.#failures));
  }

  /** True: try again. */
  async #afterAnswer(response: TransportResponse): Promise<boolean> {
    const verdict = verdictOf(response.status, await response.text());
    if (verdict === 'pass') return false;
    if (verdict === 'throttled') return this.#afterThrottling(response);
    if (verdict === 'unsure' && !mayRepeat(this.#request)) return false;
    if (verdict !== 'again') this.#mayBeDone = isWrite(this.#request);
    if (verdict === 'unknown' && !mayRepeat(this.#request)) {
      throw unknownOutcome(this.#request, await errorOf(response));
    }
    this.#failures += 1;
    if (this.#failures >= (this.#options.tries ?? 6)) return false;
    const askedMs = retryAfterMs(response);
    if (askedMs !== null) return this.#asLongAsAsked(Math.max(askedMs, this.#backoffMs(this.#failures)));
    await this.#wait(this.#backoffMs(this.#failures));
    return true;
  }

  async #afterThrottling(response: TransportResponse): Promise<boolean> {
    this.#refusals += 1;
    // A time that is named is waited for as it is; without one, or with none to wait, ever longer.
    const waitMs = Math.max(
      retryAfterMs(response) ?? 0,
      this.#backoffMs(retryAfterMs(response) ? 1 : this.#refusals),
    );
    return this.#asLongAsAsked(waitMs);
  }

  /** False: that, with what was asked for before, is too long. */
  async #asLongAsAsked(waitMs: number): Promise<boolean> {
    this.#throttledMs += waitMs;
    if (this.#throttledMs > (this.#options.throttledMs ?? 30 * 60_000)) return false;
    await this.#wait(waitMs);
    return true;
  }

  /** Half a second, doubling to 30, with up to as much again at random so that waiters do not come back as one. */
  #backoffMs(failures: number): number {
    const baseMs = Math.min(30_000, 500 * 2 ** (failures - 1));
    return Math.round(baseMs * (1 + this.#options.random.fraction()));
  }

  async #wait(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#request.signal);
  }
}

/** SQL numbers of a deadlock and of the race in which a table-valued type is built: rolled back, good next time. */
const rolledBackSql = /Sql Number: (1205|3732|2766|2812)\b/;

/** The service undid everything before it answered. */
const rolledBack: readonly string[] = ['0x80040251', '0x80040255', '0x80071154', '0x80072323', '0x80072324'];

/** It gave up waiting for something that may still finish. */
const timedOut: readonly string[] = ['0x80044151', '0x80044171', '0x80044172', '0x80044173', '0x80081111'];

/** A query was refused for its kind while the database is busy; the HTTP status is not documented. */
const queryThrottled: readonly string[] = ['0x80048544', '0x80048644', '0x80048744', '0x80048745'];

function verdictOf(status: number, body: string): Verdict {
  if (status === 429) return 'throttled';
  const { code, message } = serviceError(body);
  if (rolledBack.includes(code) || queryThrottled.includes(code)) return 'again';
  if (code === '0x80044150') return rolledBackSql.test(message) ? 'again' : 'pass';
  if (timedOut.includes(code)) return 'unknown';
  if (status === 500 && (code === '' || code === '0x80040216')) return 'unsure';
  return [408, 502, 503, 504].includes(status) ? 'unknown' : 'pass';
}

function mayRepeat(request: TransportRequest): boolean {
  return request.changesNothing ?? request.repeatable ?? request.method === 'GET';
}

function isWrite({ method, changesNothing = false }: TransportRequest): boolean {
  return method !== 'GET' && !changesNothing;
}

/** A refusal that holds whether an earlier try took effect or not; not one of the caller, or of the service's trouble. */
function isAboutTheRow(status: number): boolean {
  return status < 500 && ![401, 403, 408, 429].includes(status);
}

/** These mean that no connection came about, so nothing can have happened. */
function neverSent(error: DataverseError): boolean {
  const codes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH'];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if (codes.includes(codeOf(cause))) return true;
  }
  return false;
}

function unknownOutcome(request: TransportRequest, cause: DataverseError): DataverseError {
  return new DataverseError(
    `Nobody knows whether this took effect: ${request.method} ${request.url.split('?')[0]} (${cause.message})`,
    {
      kind: 'outcome-unknown',
      status: cause.status,
      serviceCode: cause.serviceCode,
      requestId: cause.requestId,
    },
    { cause },
  );
}

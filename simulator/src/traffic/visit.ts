import type { ApiRequest, ApiResponse } from '../http/api.ts';
import type { ServiceError } from '../service/errors.ts';
import type { Budget } from './budget.ts';
import { kindOf } from './cost-model.ts';
import { rateHeaders } from './rate-headers.ts';
import type { Traffic } from './traffic.ts';

/** One request on its way through the service: which web server has it, who pays for it, and what it costs. */
export class Visit {
  readonly #traffic: Traffic;
  readonly #request: ApiRequest;
  readonly #server: number;
  readonly #setCookie: string | undefined;
  #budget: Budget | undefined;
  #admitted = false;
  #refusal: ServiceError | undefined;
  /** Of the parts of a batch; the envelope comes on top. */
  #partsMs = 0;

  constructor(traffic: Traffic, request: ApiRequest) {
    this.#traffic = traffic;
    this.#request = request;
    const { server, setCookie } = traffic.servers.pick(request.headers.get('cookie'));
    this.#server = server;
    this.#setCookie = setCookie;
  }

  /**
   * Lets the account in: whoever signed in pays, also when acting for somebody else.
   * @throws ServiceError 429
   */
  admit(accountId: string): void {
    const { protection, clock, counts } = this.#traffic;
    if (protection !== undefined) {
      this.#budget = protection.budget(accountId, this.#server);
      const refusal = protection.admit(this.#budget, clock.now());
      if (refusal !== undefined) {
        counts.refused[refusal.facet]++;
        this.#refusal = protection.error(refusal, this.#traffic.serviceNow());
        if (!this.#partsAreRefused) throw this.#refusal;
        return;
      }
    }
    counts.accepted++;
    this.#admitted = true;
  }

  /**
   * Where parts are refused one by one: all those of a batch that came too early, and in the others the parts that
   * come after the execution time has been used up.
   * @throws ServiceError 429
   */
  admitPart(): void {
    const { protection, clock } = this.#traffic;
    if (this.#refusal !== undefined) throw this.#refusal;
    if (protection === undefined || this.#budget === undefined || !this.#partsAreRefused) return;
    if (protection.remaining(this.#budget, clock.now()).executionMs > this.#partsMs) return;
    const retryAfterMs = protection.limits.windowMs;
    throw protection.error({ facet: 'executionTime', retryAfterMs }, clock.now());
  }

  get #partsAreRefused(): boolean {
    return this.#traffic.switches().throttledBatch === 'parts' && kindOf(this.#request) === 'batch';
  }

  /** Counts a part of a batch. */
  addPart(request: ApiRequest, response: ApiResponse): void {
    if (this.#isFree) return;
    this.#partsMs += this.#traffic.cost.executionMs(request, response);
  }

  /** Waits as long as the answer takes, books the costs, and tells what is left. */
  async leave(response: ApiResponse): Promise<ApiResponse> {
    const { latency, delayMs, cost, clock, protection } = this.#traffic;
    const executionMs =
      this.#admitted && !this.#isFree ? cost.executionMs(this.#request, response) + this.#partsMs : 0;
    const waitMs = delayMs + (latency > 0 ? latency * (cost.roundTripMs() + executionMs) : 0);
    if (waitMs > 0) await this.#traffic.sleep(waitMs);
    if (this.#admitted && protection !== undefined) this.#budget?.finish(clock.now(), executionMs);
    // What an HTML page carries came from what stands before the service, and that knows nothing of limits.
    if (response.headers['Content-Type']?.startsWith('text/html') === true) return response;
    return { ...response, headers: { ...response.headers, ...this.#headers() } };
  }

  /** Nothing is measured where neither limits nor latency ask for it. */
  get #isFree(): boolean {
    return this.#traffic.protection === undefined && this.#traffic.latency === 0;
  }

  #headers(): Record<string, string> {
    const { protection, clock, dopHint, switches } = this.#traffic;
    const { rateLimitHeaders, dopHintHeader } = switches();
    const hint: Record<string, string> =
      dopHintHeader === 'present' ? { 'x-ms-dop-hint': String(dopHint) } : {};
    if (protection === undefined) return hint;
    return {
      ...hint,
      ...(this.#setCookie === undefined ? {} : { 'Set-Cookie': this.#setCookie }),
      ...(this.#budget === undefined
        ? {}
        : rateHeaders(protection.remaining(this.#budget, clock.now()), protection.limits, rateLimitHeaders)),
    };
  }
}

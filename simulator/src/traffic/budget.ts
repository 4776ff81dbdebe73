import type { Facet, Limits, Refusal, Remaining } from './limits.ts';
import { SlidingWindow } from './sliding-window.ts';

/** What is put on top of the wait each time somebody comes before it is over. */
const PENALTY_MS = 5_000;
/** Whoever is refused has other requests on their way; those that come within this time cost no penalty. */
const FORBEARANCE_MS = 1_000;
/** How long to wait when too many run at once: nothing says when one of them ends. */
const CONCURRENCY_WAIT_MS = 1_000;

/** Where the documentation is silent. */
export interface Rules {
  /** Do requests that were refused use up the number of requests? */
  readonly refusedRequestsCount: boolean;
  /** Is a request refused only because the wait that was asked for is not over? */
  readonly earlyRequestsRefused: boolean;
}

/** What one user has used of one web server. Driven by the time that each call brings; it never looks at a clock. */
export class Budget {
  readonly #requests: SlidingWindow;
  readonly #execution: SlidingWindow;
  #running = 0;
  #waitUntil = Number.NEGATIVE_INFINITY;
  #lastPenaltyAt = Number.NEGATIVE_INFINITY;
  #lastFacet: Facet = 'requests';

  constructor(windowMs: number) {
    this.#requests = new SlidingWindow(windowMs);
    this.#execution = new SlidingWindow(windowMs);
  }

  /** Lets a request in, which must `finish` later, or says why not. */
  admit(now: number, limits: Limits, rules: Rules): Refusal | undefined {
    this.#expire(now);
    const early = now < this.#waitUntil;
    const facet =
      this.#exhausted(limits) ?? (early && rules.earlyRequestsRefused ? this.#lastFacet : undefined);
    if (facet === undefined) {
      this.#requests.add(now, 1);
      this.#running++;
      return undefined;
    }
    if (rules.refusedRequestsCount) this.#requests.add(now, 1);
    return this.#refuse(now, facet, limits, early);
  }

  finish(now: number, executionMs: number): void {
    this.#running--;
    this.#execution.add(now, executionMs);
  }

  remaining(now: number, limits: Limits): Remaining {
    this.#expire(now);
    return {
      requests: Math.max(0, limits.requests - this.#requests.count),
      executionMs: Math.max(0, limits.executionMs - this.#execution.sum),
    };
  }

  /** The wait grows with everyone who comes before it is over, and it never ends before there is room. */
  #refuse(now: number, facet: Facet, limits: Limits, early: boolean): Refusal {
    const penalty = early && now - this.#lastPenaltyAt >= FORBEARANCE_MS;
    if (penalty || !early) this.#lastPenaltyAt = now;
    const roomAt = this.#roomAt(now, facet, limits);
    const until = (early ? Math.max(roomAt, this.#waitUntil) : roomAt) + (penalty ? PENALTY_MS : 0);
    this.#waitUntil = Math.min(until, roomAt + limits.windowMs);
    this.#lastFacet = facet;
    return { facet, retryAfterMs: this.#waitUntil - now };
  }

  #exhausted(limits: Limits): Facet | undefined {
    if (this.#running >= limits.concurrent) return 'concurrency';
    if (this.#requests.count >= limits.requests) return 'requests';
    return this.#execution.sum >= limits.executionMs ? 'executionTime' : undefined;
  }

  #roomAt(now: number, facet: Facet, limits: Limits): number {
    const concurrencyAt = facet === 'concurrency' ? now + CONCURRENCY_WAIT_MS : now;
    return Math.max(
      concurrencyAt,
      this.#requests.countBelowAt(limits.requests),
      this.#execution.sumBelowAt(limits.executionMs),
    );
  }

  #expire(now: number): void {
    this.#requests.expire(now);
    this.#execution.expire(now);
  }
}

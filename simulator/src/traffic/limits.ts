import type { Switches } from '../service/switches.ts';

/** Service protection: what one user may use of one web server within a sliding window. */
export interface Limits {
  readonly windowMs: number;
  readonly requests: number;
  /** Execution time added up, in milliseconds. */
  readonly executionMs: number;
  /** Requests at the same time. */
  readonly concurrent: number;
}

/** As documented; some environments run with 8,000 requests. */
export const DOCUMENTED_LIMITS: Limits = {
  windowMs: 300_000,
  requests: 6_000,
  executionMs: 1_200_000,
  concurrent: 52,
};

export type Facet = 'requests' | 'executionTime' | 'concurrency';

/** Why a request was not let in, and how long its caller should wait. */
export interface Refusal {
  readonly facet: Facet;
  readonly retryAfterMs: number;
}

export interface Remaining {
  readonly requests: number;
  readonly executionMs: number;
}

/** What the switch says about the number of requests goes before the documented figure only. */
export function limitsUnder(limits: Limits, { requestLimit }: Pick<Switches, 'requestLimit'>): Limits {
  return requestLimit === 6000 ? limits : { ...limits, requests: requestLimit };
}

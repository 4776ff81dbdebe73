import { ServiceError } from '../service/errors.ts';
import type { Switches } from '../service/switches.ts';
import { Budget } from './budget.ts';
import { limitsUnder, type Facet, type Limits, type Refusal, type Remaining } from './limits.ts';

/** The budgets of all users on all web servers, under the limits and switches of the moment. */
export class Protection {
  readonly #limits: Limits;
  readonly #switches: () => Switches;
  readonly #budgets = new Map<string, Budget>();

  constructor(limits: Limits, switches: () => Switches) {
    this.#limits = limits;
    this.#switches = switches;
  }

  get limits(): Limits {
    return limitsUnder(this.#limits, this.#switches());
  }

  budget(userId: string, server: number): Budget {
    const key = `${server} ${userId}`;
    let budget = this.#budgets.get(key);
    if (budget === undefined) this.#budgets.set(key, (budget = new Budget(this.#limits.windowMs)));
    return budget;
  }

  admit(budget: Budget, now: number): Refusal | undefined {
    return budget.admit(now, this.limits, this.#switches());
  }

  remaining(budget: Budget, now: number): Remaining {
    return budget.remaining(now, this.limits);
  }

  /** The 429 that a refused caller sees. `serviceNow`: the time by the service's own clock, for dates. */
  error({ facet, retryAfterMs }: Refusal, serviceNow: number): ServiceError {
    const { concurrencyRetryAfter, throttlingCode } = this.#switches();
    const form = facet === 'concurrency' ? concurrencyRetryAfter : 'seconds';
    return throttled(facet, this.limits, { form, throttlingCode, retryAfterMs, serviceNow });
  }
}

export interface ThrottlingForm {
  readonly form: 'seconds' | 'date' | 'absent';
  readonly throttlingCode: 'hex' | 'decimal';
  readonly retryAfterMs: number;
  readonly serviceNow: number;
}

/** 429 with one of the three codes. Seconds are rounded up, so that whoever obeys never comes too early. */
export function throttled(facet: Facet, limits: Limits, options: ThrottlingForm): ServiceError {
  const { hex, decimal, text } = refusalOf(facet, limits);
  const seconds = Math.max(1, Math.ceil(options.retryAfterMs / 1000));
  const date = new Date(Math.ceil(options.serviceNow / 1000 + seconds) * 1000);
  const headers: Record<string, string> = {};
  if (options.form === 'seconds') headers['Retry-After'] = String(seconds);
  if (options.form === 'date') headers['Retry-After'] = date.toUTCString();
  return new ServiceError(429, options.throttlingCode === 'hex' ? hex : decimal, text, { headers });
}

function refusalOf(facet: Facet, limits: Limits): { hex: string; decimal: string; text: string } {
  const window = `over time window of ${limits.windowMs / 1000} seconds`;
  switch (facet) {
    case 'requests':
      return {
        hex: '0x80072322',
        decimal: '-2147015902',
        text: `Number of requests exceeded the limit of ${limits.requests} ${window}.`,
      };
    case 'executionTime':
      return {
        hex: '0x80072321',
        decimal: '-2147015903',
        text:
          `Combined execution time of incoming requests exceeded limit of ${grouped(limits.executionMs)} milliseconds ` +
          `${window}. Decrease number of concurrent requests or reduce the duration of requests and try again later.`,
      };
    case 'concurrency':
      return {
        hex: '0x80072326',
        decimal: '-2147015898',
        text: `Number of concurrent requests exceeded the limit of ${limits.concurrent}.`,
      };
  }
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}

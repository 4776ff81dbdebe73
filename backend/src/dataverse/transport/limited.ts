import type { Clock } from '../../base/clock.ts';
import type { Transport, TransportResponse } from './port.ts';
import { parallelismHint, retryAfterMs } from './responses.ts';

const startWithoutHint = 8;
/** The service's own limit of concurrent requests is 52 for a user. */
const most = 48;

/**
 * At most so many requests at once: what the service advises (`x-ms-dop-hint`, 8 without it), half after each 429,
 * one more after as many good answers as there are places. A 429 stops all, not only the request that got it:
 * ignoring `Retry-After` lengthens it. A place is held until the headers are there, not while a body is read slowly.
 */
export function limited(
  inner: Transport,
  options: { readonly clock: Clock; readonly most?: number },
): Transport {
  const gate = new Gate(options.clock, options.most ?? most);
  return {
    async send(request) {
      await gate.enter();
      try {
        // Asked anew after each sleep, and nothing comes between the last look and the request.
        for (let waitMs = gate.pauseMs(); waitMs > 0; waitMs = gate.pauseMs()) {
          await options.clock.sleep(waitMs, request.signal);
        }
        const response = await inner.send(request);
        gate.learn(response);
        return response;
      } finally {
        gate.leave();
      }
    },
  };
}

class Gate {
  readonly #clock: Clock;
  readonly #most: number;
  #limit: number;
  #ceiling: number;
  #running = 0;
  #pausedUntil = 0;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
    this.#limit = Math.min(startWithoutHint, most);
    this.#ceiling = this.#limit;
  }

  async enter(): Promise<void> {
    while (this.#running >= Math.floor(this.#limit)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }

  leave(): void {
    this.#running -= 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  learn(response: TransportResponse): void {
    this.#hear(parallelismHint(response));
    if (response.status === 429) {
      this.#limit = Math.max(1, Math.floor(this.#limit / 2));
      const until = this.#clock.now().getTime() + (retryAfterMs(response) ?? 0);
      this.#pausedUntil = Math.max(this.#pausedUntil, until);
    } else if (response.status < 400) {
      this.#limit = Math.min(this.#ceiling, this.#limit + 1 / this.#limit);
    }
  }

  /** The advice is a ceiling; the first time it is also where we begin. */
  #hear(hint: number | null): void {
    if (hint === null) return;
    const ceiling = Math.min(hint, this.#most);
    if (ceiling === this.#ceiling) return;
    if (this.#limit === this.#ceiling || this.#limit > ceiling) this.#limit = ceiling;
    this.#ceiling = ceiling;
  }

  pauseMs(): number {
    return this.#pausedUntil - this.#clock.now().getTime();
  }
}

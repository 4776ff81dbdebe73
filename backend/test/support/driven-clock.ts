import type { Clock } from '../../src/base/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/**
 * A clock for many sleepers: it stands still while anybody can go on, and then jumps to whoever wants to be woken
 * first. For work in this process only, for what goes through sockets cannot be seen from here.
 */
export class DrivenClock implements Clock {
  #nowMs: number;
  /** Soonest first. */
  readonly #sleepers: Sleeper[] = [];

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      // The reason of an abort is whatever its sender gave.
      const abort = () => reject(signal?.reason as Error);
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      this.#insert({ atMs: this.#nowMs + Math.max(0, ms), wake });
    });
  }

  /** Lets time pass until the work has ended. Throws when everybody waits and nobody for the clock. */
  async run<R>(work: Promise<R>): Promise<R> {
    let ended = false;
    const end = () => (ended = true);
    work.then(end, end);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (ended) return work;
      const next = this.#sleepers.shift();
      if (next === undefined) throw new Error('everybody waits, and nobody for the clock');
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
  }

  #insert(sleeper: Sleeper): void {
    let at = this.#sleepers.length;
    while (at > 0 && (this.#sleepers[at - 1]?.atMs ?? 0) > sleeper.atMs) at -= 1;
    this.#sleepers.splice(at, 0, sleeper);
  }
}

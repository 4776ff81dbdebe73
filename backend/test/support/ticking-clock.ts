import type { Clock } from '../../src/base/clock.ts';

/** A clock whose time passes only while somebody sleeps; it remembers how long they meant to. */
export class TickingClock implements Clock {
  readonly slept: number[] = [];
  #nowMs: number;

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(ms);
    this.#nowMs += ms;
    await Promise.resolve();
  }
}

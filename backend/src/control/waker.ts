import type { Clock } from '../base/clock.ts';

/** A sleep that can be cut short. A wake that comes while nobody sleeps cuts the next sleep. */
export class Waker {
  readonly #clock: Clock;
  #sleeping: AbortController | null = null;
  #woken = false;
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  wake(): void {
    this.#woken = true;
    this.#sleeping?.abort();
  }

  stop(): void {
    this.#stopped = true;
    this.wake();
  }

  async sleep(ms: number): Promise<void> {
    if (!this.#woken && !this.#stopped) {
      const sleeping = new AbortController();
      this.#sleeping = sleeping;
      try {
        await this.#clock.sleep(ms, sleeping.signal);
      } catch (error) {
        // Our own abort is the wake; anything else is the clock's.
        if (!sleeping.signal.aborted) throw error;
      } finally {
        this.#sleeping = null;
      }
    }
    this.#woken = false;
  }
}

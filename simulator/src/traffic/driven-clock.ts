import type { Clock } from './clock.ts';

/** Turns of the event loop without anything new before everybody counts as idle. */
const QUIET_TURNS = 2;
/** Real time in which somebody has to move; then a test is told that it hangs. */
const STUCK_AFTER_MS = 20_000;

interface Timer {
  readonly at: number;
  readonly wake: () => void;
  cancelled: boolean;
}

export interface RunOptions {
  /**
   * How many workers take part right now. Time then moves only when that many are parked, which is exact for clients
   * that speak through sockets. Without it time moves when the event loop has nothing left to do: right for clients
   * in the same process, wrong for sockets, whose bytes may still be on their way.
   */
  readonly workers?: () => number;
}

/**
 * A clock that stands still until it is driven. Sleepers are woken in the order of their times, those of one
 * instant in the order in which they lay down; between two of them everybody who was woken may act.
 */
export class DrivenClock implements Clock {
  #now: number;
  /** By time; cancelled ones stay until their turn comes. */
  readonly #timers: Timer[] = [];
  #sleeping = 0;
  readonly #holds: (() => boolean)[] = [];
  /** Moves when somebody lies down or wakes: two equal readings mean that nothing happened between. */
  #activity = 0;

  constructor(startMs: number) {
    this.#now = startMs;
  }

  readonly now = (): number => this.#now;

  /** How many sleep at the moment. */
  get sleeping(): number {
    return this.#sleeping;
  }

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(reasonOf(signal));
        return;
      }
      const timer: Timer = { at: this.#now + Math.max(0, ms), wake: () => wake(), cancelled: false };
      const onAbort = () => {
        timer.cancelled = true;
        this.#ended();
        reject(reasonOf(signal));
      };
      const wake = () => {
        signal?.removeEventListener('abort', onAbort);
        this.#ended();
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#insert(timer);
    });

  readonly holdWhile = (busy: () => boolean): void => void this.#holds.push(busy);

  /** Moves time by `ms` and wakes on the way who wanted to be woken. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.#idle(() => false);
    while ((this.#next()?.at ?? Number.POSITIVE_INFINITY) <= until) {
      this.#wakeNext();
      await this.#idle(() => false);
    }
    this.#now = until;
  }

  /**
   * Moves time from event to event, whenever all are idle, until `work` ends, and hands on how it ended.
   * @throws Error when nobody moves for a long while although `work` has not ended
   */
  async run<T>(work: Promise<T>, options: RunOptions = {}): Promise<T> {
    let ended = false;
    const end = () => void (ended = true);
    work.then(end, end);
    const { workers } = options;
    const settle = workers === undefined ? this.#idle.bind(this) : this.#parked.bind(this, workers);
    while (!ended) {
      await settle(() => ended);
      if (!ended) this.#wakeNext();
    }
    return work;
  }

  /** Until the event loop brings nothing new, or `ended`. Somebody must be asleep then, or `ended` must come. */
  async #idle(ended: () => boolean): Promise<void> {
    const watch = new StuckWatch();
    for (let quiet = 0, seen = this.#activity; quiet < QUIET_TURNS && !ended(); quiet++) {
      await turn();
      if (seen === this.#activity && !this.#holds.some((busy) => busy())) continue;
      if (seen !== this.#activity) watch.moved();
      else watch.check(this.#sleeping);
      seen = this.#activity;
      quiet = -1;
    }
  }

  /** Until all workers sleep, or `ended`. */
  async #parked(workers: () => number, ended: () => boolean): Promise<void> {
    const watch = new StuckWatch();
    while (!ended() && (this.#sleeping < workers() || this.#sleeping === 0)) {
      await turn();
      watch.check(this.#sleeping);
    }
  }

  #next(): Timer | undefined {
    while (this.#timers[0]?.cancelled === true) this.#timers.shift();
    return this.#timers[0];
  }

  #wakeNext(): void {
    const timer = this.#next();
    if (timer === undefined) return;
    this.#timers.shift();
    this.#now = Math.max(this.#now, timer.at);
    timer.wake();
  }

  #insert(timer: Timer): void {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timers[middle]!.at <= timer.at)
        low = middle + 1; // within the bounds
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    this.#sleeping++;
    this.#activity++;
  }

  #ended(): void {
    this.#sleeping--;
    this.#activity++;
  }
}

/** Tells a test that it hangs, instead of letting it spin until the runner ends it without a word. */
class StuckWatch {
  #since = performance.now();

  moved(): void {
    this.#since = performance.now();
  }

  check(sleeping: number): void {
    if (performance.now() - this.#since < STUCK_AFTER_MS) return;
    throw new Error(`The driven clock stands still: nobody has moved, and ${sleeping} sleep.`);
  }
}

/** One turn of the event loop, in which sockets and threads report. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}

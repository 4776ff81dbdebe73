const startWithoutHint = 8;
/** Answers that take so many times as long as usual mean that the environment is slow: no more at once then … */
const slow = 2;
/** … and from here on half, once in the time that an answer takes, down to where we began. */
const verySlow = 4;

/**
 * How many requests may be under way at once: what the service advises first (`x-ms-dop-hint`, 8 without it), one more
 * after as many good answers as there are places if all were taken, half after each refusal for being too many.
 * Later advice is not heard: it comes from one server among several and may be wrong.
 */
export class Parallelism {
  readonly #most: number;
  #limit: number;
  #start: number;
  #isHinted = false;
  #running = 0;
  #peak = 0;
  #halvedAt = Number.NEGATIVE_INFINITY;
  #slowedAt = Number.NEGATIVE_INFINITY;
  /** Of durations: slowly and quickly following. */
  #usualMs = 0;
  #recentMs = 0;

  constructor(most: number) {
    this.#most = Math.max(1, most);
    this.#start = Math.min(startWithoutHint, this.#most);
    this.#limit = this.#start;
  }

  get running(): number {
    return this.#running;
  }

  get isFull(): boolean {
    return this.#running >= Math.floor(this.#limit);
  }

  enter(): void {
    this.#running += 1;
    this.#peak = Math.max(this.#peak, this.#running);
  }

  /** The most that were under way at once since this was asked last. */
  takePeak(): number {
    const peak = this.#peak;
    this.#peak = this.#running;
    return peak;
  }

  leave(): void {
    this.#running -= 1;
  }

  hear(hint: number | null): void {
    if (hint === null || this.#isHinted) return;
    this.#isHinted = true;
    this.#start = Math.min(hint, this.#most);
    this.#limit = this.#start;
  }

  /** A good answer came; `wasFull`: all places were taken when its request went. */
  answered(nowMs: number, durationMs: number, wasFull: boolean): void {
    this.#usualMs = follow(this.#usualMs, durationMs, 1 / 500);
    this.#recentMs = follow(this.#recentMs, durationMs, 1 / 20);
    const ratio = this.#recentMs / Math.max(1, this.#usualMs);
    if (ratio > verySlow) this.#slowDown(nowMs);
    else if (wasFull && ratio <= slow) this.#limit = Math.min(this.#most, this.#limit + 1 / this.#limit);
  }

  #slowDown(nowMs: number): void {
    if (nowMs - this.#slowedAt < this.#recentMs) return;
    this.#slowedAt = nowMs;
    this.#limit = Math.max(Math.min(this.#start, this.#limit), Math.floor(this.#limit / 2));
  }

  /** Those that were sent before the last halving were too many already then. */
  tooMany(nowMs: number, sentAtMs: number): void {
    if (sentAtMs <= this.#halvedAt) return;
    this.#halvedAt = nowMs;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }
}

/** The mean that follows new values with this weight, beginning with the first. */
export function follow(mean: number, value: number, weight: number): number {
  return mean === 0 ? value : mean + (value - mean) * weight;
}

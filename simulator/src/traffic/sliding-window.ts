/** Entries that left the window are cut off when there are this many of them, and more than stay. */
const COMPACT_FROM = 4096;

/**
 * Amounts of the last `windowMs` milliseconds, with their number and sum. Exact; adding and expiring cost next to
 * nothing however many there are. Times must not go backwards.
 */
export class SlidingWindow {
  readonly #windowMs: number;
  #times: number[] = [];
  #amounts: number[] = [];
  #head = 0;
  #sum = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  get count(): number {
    return this.#times.length - this.#head;
  }

  get sum(): number {
    return this.#sum;
  }

  add(now: number, amount: number): void {
    this.#times.push(now);
    this.#amounts.push(amount);
    this.#sum += amount;
  }

  /** Drops what is `windowMs` old or older. */
  expire(now: number): void {
    const until = now - this.#windowMs;
    let head = this.#head;
    for (; head < this.#times.length && this.#times[head]! <= until; head++)
      this.#sum -= this.#amounts[head]!; // within the bounds
    this.#head = head;
    if (this.count === 0) this.#sum = 0; // without the crumbs that fractions leave
    if (head >= COMPACT_FROM && head > this.count) this.#compact();
  }

  /** The time at which fewer than `limit` are left, if nothing is added. */
  countBelowAt(limit: number): number {
    const last = this.#times[this.#times.length - Math.max(1, limit)];
    return this.count < limit || last === undefined ? Number.NEGATIVE_INFINITY : last + this.#windowMs;
  }

  /** The time at which less than `limit` is left, if nothing is added. */
  sumBelowAt(limit: number): number {
    let left = this.#sum;
    let at = Number.NEGATIVE_INFINITY;
    for (let index = this.#head; left >= limit && index < this.#times.length; index++) {
      left -= this.#amounts[index]!; // within the bounds
      at = this.#times[index]! + this.#windowMs; // within the bounds
    }
    return at;
  }

  #compact(): void {
    this.#times = this.#times.slice(this.#head);
    this.#amounts = this.#amounts.slice(this.#head);
    this.#head = 0;
  }
}

const bucketMs = 1000;

/**
 * Amounts of the last 300 seconds, kept by the second. A second counts until all of it is older than that, so what is
 * told here is never less than what the service counts. A clock that goes back is taken to stand still.
 */
export class SlidingWindow {
  readonly windowMs: number;
  /** One more than the window has: the oldest one is only partly over. */
  readonly #buckets: Float64Array;
  #total = 0;
  /** Number of the newest second. */
  #newest = 0;

  constructor(windowMs = 300_000) {
    this.windowMs = windowMs;
    this.#buckets = new Float64Array(windowMs / bucketMs + 1);
  }

  /** @param atMs when it was used, where that was earlier; what the window has forgotten stays forgotten */
  add(nowMs: number, amount: number, atMs = nowMs): void {
    this.#advance(nowMs);
    const second = Math.min(this.#newest, Math.floor(atMs / bucketMs));
    if (second <= this.#newest - this.#buckets.length) return;
    this.#buckets[second % this.#buckets.length] = this.#bucket(second) + amount;
    this.#total += amount;
  }

  used(nowMs: number): number {
    this.#advance(nowMs);
    return this.#total;
  }

  /**
   * The greatest steady rate, in amounts per millisecond, with which the window at no time of the coming 300 seconds
   * holds more than `most`. After a burst it is what is left, spread over the time until the burst is forgotten.
   */
  evenRate(nowMs: number, most: number): number {
    this.#advance(nowMs);
    const buckets = this.#buckets;
    const oldest = this.#newest - buckets.length + 1;
    let room = most - this.#total;
    let rate = Number.POSITIVE_INFINITY;
    // Asked for before each request. With the same room a later second allows less, so empty ones need no look.
    for (let index = 0; index < buckets.length; index += 1) {
      const second = oldest + index;
      const amount = second < 0 ? 0 : (buckets[second % buckets.length] ?? 0);
      if (amount === 0 && index < buckets.length - 1) continue;
      rate = Math.min(rate, Math.max(0, room) / Math.max(1, this.#forgottenAt(second) - nowMs));
      room += amount;
    }
    return rate;
  }

  /** When at most `most` of what is held now will be left, in the clock's milliseconds. */
  fallsTo(nowMs: number, most: number): number {
    this.#advance(nowMs);
    let left = this.#total;
    for (let second = this.#newest - this.#buckets.length + 1; second <= this.#newest; second += 1) {
      if (left <= most) return Math.max(nowMs, this.#forgottenAt(second - 1));
      left -= this.#bucket(second);
    }
    return this.#forgottenAt(this.#newest);
  }

  #advance(nowMs: number): void {
    const newest = Math.max(this.#newest, Math.floor(nowMs / bucketMs));
    const from = Math.max(this.#newest + 1, newest - this.#buckets.length + 1);
    for (let second = from; second <= newest; second += 1) {
      const at = second % this.#buckets.length;
      this.#total -= this.#buckets[at] ?? 0;
      this.#buckets[at] = 0;
    }
    this.#newest = newest;
    // Sums of fractions drift; an empty window holds nothing.
    if (this.#total < 1e-9) this.#total = 0;
  }

  #bucket(second: number): number {
    return second < 0 ? 0 : (this.#buckets[second % this.#buckets.length] ?? 0);
  }

  #forgottenAt(second: number): number {
    return (second + 1) * bucketMs + this.windowMs;
  }
}

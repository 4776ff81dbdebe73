/** Well below the two minutes after which the service gives up, and far enough above the cost of a request. */
const goodMs = 10_000;
const tooLongMs = 30_000;

/** How many rows go into one bulk message: more while they take little time, half after too much of it. */
export class ChunkSize {
  #rows: number;
  readonly #most: number;

  constructor(start: number, most: number) {
    this.#rows = Math.max(1, Math.min(start, most));
    this.#most = most;
  }

  get rows(): number {
    return this.#rows;
  }

  took(ms: number): void {
    if (ms > tooLongMs) this.halve();
    else if (ms < goodMs) this.#rows = Math.min(this.#most, this.#rows * 2);
  }

  halve(): void {
    this.#rows = Math.max(1, Math.floor(this.#rows / 2));
  }
}

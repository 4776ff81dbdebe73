/** A 429 as it came over the wire, by itself or as a part of a batch's answer. */
interface Refusal {
  readonly atMs: number;
  /** Until when `Retry-After` asks to wait; null where it is absent. */
  readonly untilMs: number | null;
  readonly text: string;
}

const refusedPart = /^HTTP\/1\.1 429 (?:.*\r\n)*?retry-after: (\d+)/gim;

/** Sees every request and every refusal between a client and the service, and who came back too early. */
export class RefusalWatch {
  readonly refusals: Refusal[] = [];
  /** Requests that were sent while a wait went on which the client knew of. */
  early = 0;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  around(wire: typeof fetch): typeof fetch {
    return async (input, init) => {
      // What goes in the same instant was on its way already.
      const nowMs = Math.floor(this.#nowMs());
      if (this.refusals.some(({ atMs, untilMs }) => atMs < nowMs && nowMs < (untilMs ?? atMs)))
        this.early += 1;
      const response = await wire(input, init);
      if (response.status === 429) {
        this.#refused(response.headers.get('retry-after'), await response.clone().text());
      }
      if (response.headers.get('content-type')?.startsWith('multipart/mixed') === true) {
        for (const [text, seconds] of (await response.clone().text()).matchAll(refusedPart))
          this.#refused(seconds ?? null, text);
      }
      return response;
    };
  }

  #refused(retryAfter: string | null, text: string): void {
    // The client's clock knows whole milliseconds only.
    const atMs = Math.floor(this.#nowMs());
    const isSeconds = /^\d+$/.test(retryAfter ?? '');
    const untilMs = isSeconds ? atMs + Number(retryAfter) * 1000 : Date.parse(retryAfter ?? '');
    this.refusals.push({ atMs, untilMs: Number.isNaN(untilMs) ? null : untilMs, text });
  }
}

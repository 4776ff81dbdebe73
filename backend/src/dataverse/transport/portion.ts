import type { Slot } from './slot.ts';

/** A limiter's view of its process's slot: whether a request fits in it, and what was sent under it. */
export class Portion {
  readonly #slot: Slot;
  readonly #isDivided: boolean;
  #sent = 0;

  /** @param isDivided false: all that the service gives may be used; refusals divide it, and only places are given out */
  constructor(slot: Slot, { isDivided }: { readonly isDivided: boolean }) {
    this.#slot = slot;
    this.#isDivided = isDivided;
  }

  /** The slot has no place for one more; with its first one somebody may always ask. */
  isFull(running: number): boolean {
    const { allowance } = this.#slot;
    return running > 0 && allowance !== null && running >= allowance.places;
  }

  /**
   * No slot, or one that is too small for what would be used with the next request. Who has used nothing yet may send
   * one request whatever it takes: of a very small part it may take more than all.
   */
  isLess(used: number, withNext: number): boolean {
    const { allowance } = this.#slot;
    if (allowance === null) return true;
    if (!this.#isDivided) return false;
    return withNext > allowance.part + tiny && (used > 0 || allowance.part === 0);
  }

  get isDayOver(): boolean {
    return this.#slot.isDayOver;
  }

  more(signal: AbortSignal | undefined): Promise<void> {
    return this.#slot.more(signal);
  }

  sent(): void {
    this.#sent += 1;
  }

  /** Sent since this was asked last. */
  takeSent(): number {
    const sent = this.#sent;
    this.#sent = 0;
    return sent;
  }
}

/** Sums of fractions drift. */
const tiny = 1e-9;

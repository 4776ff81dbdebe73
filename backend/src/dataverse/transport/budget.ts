import { SlidingWindow } from './sliding-window.ts';

/** Free of any pace until so much of the budget is used: short jobs are not slowed. … */
const unpacedPart = 0.5;
/** … Not while a long one goes on, which has been held back within this time. */
const calmMs = 60_000;
/** The budget counts as used up, and so as proved, from this part of it. */
const fullPart = 0.95;
/** What a pause has kept back may be made up for, this long, by so much shorter gaps. */
const catchUpMs = 30_000;
const catchUpGap = 0.8;
/** The first cut after a refusal; it doubles while refusals come close together, up to the last. */
const leastCut = 0.0025;
const cutGrowth = 1.5;
const greatestCut = 0.25;
/** Time at the limit in which a budget climbs back to where it was refused; from then on it probes further. */
const climbMs = 30_000;
/** Somebody else may be using the same user's limit; we never fall below this part of one server's. */
const floorPart = 0.05;

export interface BudgetOptions {
  /** What one web server takes in 300 seconds according to the documentation. */
  readonly documented: number;
  /**
   * Part of what is known that we may use, which may change while we work; 1, which stays: all that the service gives,
   * also beyond what is known.
   */
  readonly share: () => number;
  /** We count as the service does, so what was accepted is a multiple of its limit. */
  readonly isExact: boolean;
}

/** `plateau`: just below where the last refusal came; `depth`: how far below it we begin. */
interface Curve {
  readonly plateau: number;
  readonly depth: number;
}

/**
 * What one user may use of one limit (requests, or seconds of execution) in any 300 seconds, over all web servers,
 * whose number nobody tells. Without a refusal it is one server's documented limit times the share; with a share of 1
 * nothing holds us back until the first refusal. That one tells how much the service takes: what it had accepted within the
 * window, which divided by the limit that the message names gives the number of servers. From then on the budget
 * follows a cubic curve, as TCP does: down at a refusal, quickly back to just below where that was, level there, then
 * slowly and ever faster up, because servers come and go.
 */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #window = new SlidingWindow();
  /** Null until something was refused. */
  #curve: Curve | null = null;
  /** How long this budget was full and held requests back since the last refusal: an unused one proves nothing. */
  #boundMs = 0;
  #cut = leastCut;
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** The pace's last slot, which lags behind while we are held up, and when the last request went. */
  #slot = 0;
  #wentAt = 0;
  #heldAt = Number.NEGATIVE_INFINITY;

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** Used within the window. */
  used(nowMs: number): number {
    return this.#window.used(nowMs);
  }

  /** At most so much is used in any window; infinite while nothing is known and all may be used. */
  get most(): number {
    const share = this.#options.share();
    if (share < 1) return share * this.whole;
    return this.#curve === null ? Number.POSITIVE_INFINITY : this.#known(this.#curve);
  }

  /** What parts are of: what the service takes of one user within the window, as far as that is known for sure. */
  get whole(): number {
    const { documented } = this.#options;
    if (this.#curve === null) return documented;
    return Math.min(this.#known(this.#curve), Math.max(documented, this.#curve.plateau));
  }

  /**
   * When a request of about this amount may go, in the clock's milliseconds; not after `nowMs`: at once.
   * @param pending what requests that are under way will add
   */
  dueAt(nowMs: number, amount: number, pending = 0): number {
    const most = this.most;
    const used = this.used(nowMs) + pending;
    if (used + amount <= most * unpacedPart && nowMs - this.#heldAt > calmMs) return nowMs;
    if (used + amount > most && used > 0) {
      // Not before the next millisecond: what is under way may be all that is used.
      return Math.max(nowMs + 1, this.#window.fallsTo(nowMs, Math.max(0, most - amount - pending)));
    }
    const gap = this.#gap(nowMs, amount, pending);
    return Math.max(this.#slot + gap, this.#wentAt + gap * catchUpGap);
  }

  /** A request goes now; `held`: so long has this budget kept it waiting, or a pause has. */
  go(
    nowMs: number,
    amount: number,
    pending: number,
    held: { readonly ms: number; readonly paused: boolean },
  ): void {
    const plateau = this.#curve?.plateau ?? 0;
    const isFull = this.used(nowMs) + amount + pending >= fullPart * plateau;
    // Up to where it was refused last nothing has to be proved.
    if (isFull || this.#boundMs < climbMs) this.#boundMs += Math.min(held.ms, nowMs - this.#wentAt);
    if (held.ms > 0 || held.paused) this.#heldAt = nowMs;
    const gap = this.#gap(nowMs, amount, pending);
    this.#slot = Math.min(nowMs, Math.max(this.#slot + gap, nowMs - catchUpMs));
    this.#wentAt = nowMs;
  }

  /** @param atMs when it was used; a negative amount takes back what was not used after all */
  add(nowMs: number, amount: number, atMs = nowMs): void {
    this.#window.add(nowMs, amount, atMs);
  }

  /**
   * The service refused because this limit was reached.
   * @param sentAtMs those that were under way when the first was refused say nothing new
   * @param limit one server's, as the message names it; null: it does not
   */
  refused(nowMs: number, sentAtMs: number, limit: number | null): void {
    if (sentAtMs <= this.#refusedAt) return;
    const before = this.#curve;
    const isClose = before !== null && this.#boundMs < climbMs;
    this.#cut = isClose ? Math.min(greatestCut, this.#cut * cutGrowth) : leastCut;
    this.#curve =
      before === null ? this.#first(nowMs, limit) : this.#after(this.#reached(nowMs, before), limit);
    this.#boundMs = 0;
    this.#refusedAt = nowMs;
    this.#slot = nowMs;
  }

  /**
   * The first refusal tells how much the service takes. Far fewer accepted than one server's limit: somebody else uses
   * it too, or we did before we were started anew; then we begin with what was accepted and climb.
   */
  #first(nowMs: number, limit: number | null): Curve {
    const used = this.used(nowMs);
    const one = limit ?? this.#options.documented;
    if (used < one / 2) return { plateau: one, depth: one - Math.max(one * floorPart, used) };
    const whole = limit !== null && this.#options.isExact ? Math.round(used / limit) * limit : used;
    return this.#after(whole * (1 - leastCut), limit);
  }

  /** Above the last plateau only what was used is proved. */
  #reached(nowMs: number, curve: Curve): number {
    const reached = Math.min(this.#known(curve), Math.max(curve.plateau, this.used(nowMs)));
    return reached * (1 - this.#cut);
  }

  #after(lowered: number, limit: number | null): Curve {
    const plateau = Math.max(floorPart * (limit ?? this.#options.documented), lowered);
    return { plateau, depth: plateau * leastCut };
  }

  #known({ plateau, depth }: Curve): number {
    return plateau + depth * (this.#boundMs / climbMs - 1) ** 3;
  }

  #gap(nowMs: number, amount: number, pending: number): number {
    const most = this.most;
    if (most === Number.POSITIVE_INFINITY) return 0;
    return amount / this.#window.evenRate(nowMs, most - pending);
  }
}

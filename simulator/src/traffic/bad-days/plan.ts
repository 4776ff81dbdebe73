import { seededRandom } from '../../model/guid.ts';
import { KINDS, type FaultKind } from './kinds.ts';

export interface DayOptions {
  readonly seed: number;
  /** These kinds and no others; drawn from the seed unless given. */
  readonly kinds?: readonly FaultKind[];
  /** The day is over after so many requests; drawn from the seed unless given. */
  readonly endsAfter?: number;
  /** May somebody else write while a client reads? Never unless told so. */
  readonly otherPeople?: boolean;
  /** Multiplies the long waits, for clients on a real clock. 1 unless given. */
  readonly waitScale?: number;
}

export interface DayPlan {
  readonly seed: number;
  readonly kinds: readonly PlannedKind[];
  readonly endsAfter: number;
  /** How far the service's clock is off, for `Date` and for dates in `Retry-After`. */
  readonly skewMs: number;
  readonly waitScale: number;
}

export interface PlannedKind {
  readonly kind: FaultKind;
  /** One in so many of the requests that it can hit. */
  readonly oneIn: number;
  /** At most so many requests in a row. */
  readonly run: number;
}

/** Draws a day: about half of all kinds exist, each with a frequency of its own. The same seed gives the same day. */
export function planDay(options: DayOptions): DayPlan {
  const random = seededRandom(options.seed);
  const between = (low: number, high: number) => low + (random() % (high - low + 1));
  const names = Object.keys(KINDS) as FaultKind[]; // its own keys
  const planned = names.map((kind) => ({
    kind,
    there: random() % 2 === 0,
    oneIn: between(6, 40),
    run: between(1, 3),
  }));
  const wanted = ({ kind, there }: { kind: FaultKind; there: boolean }) =>
    options.kinds?.includes(kind) ?? (there && (kind !== 'otherPeople' || options.otherPeople === true));
  return {
    seed: options.seed,
    kinds: planned.filter(wanted).map(({ kind, oneIn, run }) => ({ kind, oneIn, run })),
    endsAfter: options.endsAfter ?? between(50, 400),
    skewMs: random() % 2 === 0 ? 0 : (between(0, 1) * 2 - 1) * between(30, 600) * 1000,
    waitScale: options.waitScale ?? 1,
  };
}

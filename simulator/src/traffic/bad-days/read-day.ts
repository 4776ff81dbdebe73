import { KINDS, type FaultKind } from './kinds.ts';
import type { DayOptions } from './plan.ts';

export const DAY_USAGE =
  'Give {"seed": a whole number} and, where you want, "kinds", "endsAfter", "otherPeople" and "waitScale". ' +
  `Kinds: ${Object.keys(KINDS).join(', ')}.`;

/** A day as JSON names it, or undefined where that is wrong. */
export function readDay(body: unknown): DayOptions | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { seed, kinds, endsAfter, otherPeople, waitScale } = body as Partial<
    Record<keyof DayOptions, unknown>
  >; // any object
  if (!isWhole(seed)) return undefined;
  if (kinds !== undefined && !(Array.isArray(kinds) && kinds.every(isKind))) return undefined;
  if (endsAfter !== undefined && !isWhole(endsAfter)) return undefined;
  if (otherPeople !== undefined && typeof otherPeople !== 'boolean') return undefined;
  if (waitScale !== undefined && !(typeof waitScale === 'number' && waitScale >= 0)) return undefined;
  return {
    seed,
    ...(kinds === undefined ? {} : { kinds }),
    ...(endsAfter === undefined ? {} : { endsAfter }),
    ...(otherPeople === undefined ? {} : { otherPeople }),
    ...(waitScale === undefined ? {} : { waitScale }),
  };
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isKind(value: unknown): value is FaultKind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}

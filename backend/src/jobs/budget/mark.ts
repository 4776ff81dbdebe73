import { z } from 'zod';
import type { ControlStore } from '../../vault/index.ts';

/** One process that uses the limits. Parts are of what the service takes of one user in 300 seconds. */
const member = z.object({
  id: z.string(),
  /** When it asked last, by its own clock. */
  beatAt: z.iso.datetime(),
  /** What it may have used at most; of one that has left, what it used. */
  part: z.number().min(0),
  wants: z.number().min(0),
  /** Requests at once. */
  places: z.int().min(0),
  wantsPlaces: z.number().min(0),
  left: z.boolean(),
});
export type Member = z.infer<typeof member>;

const budget = z.object({
  format: z.literal(1),
  members: z.array(member),
  /** Requests of all processes by the hour (UTC, `2026-11-27T10`), of a day. */
  hours: z.record(z.string(), z.int()).default({}),
});
export interface BudgetMark {
  readonly format: 1;
  readonly members: readonly Member[];
  readonly hours: Readonly<Record<string, number>>;
}

/** `budget/<host>`: the limits are those of a user of one host, whatever the environment is called in a configuration. */
export function budgetName(url: string): string {
  return `budget/${new URL(url).host.replace(':', '-')}`;
}

/** One that is no such document is begun anew: what it said of the last 300 seconds is forgotten. */
export async function readBudget(control: ControlStore, name: string): Promise<BudgetMark> {
  const parsed = budget.safeParse(await control.readMark(name));
  return parsed.success ? parsed.data : { format: 1, members: [], hours: {} };
}

const dayMs = 24 * 3_600_000;

/** With so many more requests in this hour; what is a day old is left out. */
export function countRequests(hours: BudgetMark['hours'], nowMs: number, more: number): BudgetMark['hours'] {
  const hour = hourOf(nowMs);
  const kept = Object.entries(hours).filter(([name]) => name > hourOf(nowMs - dayMs));
  const known = Object.fromEntries(kept);
  return more === 0 ? known : { ...known, [hour]: (known[hour] ?? 0) + more };
}

/** Within the last 24 hours, the first of them in whole. */
export function requestsOfDay(hours: BudgetMark['hours'], nowMs: number): number {
  return Object.values(countRequests(hours, nowMs, 0)).reduce((sum, count) => sum + count, 0);
}

function hourOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13);
}

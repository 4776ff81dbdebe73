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

const budget = z.object({ format: z.literal(1), members: z.array(member) });
export interface BudgetMark {
  readonly format: 1;
  readonly members: readonly Member[];
}

/** `budget/<host>`: the limits are those of a user of one host, whatever the environment is called in a configuration. */
export function budgetName(url: string): string {
  return `budget/${new URL(url).host.replace(':', '-')}`;
}

/** One that is no such document is begun anew: what it said of the last 300 seconds is forgotten. */
export async function readBudget(control: ControlStore, name: string): Promise<BudgetMark> {
  const parsed = budget.safeParse(await control.readMark(name));
  return parsed.success ? parsed.data : { format: 1, members: [] };
}

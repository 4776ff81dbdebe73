import type { Environment } from '../environment.ts';
import type { Policy } from '../settings.ts';
import { budgetName, readBudget, requestsOfDay } from './mark.ts';

/** All processes together have used what the policy allows within 24 hours, as far as they have said. */
export async function dayIsOver(
  { control, url }: Pick<Environment, 'control' | 'url'>,
  { dailyRequests }: Pick<Policy, 'dailyRequests'>,
  now: Date,
): Promise<boolean> {
  if (dailyRequests === null) return false;
  const { hours } = await readBudget(control, budgetName(url));
  return requestsOfDay(hours, now.getTime()) >= dailyRequests;
}

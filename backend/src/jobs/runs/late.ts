import { RowbackError } from '../../base/errors.ts';
import { lastBackupAt, tellLate } from '../backups.ts';
import type { Environment } from '../environment.ts';
import type { Policy } from '../settings.ts';

/**
 * A backup is late when none has ended for as many intervals as the policy says: because they fail, or because nobody
 * ran. Told once for each last backup: gives the one that was spoken of, and whether it was now.
 */
export async function tellIfLate(
  environment: Environment,
  { everyMs, alerts }: Policy,
  toldOf: string | null,
): Promise<{ readonly toldOf: string | null; readonly isNews: boolean }> {
  const quiet = { toldOf, isNews: false };
  if (everyMs === null) return quiet;
  const lastAt = await lastBackupAt(environment).catch((error: unknown) => {
    // An environment that is down cannot be asked; its failing backup says so itself.
    if (error instanceof RowbackError) return null;
    throw error;
  });
  if (lastAt === null || lastAt === toldOf) return quiet;
  const agoMs = environment.clock.now().getTime() - Date.parse(lastAt);
  if (agoMs < alerts.lateIntervals * everyMs) return quiet;
  tellLate(environment, lastAt);
  return { toldOf: lastAt, isNews: true };
}

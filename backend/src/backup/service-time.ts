import type { BackupPlan } from './plan.ts';
import type { BackupPorts } from './run-context.ts';

/**
 * The service's own instant, from its `Date` header: the answer to a read of the root business unit or of our own user,
 * rows that every environment has. Falls back to our clock where the policy leaves both tables out.
 */
export async function readServiceInstant(ports: BackupPorts, plan: BackupPlan): Promise<string> {
  const { userId, businessUnitId } = plan.environment;
  const candidates = [
    { table: 'businessunit', id: businessUnitId },
    { table: 'systemuser', id: userId },
  ];
  for (const { table, id } of candidates) {
    const details = plan.tables.find((planned) => planned.table === table)?.details;
    if (details === undefined || details.primaryId === null) continue;
    const row = await ports.client.readRow(details, id, [details.primaryId]);
    if (row !== null) return toSeconds(row.date);
  }
  return toSeconds(ports.clock.now().toISOString());
}

/** The header counts whole seconds. */
function toSeconds(instant: string): string {
  return instant.replace(/\.\d+/, '');
}

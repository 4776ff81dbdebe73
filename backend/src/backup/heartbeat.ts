import { DataverseError, type TableDetails } from '../dataverse/index.ts';
import type { Values } from '../base/value.ts';
import type { BackupPlan } from './plan.ts';
import type { BackupPorts } from './run-context.ts';

const table = 'rowback_heartbeat';
/** One row in an environment; the form's control reads it under this id. */
const rowId = '5d1f6a3c-2b7e-4c90-9a51-3e8f0c7d2b64';

/** The snapshot id in the heartbeat row; null: the row is not there; undefined: our solution is not installed. */
export async function readHeartbeat(
  ports: BackupPorts,
  plan: BackupPlan,
): Promise<string | null | undefined> {
  const details = await heartbeatTable(ports, plan);
  if (details === null) return undefined;
  const row = await ports.client.readRow(details, rowId, ['rowback_snapshotid']);
  const snapshot = row?.values['rowback_snapshotid'];
  return typeof snapshot === 'string' ? snapshot : null;
}

/**
 * Tells the environment which snapshot is the newest. Written after the snapshot, so that nobody is told of one that is
 * not there. False: our solution is not installed.
 */
export async function writeHeartbeat(
  ports: BackupPorts,
  plan: BackupPlan,
  beat: { readonly snapshot: string; readonly at: string },
): Promise<boolean> {
  const details = await heartbeatTable(ports, plan);
  if (details === null) return false;
  const values: Values = {
    rowback_name: `Last backup ${beat.at}`,
    rowback_environmentid: plan.environment.environmentId,
    rowback_snapshotid: beat.snapshot,
    rowback_backedupat: beat.at,
  };
  try {
    await ports.client.updateRow(details, rowId, values);
  } catch (error) {
    if (!(error instanceof DataverseError) || error.kind !== 'not-found') throw error;
    await ports.client.createRow(details, values, { id: rowId });
  }
  return true;
}

/** Is our solution installed? */
export function hasHeartbeat(plan: BackupPlan): boolean {
  return plan.excluded.some((excluded) => excluded.table === table && excluded.code === 'own');
}

async function heartbeatTable(ports: BackupPorts, plan: BackupPlan): Promise<TableDetails | null> {
  if (!hasHeartbeat(plan)) return null;
  const [details] = await ports.client.readTableDetails([table]);
  return details ?? null;
}

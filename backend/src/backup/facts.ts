import type { DataverseClient, TableDetails } from '../dataverse/index.ts';
import { chooseTables, type BackupFacts, type BackupPolicy } from './plan.ts';

/**
 * Reads what a plan is made from: the environment, its tables and columns, and what our identity may read of them now
 * (never from a cache: a right that was taken away must not look like deletes).
 */
export async function readBackupFacts(client: DataverseClient, policy: BackupPolicy): Promise<BackupFacts> {
  const environment = await client.readEnvironment();
  const tables = await client.readTables();
  const readable = await client.globallyReadable(tables);
  const chosen = chooseTables(tables, readable, policy).tables;
  const details = await client.readTableDetails(chosen.map((table) => table.name));
  return {
    environment,
    tables,
    details: new Map(details.map((table) => [table.name, table])),
    readable,
    readableSecured: await readSecured(client, environment.userId, details),
    counts: await client.approximateCounts(chosen.map((table) => table.name)),
  };
}

async function readSecured(
  client: DataverseClient,
  userId: string,
  details: readonly TableDetails[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const secured = details.filter((table) => table.columns.some((column) => column.secured));
  const readable = new Map<string, ReadonlySet<string>>();
  for (const table of secured) readable.set(table.name, await client.readableSecuredColumns(userId, table));
  return readable;
}

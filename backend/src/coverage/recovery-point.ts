import { isVaultError, type Snapshot, type TableAtSnapshot, type Vault } from '../vault/index.ts';

/**
 * Everything saved in a table before this instant is in the vault: the start of the last run that read it whole. A
 * run in which nothing moved wrote no snapshot and counts all the same (`checkedAt`). Null: it was never read whole.
 *
 * @param checked the newest run after the snapshot in which nothing moved, where there was one
 */
export async function recoveryPointOf(
  vault: Vault,
  snapshot: Snapshot,
  table: TableAtSnapshot,
  folder: string,
  checked: string | null,
): Promise<string | null> {
  if (table.status === 'complete') return checked ?? snapshot.startedAt;
  if (table.status !== 'stale') return null;
  return beforeStale(vault, table, folder);
}

/** Walks back over the snapshots that call it stale to the last run that did not. */
async function beforeStale(vault: Vault, table: TableAtSnapshot, folder: string): Promise<string | null> {
  let namedBy = table.namedBy;
  for (;;) {
    const naming = await find(vault, namedBy);
    const previous = naming?.previous == null ? null : await find(vault, naming.previous);
    // Pruned: what the table itself remembers is older at most.
    if (naming === null || previous === null) return startOf(vault, table.stateOf ?? null);
    const before = await vault.snapshots.tableAt(previous, folder);
    if (before?.status === 'complete') return naming.checkedAt.at(-1) ?? previous.startedAt;
    if (before === null || before.status !== 'stale') return startOf(vault, table.stateOf ?? null);
    namedBy = before.namedBy;
  }
}

async function startOf(vault: Vault, id: string | null): Promise<string | null> {
  return id === null ? null : ((await find(vault, id))?.startedAt ?? null);
}

async function find(vault: Vault, id: string): Promise<Snapshot | null> {
  try {
    return await vault.snapshots.read(id);
  } catch (error) {
    if (isVaultError(error, 'snapshot-missing')) return null;
    throw error;
  }
}

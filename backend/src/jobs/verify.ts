import { openVault } from '../vault/index.ts';
import { verifyVault, type VerifyOptions, type VerifyReport } from '../verify/index.ts';
import { vaultMissing } from './errors.ts';
import type { Storage } from './open.ts';

/** Ids of the environments that have a vault in this container. Asks Dataverse nothing. */
export async function listVaults({ store }: Storage): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { name } of store.list('')) {
    const [id, folder] = name.split('/');
    if (id !== undefined && folder === 'snapshots') ids.add(id);
  }
  return [...ids];
}

/**
 * Verifies the vault of an environment, or every vault in the container. Needs storage alone, so it can be done when the
 * environment is lost. Throws `vault-missing`.
 */
export async function verifyVaults(
  storage: Storage,
  environmentId: string | undefined,
  options: VerifyOptions,
): Promise<VerifyReport[]> {
  const { store, engine, scratch } = storage;
  const ids = await listVaults(storage);
  const chosen = environmentId === undefined ? ids : ids.filter((id) => id === environmentId);
  if (chosen.length === 0) throw vaultMissing(environmentId, ids);
  const reports: VerifyReport[] = [];
  for (const id of chosen) {
    const vault = await openVault({ store, environmentId: id, engine, scratch });
    try {
      reports.push(await verifyVault(vault, options));
    } finally {
      await vault.close();
    }
  }
  return reports;
}

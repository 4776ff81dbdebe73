import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openAzureBlobStore,
  openAzureContainers,
  openParquetEngine,
  openVault,
  type Vault,
} from '../src/vault/index.ts';
import { Outsider } from './outsider.ts';
import { container, type Services } from './services.ts';

/** Opens the demo's vault for reading, beside the running backend. */
export async function withVault(services: Services, work: (vault: Vault) => Promise<void>): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'rowback-demo-'));
  const containers = await openAzureContainers({ storage: services.storage, container });
  const engine = await openParquetEngine({ scratch: join(scratch, 'duckdb') });
  try {
    const vault = await openVault({
      store: openAzureBlobStore(containers.vault),
      environmentId: await environmentIdOf(services),
      engine,
      scratch,
    });
    await work(vault);
    await vault.close();
  } finally {
    engine.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function environmentIdOf(services: Services): Promise<string> {
  const administrator = new Outsider(
    services.simulator.url,
    await services.token(services.people.administrator),
  );
  const answer = await administrator.get(
    "RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')",
  );
  // Recorded shape of the service.
  const detail = answer['Detail'] as Record<string, unknown>;
  return String(detail['EnvironmentId']);
}

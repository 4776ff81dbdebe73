import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Azurite, startAzurite } from '../../test/support/azurite.ts';
import {
  type VaultFixture,
  capturedAt,
  collect,
  columnOf,
  idOf,
  openVaultFixture,
  schemaOf,
  snapshotIdOf,
} from '../../test/support/vault-fixture.ts';
import {
  type Vault,
  createAzureContainers,
  exportContainer,
  isVaultError,
  openAzureBlobStore,
  openAzureContainers,
} from './index.ts';

let azurite: Azurite;
let fixture: VaultFixture;
beforeAll(async () => {
  azurite = await startAzurite();
  const containers = await openAzureContainers({ storage: azurite.connectionString, container: 'vault' });
  await createAzureContainers(containers);
  fixture = await openVaultFixture(openAzureBlobStore(containers.vault));
});
afterAll(async () => {
  await fixture.close();
  await azurite.stop();
});

const schema = schemaOf([columnOf('name', 'string')]);

/** Tries until its row is in, as a run does that loses a commit to another. */
async function insist(vault: Vault, n: number): Promise<number> {
  for (let lost = 0; ; lost += 1) {
    const schemaId = await vault.schemas.put(schema);
    const options = { snapshot: snapshotIdOf(1), epoch: 0, schema, schemaId };
    const writer = await vault.table('thing').append(options);
    try {
      await writer.put(idOf(n), { thingid: idOf(n), name: `row ${n}` }, capturedAt);
      await writer.commit({ token: String(n) });
      return lost;
    } catch (error) {
      if (!isVaultError(error, 'commit-lost')) throw error;
    } finally {
      await writer.close();
    }
  }
}

describe('a vault on Azure Blob storage', () => {
  it('lets many writers race for commits and loses no row', async () => {
    const vaults = await Promise.all(Array.from({ length: 4 }, () => fixture.reopen()));
    const lost = await Promise.all(vaults.map((vault, n) => insist(vault, n)));
    expect(Math.max(...lost)).toBeGreaterThan(0);
    const table = fixture.vault.table('thing');
    const state = await table.state();
    expect(state).toMatchObject({ version: 3, versionCount: 4 });
    const rows = await collect(table.scan(state?.throughSeq ?? 0));
    expect(rows.map(({ values }) => values['name']).sort()).toEqual(['row 0', 'row 1', 'row 2', 'row 3']);
    expect(await fixture.vault.hashes.at('thing', state?.throughSeq ?? 0, 0)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps contents and gives them back, and copies out as plain files', async () => {
    const bytes = Buffer.alloc(10_000_000, 'content ');
    const { sha256 } = await fixture.vault.files.storeContent(bytes);
    expect(Buffer.concat(await collect(fixture.vault.files.openContent(sha256))).equals(bytes)).toBe(true);
    const folder = join(fixture.scratch, 'kept');
    const { blobs } = await exportContainer(fixture.store, folder);
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile())).toHaveLength(blobs);
    expect(await readdir(join(folder, 'env-1/tables/thing/_delta_log'))).toHaveLength(4);
  });
});

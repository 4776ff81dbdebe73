import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openVaultFixture, snapshotIdOf, type VaultFixture } from '../../../test/support/vault-fixture.ts';
import type { TableInSnapshot } from '../../vault/index.ts';
import { readPast } from './past.ts';

let fixture: VaultFixture;
beforeEach(async () => {
  fixture = await openVaultFixture();
});
afterEach(() => fixture.close());

async function snapshotWith(n: number, captured: Partial<TableInSnapshot['captured']>): Promise<void> {
  await fixture.vault.snapshots.write({
    format: 1,
    id: snapshotIdOf(n),
    environmentId: 'env-1',
    organizationId: 'org-1',
    startedAt: `2026-11-23T1${n}:00:00Z`,
    endedAt: `2026-11-23T1${n}:00:00Z`,
    trigger: 'manual',
    policy: 'default',
    epoch: 0,
    schema: 'a'.repeat(64),
    previous: n === 1 ? null : snapshotIdOf(n - 1),
    checkedAt: [],
    allTables: n === 1,
    tables: {
      account: {
        status: 'complete',
        throughSeq: n,
        deltaVersion: n,
        mode: 'change-tracking',
        rowCount: 1000,
        captured: { put: 0, gone: 0, bytes: 0, requests: 1, ...captured },
        tableHash: null,
        files: { stored: 0, pending: 0, lost: 0 },
        warnings: [],
        errors: [],
      },
    },
  });
}

test('deletes are measured by the rows that somebody deleted, not by those that went by themselves', async () => {
  await snapshotWith(1, {});
  await snapshotWith(2, { gone: 7 });
  await snapshotWith(3, { gone: 5000, deleted: 2 });
  const past = await readPast(fixture.vault, []);
  expect(past.of('account', 'gone').map(({ rows }) => rows)).toEqual([7, 2]);
});

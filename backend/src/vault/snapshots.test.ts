import {
  collect,
  openVaultFixture,
  snapshotIdOf,
  type VaultFixture,
} from '../../test/support/vault-fixture.ts';
import { type Snapshot, type TableInSnapshot, isSnapshotId, newSnapshotId } from './index.ts';

let fixture: VaultFixture;
beforeEach(async () => {
  fixture = await openVaultFixture();
});
afterEach(() => fixture.close());

function tableWith(throughSeq: number): TableInSnapshot {
  return {
    status: 'complete',
    throughSeq,
    deltaVersion: 0,
    mode: 'full',
    rowCount: 0,
    captured: { put: 0, gone: 0, bytes: 0, requests: 0 },
    tableHash: '0'.repeat(64),
    files: { stored: 0, pending: 0, lost: 0 },
    warnings: [],
    errors: [],
  };
}

function snapshotOf(n: number, tables: Record<string, number>, more: Partial<Snapshot> = {}): Snapshot {
  return {
    format: 1,
    id: snapshotIdOf(n),
    environmentId: 'env-1',
    organizationId: 'org-1',
    startedAt: `2026-11-23T14:00:0${n}Z`,
    endedAt: `2026-11-23T14:00:0${n + 2}Z`,
    trigger: 'manual',
    policy: 'default',
    epoch: 0,
    schema: 'a'.repeat(64),
    previous: n === 1 ? null : snapshotIdOf(n - 1),
    checkedAt: [],
    allTables: n === 1,
    tables: Object.fromEntries(Object.entries(tables).map(([name, seq]) => [name, tableWith(seq)])),
    ...more,
  };
}

describe('snapshots', () => {
  it('are listed newest first, also those that another process wrote since', async () => {
    const { snapshots } = fixture.vault;
    expect(await collect(snapshots.list())).toEqual([]);
    await expect(snapshots.resolve({ kind: 'latest' })).rejects.toMatchObject({ code: 'no-snapshot-yet' });
    await snapshots.write(snapshotOf(1, { account: 1 }));
    expect(await snapshots.resolve({ kind: 'latest' })).toMatchObject({ id: snapshotIdOf(1) });
    await (await fixture.reopen()).snapshots.write(snapshotOf(2, { account: 2 }));
    expect((await collect(snapshots.list())).map(({ id }) => id)).toEqual([snapshotIdOf(2), snapshotIdOf(1)]);
  });

  it('resolve to the last one that was complete by an instant', async () => {
    const { snapshots } = fixture.vault;
    for (const n of [1, 2, 4])
      await snapshots.write(snapshotOf(n, {}, n === 4 ? { previous: snapshotIdOf(2) } : {}));
    const at = async (instant: string) => (await snapshots.resolve({ kind: 'instant', at: instant })).id;
    expect(await at('2026-11-23T14:00:03Z')).toBe(snapshotIdOf(1));
    expect(await at('2026-11-23T14:00:05.9Z')).toBe(snapshotIdOf(2));
    expect(await at('2026-11-23T16:00:06+02:00')).toBe(snapshotIdOf(4));
    await expect(at('2026-11-23T14:00:02.999Z')).rejects.toMatchObject({ code: 'no-snapshot-yet' });
    await expect(snapshots.resolve({ kind: 'snapshot', id: snapshotIdOf(9) })).rejects.toMatchObject({
      code: 'snapshot-missing',
      context: { snapshot: snapshotIdOf(9) },
    });
    await expect(snapshots.read('../secrets')).rejects.toMatchObject({ code: 'snapshot-missing' });
  });

  it('find a table that did not move in the snapshot that names it', async () => {
    const { snapshots } = fixture.vault;
    await snapshots.write(snapshotOf(1, { account: 1, contact: 1 }));
    await snapshots.write(snapshotOf(2, { contact: 2 }));
    await snapshots.write(snapshotOf(3, { task: 3 }, { allTables: true }));
    const second = await snapshots.read(snapshotIdOf(2));
    expect(await snapshots.tableAt(second, 'account')).toMatchObject({
      throughSeq: 1,
      namedBy: snapshotIdOf(1),
    });
    expect(await snapshots.tableAt(second, 'contact')).toMatchObject({
      throughSeq: 2,
      namedBy: snapshotIdOf(2),
    });
    expect(await snapshots.tableAt(second, 'task')).toBeNull();
    expect([...(await snapshots.tablesAt(second)).keys()].sort()).toEqual(['account', 'contact']);
    const third = await snapshots.read(snapshotIdOf(3));
    expect(await snapshots.tableAt(third, 'account')).toBeNull();
  });

  it('are checked before they are written and after they were read', async () => {
    const { snapshots } = fixture.vault;
    await expect(snapshots.write(snapshotOf(1, { account: -1 }))).rejects.toThrow();
    await expect(snapshots.write(snapshotOf(2, {}, { previous: snapshotIdOf(3) }))).rejects.toThrow();
    expect(await collect(fixture.store.list(''))).toEqual([]);
    const blob = `env-1/snapshots/${snapshotIdOf(1)}.json`;
    await fixture.store.putIfAbsent(blob, new TextEncoder().encode('{"format":1}'));
    await expect(snapshots.read(snapshotIdOf(1))).rejects.toMatchObject({
      code: 'blob-damaged',
      context: { blob },
    });
    await expect(snapshots.write(snapshotOf(1, {}))).rejects.toMatchObject({ code: 'exists-different' });
  });

  it('have ids that sort like their instants', () => {
    const random = { uuid: () => '1f0c5a3e-0000-4000-8000-000000000000', fraction: () => 0 };
    const id = newSnapshotId('2026-11-23T14:02:05.5Z', random);
    expect(id).toBe('20261123T140205Z-1f0c');
    expect(isSnapshotId(id)).toBe(true);
    expect(isSnapshotId(`${id}/..`)).toBe(false);
  });
});

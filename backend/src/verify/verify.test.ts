import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  capturedAt,
  columnOf,
  idOf,
  openVaultFixture,
  schemaOf,
  snapshotIdOf,
  type VaultFixture,
} from '../../test/support/vault-fixture.ts';
import {
  openMemoryBlobStore,
  type BlobStore,
  type Snapshot,
  type TableInSnapshot,
  type Vault,
} from '../vault/index.ts';
import { verifyVault } from './index.ts';

const schema = schemaOf([columnOf('name', 'string'), columnOf('doc', 'file')]);
let fixture: VaultFixture;
/** Every blob of a sound vault: two snapshots, a table of three rows in two commits, one content. */
let sound: Map<string, Uint8Array>;

beforeAll(async () => {
  fixture = await openVaultFixture();
  const { vault } = fixture;
  await run(vault, 1, [1, 2], null);
  await run(vault, 2, [2, 3], snapshotIdOf(1));
  sound = new Map();
  for await (const { name } of fixture.store.list('')) sound.set(name, await fixture.store.read(name));
});
afterAll(() => fixture.close());

/** What a backup leaves: rows, a content, the snapshot that names both. */
async function run(
  vault: Vault,
  number: number,
  rows: readonly number[],
  previous: string | null,
): Promise<void> {
  const id = snapshotIdOf(number);
  const schemaId = await vault.schemas.put(schema);
  const writer = await vault.table('thing').append({ snapshot: id, epoch: 1, schema, schemaId });
  for (const row of rows)
    await writer.put(
      idOf(row),
      { thingid: idOf(row), name: `${row} of ${number}`, doc: row === 2 ? 'f1' : null },
      capturedAt,
    );
  const { throughSeq, version } = await writer.commit({ token: `token ${number}` });
  await writer.close();
  if (number === 1) {
    const { sha256, bytes } = await vault.files.storeContent(new TextEncoder().encode('a content'));
    const line = {
      table: 'thing',
      key: idOf(2),
      column: 'doc',
      contentId: 'f1',
      state: 'stored' as const,
      sha256,
      bytes,
    };
    await vault.files.append([{ ...line, name: null, mimeType: null, reason: null }], {
      snapshot: id,
      epoch: 1,
      capturedAt,
    });
  }
  const fileSeq = (await vault.table('rowback_file').state())?.throughSeq ?? 0;
  const common = {
    status: 'complete' as const,
    mode: 'full' as const,
    captured: { put: rows.length, gone: 0, bytes: 1, requests: 1 },
    files: { stored: 0, pending: 0, lost: 0 },
    warnings: [],
    errors: [],
  };
  const thing: TableInSnapshot = {
    ...common,
    throughSeq,
    deltaVersion: version,
    rowCount: number + 1,
    tableHash: await vault.hashes.at('thing', throughSeq, fileSeq),
  };
  const files: TableInSnapshot = {
    ...common,
    throughSeq: fileSeq,
    deltaVersion: 0,
    rowCount: 1,
    tableHash: await vault.hashes.at('rowback_file', fileSeq, 0),
  };
  const snapshot: Snapshot = {
    format: 1,
    id,
    environmentId: 'env-1',
    organizationId: 'org',
    startedAt: capturedAt,
    endedAt: capturedAt,
    trigger: 'manual',
    policy: 'default',
    epoch: 1,
    schema: await vault.schemas.putDocument({ any: 'environment schema' }),
    previous,
    checkedAt: [],
    allTables: previous === null,
    tables: { thing, ...(number === 1 ? { rowback_file: files } : {}) },
  };
  await vault.snapshots.write(snapshot);
}

const blobs = (pattern: RegExp): string[] => [...sound.keys()].filter((name) => pattern.test(name)).sort();
const one = (pattern: RegExp, at = 0): string => {
  const name = blobs(pattern).at(at);
  if (name === undefined) throw new Error(`no blob ${String(pattern)}`);
  return name;
};

/** Verifies a copy of the sound vault in which something was changed. */
async function verifyAfter(damage: (all: Map<string, Uint8Array>) => void, readData = true) {
  const all = new Map(sound);
  damage(all);
  const store: BlobStore = openMemoryBlobStore();
  for (const [name, bytes] of all) await store.putIfAbsent(name, bytes);
  const vault = await fixture.reopen(store);
  try {
    return await verifyVault(vault, { readData });
  } finally {
    await vault.close();
  }
}
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const replaceIn = (name: string, from: RegExp | string, to: string) => (all: Map<string, Uint8Array>) => {
  const before = textOf(all.get(name));
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${name} has no such text`);
  all.set(name, new TextEncoder().encode(after));
};
const flip = (name: string) => (all: Map<string, Uint8Array>) => {
  const bytes = Uint8Array.from(all.get(name) ?? []);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  all.set(name, bytes);
};

const rowFiles = /tables\/thing\/part-/;
const commits = /tables\/thing\/_delta_log/;
const snapshotFiles = /\/snapshots\//;

describe('a sound vault', () => {
  test('has nothing to find, and is counted', async () => {
    const report = await verifyAfter(() => undefined);
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ snapshots: 2, tables: 2, files: 3, contents: 1 });
    expect(report.states).toMatchObject([
      { table: 'thing', rows: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { table: 'rowback_file', rows: 1 },
    ]);
  });

  test('may hold blobs that nothing names', async () => {
    const report = await verifyAfter((all) => {
      all.set('env-1/tables/thing/part-left.parquet', new Uint8Array(9));
      all.set(`env-1/files/aa/${'a'.repeat(64)}`, new Uint8Array(3));
    });
    expect(report.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['leftover', 'note'],
      ['leftover', 'note'],
    ]);
  });
});

describe('damage is recognised by structure alone', () => {
  test.each<[string, string, (all: Map<string, Uint8Array>) => void, Record<string, unknown>]>([
    ['a Parquet file that is gone', 'blob-missing', (all) => all.delete(one(rowFiles)), { table: 'thing' }],
    [
      'a Parquet file that was cut',
      'blob-damaged',
      (all) => all.set(one(rowFiles, 1), (all.get(one(rowFiles, 1)) ?? new Uint8Array()).slice(0, -7)),
      { snapshots: [snapshotIdOf(2)] },
    ],
    ['a commit that is gone', 'log-gap', (all) => all.delete(one(commits)), { table: 'thing' }],
    [
      'a commit that is no JSON',
      'blob-damaged',
      (all) => replaceIn(one(commits, 1), '{', '<')(all),
      { table: 'thing' },
    ],
    [
      'a commit with another one’s sequences',
      'order-broken',
      (all) => replaceIn(one(commits, 1), /\\"rowback_seq\\":\d+/g, '\\"rowback_seq\\":5')(all),
      { table: 'thing' },
    ],
    [
      'rows of an older snapshot behind newer ones',
      'order-broken',
      (all) => replaceIn(one(commits, 1), new RegExp(snapshotIdOf(2), 'g'), '20200101T000000Z-aaaa')(all),
      {},
    ],
    [
      'a schema that is gone',
      'blob-missing',
      (all) => all.delete(one(/schemas\//, 0)) && all.delete(one(/schemas\//, 1)),
      {},
    ],
    [
      'a snapshot that is no JSON',
      'blob-damaged',
      (all) => replaceIn(one(snapshotFiles, 1), '{', '')(all),
      { snapshots: [snapshotIdOf(2)] },
    ],
    [
      'the snapshot before that is gone',
      'snapshot-broken',
      (all) => all.delete(one(snapshotFiles)),
      { snapshots: [snapshotIdOf(2)] },
    ],
    [
      'a snapshot that names a state no commit made',
      'snapshot-broken',
      (all) => replaceIn(one(snapshotFiles, 1), /"throughSeq":\d+/, '"throughSeq":77')(all),
      { table: 'thing', snapshots: [snapshotIdOf(2)] },
    ],
    ['a content that is gone', 'content-missing', (all) => all.delete(one(/\/files\//)), {}],
    ['a content that was cut', 'content-damaged', (all) => all.set(one(/\/files\//), new Uint8Array(2)), {}],
  ])('%s', async (_, code, damage, more) => {
    const { findings } = await verifyAfter(damage, false);
    const found = findings.find((item) => item.code === code);
    expect(found).toMatchObject({ code, severity: 'damage', ...more });
    expect(found?.hint).not.toBe('');
  });
});

describe('damage that only reading shows', () => {
  test('a flipped bit in a Parquet file, with the snapshots that show its rows', async () => {
    expect((await verifyAfter(flip(one(rowFiles)), false)).findings).toEqual([]);
    const { findings } = await verifyAfter(flip(one(rowFiles)));
    expect(findings).toMatchObject([
      { code: 'blob-damaged', blob: one(rowFiles), snapshots: [snapshotIdOf(1), snapshotIdOf(2)] },
    ]);
  });

  test('a flipped bit in a content', async () => {
    const { findings } = await verifyAfter(flip(one(/\/files\//)));
    expect(findings).toMatchObject([{ code: 'content-damaged', blob: one(/\/files\//) }]);
  });

  test('a commit that counts other rows than its file has', async () => {
    const { findings } = await verifyAfter(
      replaceIn(one(commits, 1), '\\"numRecords\\":2', '\\"numRecords\\":3'),
    );
    expect(findings).toMatchObject([{ code: 'counts-differ', table: 'thing' }]);
  });

  test('a snapshot whose count or hash is not that of its rows', async () => {
    const counted = await verifyAfter(replaceIn(one(snapshotFiles, 1), '"rowCount":3', '"rowCount":4'));
    expect(counted.findings).toMatchObject([{ code: 'state-differs', table: 'thing' }]);
    const hashed = await verifyAfter(
      replaceIn(one(snapshotFiles, 1), /"tableHash":"./, '"tableHash":"z'.replace('z', 'f')),
    );
    expect(hashed.findings.every(({ code }) => code === 'state-differs')).toBe(true);
  });

  test('the table of contents that cannot be read', async () => {
    const { findings } = await verifyAfter(flip(one(/tables\/rowback_file\/part-/)));
    expect(findings[0]).toMatchObject({ code: 'blob-damaged', table: 'rowback_file' });
  });
});

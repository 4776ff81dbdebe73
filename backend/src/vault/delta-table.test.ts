import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
import { type BlobStore, type TableSchema, type TableWriter, type Vault, openVault } from './index.ts';

let fixture: VaultFixture;
let vault: Vault;
beforeEach(async () => {
  fixture = await openVaultFixture();
  vault = fixture.vault;
});
afterEach(() => fixture.close());

const schema = schemaOf([columnOf('name', 'string'), columnOf('ownerid', 'lookup')]);

async function openWriter(snapshot: number, of: TableSchema = schema, after?: number): Promise<TableWriter> {
  return vault.table('thing').append({
    snapshot: snapshotIdOf(snapshot),
    epoch: 1,
    schema: of,
    schemaId: await vault.schemas.put(of),
    ...(after === undefined ? {} : { after }),
  });
}

function row(n: number, name: string | null, owner: string | null = null) {
  return { thingid: idOf(n), name, ownerid: owner === null ? null : { table: 'systemuser', id: owner } };
}

async function names(throughSeq: number): Promise<string[]> {
  const rows = await collect(vault.table('thing').scan(throughSeq));
  return rows.map(({ values }) => JSON.stringify(values['name'])).sort();
}

describe('a table of the vault', () => {
  it('keeps every version of a row and shows the state at any commit', async () => {
    const table = vault.table('thing');
    expect(await table.state()).toBeNull();
    const writer = await openWriter(1);
    await writer.put(idOf(1), row(1, 'one'), capturedAt);
    await writer.put(idOf(2), row(2, 'two'), capturedAt);
    const first = await writer.commit({ position: 'page 2' });
    await writer.put(idOf(3), row(3, 'three'), capturedAt);
    const second = await writer.commit({ token: 'token 1', position: null });
    const later = await openWriter(2);
    await later.put(idOf(1), row(1, 'one again'), '2026-11-23T15:00:00.123456Z');
    await later.gone(idOf(2), 'deleted', capturedAt);
    const third = await later.commit({ token: 'token 2' });

    expect([first, second, third]).toMatchObject([
      { version: 0, throughSeq: 2, put: 2, gone: 0 },
      { version: 1, throughSeq: 2 ** 24 + 1, put: 1, gone: 0 },
      { version: 2, throughSeq: 2 * 2 ** 24 + 2, put: 1, gone: 1 },
    ]);
    expect(await names(first.throughSeq)).toEqual(['"one"', '"two"']);
    expect(await names(second.throughSeq)).toEqual(['"one"', '"three"', '"two"']);
    expect(await names(third.throughSeq)).toEqual(['"one again"', '"three"']);
    expect(await names(0)).toEqual([]);
    expect(await table.countRows(third.throughSeq)).toBe(2);
    expect((await collect(table.keysAt(third.throughSeq))).sort()).toEqual([idOf(1), idOf(3)]);
    expect((await collect(table.changedKeys(second.throughSeq, third.throughSeq))).sort()).toEqual([
      idOf(1),
      idOf(2),
    ]);
    const history = await table.history(idOf(1));
    expect(history).toEqual([
      expect.objectContaining({ op: 'put', seq: 1, snapshot: snapshotIdOf(1), values: row(1, 'one') }),
      expect.objectContaining({ seq: 2 * 2 ** 24 + 1, capturedAt: '2026-11-23T15:00:00.123456Z', epoch: 1 }),
    ]);
    expect(await table.history(idOf(1), { throughSeq: second.throughSeq })).toEqual(history.slice(0, 1));
    expect(await table.at(idOf(2), third.throughSeq)).toMatchObject({ op: 'gone', why: 'deleted' });
    expect(await table.at(idOf(2), second.throughSeq)).toMatchObject({ op: 'put' });
    expect(await table.at(idOf(9), third.throughSeq)).toBeNull();
    expect([...(await table.headsOf([idOf(1), idOf(2), idOf(9)], third.throughSeq)).keys()].sort()).toEqual([
      idOf(1),
      idOf(2),
    ]);
    expect(Object.fromEntries(await table.marksOf([idOf(1), idOf(2), idOf(9)], third.throughSeq))).toEqual({
      [idOf(1)]: expect.objectContaining({ op: 'put', seq: 2 * 2 ** 24 + 1, snapshot: snapshotIdOf(2) }),
      [idOf(2)]: expect.objectContaining({ op: 'gone', epoch: 1, rowVersion: null }),
    });
    expect((await table.marksOf([idOf(1)], second.throughSeq)).get(idOf(1))).toMatchObject({ seq: 1 });
    expect(await table.state()).toMatchObject({
      version: 2,
      throughSeq: third.throughSeq,
      token: 'token 2',
      position: null,
      versionCount: 5,
      key: ['thingid'],
      newestSnapshot: snapshotIdOf(2),
    });
    expect(await (await fixture.reopen()).table('thing').state()).toEqual(await table.state());
  });

  it('writes nothing when nothing moved, and a token alone without rows', async () => {
    const writer = await openWriter(1);
    const empty = await writer.commit({ token: 'a' });
    expect(empty).toMatchObject({ version: 0, throughSeq: 0, bytes: 0 });
    expect(await writer.commit({ token: 'a' })).toMatchObject({ version: 0 });
    expect(await writer.commit({ token: 'b' })).toMatchObject({ version: 1, throughSeq: 0 });
    expect(await collect(vault.table('thing').scan(0))).toEqual([]);
    expect(await vault.table('thing').countRows(0)).toBe(0);
  });

  it('lets the later of two writers lose, and tells it', async () => {
    const one = await openWriter(1);
    const two = await openWriter(1);
    await one.put(idOf(1), row(1, 'one'), capturedAt);
    await two.put(idOf(1), row(1, 'two'), capturedAt);
    const won = await one.commit({ token: 'one' });
    await expect(two.commit({ token: 'two' })).rejects.toMatchObject({ code: 'commit-lost' });
    expect(two.pending).toBe(0);
    expect(await names(won.throughSeq)).toEqual(['"one"']);
    await expect(openWriter(1, schema, -1)).rejects.toMatchObject({ code: 'commit-lost' });
    await (await openWriter(1, schema, won.version)).close();
  });

  it('refuses a run with an older snapshot or epoch than the newest', async () => {
    const writer = await openWriter(5);
    await writer.put(idOf(1), row(1, 'one'), capturedAt);
    await writer.commit();
    await expect(openWriter(4)).rejects.toMatchObject({ code: 'stale-writer' });
    const older = { snapshot: snapshotIdOf(6), epoch: 0, schema, schemaId: await vault.schemas.put(schema) };
    await expect(vault.table('thing').append(older)).rejects.toMatchObject({ code: 'stale-writer' });
    await (await openWriter(5)).close();
  });

  it('shows what a version was read with: a column that came later is absent, one that left too', async () => {
    const first = await openWriter(1);
    await first.put(idOf(1), row(1, 'one'), capturedAt);
    await first.commit();
    const wider = schemaOf([columnOf('name', 'string'), columnOf('size', 'decimal', { scale: 2 })]);
    const second = await openWriter(2, wider);
    await second.put(idOf(2), { thingid: idOf(2), name: null, size: '1.5' }, capturedAt);
    const { throughSeq } = await second.commit();
    const versions = await collect(vault.table('thing').scan(throughSeq));
    expect(versions.map(({ values }) => values)).toEqual(
      expect.arrayContaining([
        { thingid: idOf(1), name: 'one', ownerid: null },
        { thingid: idOf(2), name: null, size: '1.50' },
      ]),
    );
  });

  it('reads a name that came back as another column from the Delta column of its version', async () => {
    const first = await openWriter(1);
    await first.put(idOf(1), row(1, 'text'), capturedAt);
    await first.commit();
    const again = schemaOf([columnOf('name', 'int', { deltaName: 'name__2' })]);
    const second = await openWriter(2, again);
    await second.put(idOf(1), { thingid: idOf(1), name: 7 }, capturedAt);
    await second.commit();
    const history = await vault.table('thing').history(idOf(1));
    expect(history.map((version) => version.op === 'put' && version.values['name'])).toEqual(['text', 7]);
    const clash = await openWriter(3, schemaOf([columnOf('name', 'int')]));
    await expect(clash.commit()).rejects.toMatchObject({ code: 'column-conflict' });
  });

  it('finds rows by what a lookup points to, gone ones too when asked', async () => {
    const writer = await openWriter(1);
    await writer.put(idOf(1), row(1, 'a', idOf(100)), capturedAt);
    await writer.put(idOf(2), row(2, 'b', idOf(100)), capturedAt);
    await writer.put(idOf(3), row(3, 'c', idOf(100)), capturedAt);
    await writer.put(idOf(4), row(4, 'd', idOf(101)), capturedAt);
    await writer.commit();
    await writer.put(idOf(2), row(2, 'b', idOf(101)), capturedAt);
    await writer.gone(idOf(3), 'deleted', capturedAt);
    const { throughSeq } = await writer.commit();
    const table = vault.table('thing');
    const keys = (found: { version: { key: string }; gone: unknown }[]) =>
      found.map(({ version, gone }) => [version.key, gone !== null]);
    expect(keys(await table.find('ownerid', idOf(100), throughSeq))).toEqual([[idOf(1), false]]);
    expect(keys(await table.find('ownerid', idOf(100), throughSeq, { includeGone: true }))).toEqual([
      [idOf(1), false],
      [idOf(3), true],
    ]);
    expect(keys(await table.find('ownerid', idOf(100), 3))).toHaveLength(3);
    await expect(table.find('nothing', idOf(100), throughSeq)).rejects.toMatchObject({
      code: 'unknown-column',
    });
  });

  it('keeps rows of elastic tables apart by their partition', async () => {
    const elastic = schemaOf([columnOf('partitionid', 'string'), columnOf('name', 'string')], {
      kind: 'elastic',
      key: ['thingid', 'partitionid'],
    });
    const writer = await openWriter(1, elastic);
    for (const partitionid of ['a|b', 'c', null]) {
      const key = `${idOf(1)}|${partitionid ?? ''}`;
      await writer.put(key, { thingid: idOf(1), partitionid, name: String(partitionid) }, capturedAt);
    }
    const first = await writer.commit();
    await writer.gone(`${idOf(1)}|a|b`, 'deleted', capturedAt);
    const second = await writer.commit();
    const table = vault.table('thing');
    expect((await collect(table.keysAt(first.throughSeq))).sort()).toEqual([
      `${idOf(1)}|`,
      `${idOf(1)}|a|b`,
      `${idOf(1)}|c`,
    ]);
    expect(await table.countRows(second.throughSeq)).toBe(2);
    expect(await table.history(`${idOf(1)}|a|b`)).toMatchObject([{ op: 'put' }, { op: 'gone' }]);
    expect(await table.at(`${idOf(1)}|`, second.throughSeq)).toMatchObject({ values: { partitionid: null } });
  });

  it.each([
    ['a column the schema does not list', { ...row(1, 'a'), other: 1 }],
    ['a missing column', { thingid: idOf(1), name: 'a' }],
    ['half a surrogate pair', { ...row(1, '\ud800') }],
    ['a lookup without a table', { ...row(1, 'a'), ownerid: idOf(2) }],
  ])('refuses %s and goes on', async (_, values) => {
    const writer = await openWriter(1);
    await expect(writer.put(idOf(1), values, capturedAt)).rejects.toMatchObject({ code: 'value-refused' });
    await writer.put(idOf(2), row(2, 'b'), capturedAt);
    expect(await writer.commit()).toMatchObject({ put: 1, throughSeq: 1 });
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 100)],
    ['changed', (bytes: Buffer) => bytes.fill(0, 50, 60)],
  ])('names the Parquet file that is %s', async (_, damage) => {
    const writer = await openWriter(1);
    await writer.put(idOf(1), row(1, 'one'), capturedAt);
    const { throughSeq } = await writer.commit();
    const broken: BlobStore = {
      ...fixture.store,
      async readToFile(name, path) {
        await fixture.store.readToFile(name, path);
        await writeFile(path, damage(await readFile(path)));
        return (await readFile(path)).length;
      },
    };
    const table = (await fixture.reopen(broken)).table('thing');
    const error: unknown = await collect(table.scan(throughSeq)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'blob-damaged' });
    expect(String(error)).toMatch(/env-1\/tables\/thing\/part-0{20}-.*\.parquet/);
  });

  it('removes local copies beyond its budget and reads them again', async () => {
    const writer = await openWriter(1);
    for (let n = 0; n < 5; n += 1) {
      await writer.put(idOf(n), row(n, String(n)), capturedAt);
      await writer.commit();
    }
    const { store, engine, scratch } = fixture;
    const own = join(scratch, 'small');
    const small = await openVault({
      store,
      environmentId: 'env-1',
      engine,
      scratch: own,
      localCopyBytes: 5000,
    });
    for (let n = 0; n < 5; n += 1) expect(await small.table('thing').history(idOf(n))).toHaveLength(1);
    const copies = (await readdir(own, { recursive: true })).filter((name) => name.endsWith('.parquet'));
    expect(copies.length).toBeGreaterThan(0);
    expect(copies.length).toBeLessThan(5);
    const throughSeq = (await small.table('thing').state())?.throughSeq ?? 0;
    expect(await small.table('thing').countRows(throughSeq)).toBe(5);
    await small.close();
    expect(await readdir(own)).toEqual([]);
  });

  it('names the commit that is damaged', async () => {
    const writer = await openWriter(1);
    await writer.put(idOf(1), row(1, 'one'), capturedAt);
    await writer.commit();
    const broken = {
      ...fixture.store,
      read: async (name: string) => (await fixture.store.read(name)).slice(0, 40),
    };
    const other = await fixture.reopen(broken);
    await expect(other.table('thing').state()).rejects.toMatchObject({
      code: 'blob-damaged',
      context: { blob: 'env-1/tables/thing/_delta_log/00000000000000000000.json' },
    });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type VaultFixture,
  collect,
  columnOf,
  openVaultFixture,
  schemaOf,
} from '../../test/support/vault-fixture.ts';
import { exportContainer } from './index.ts';

let fixture: VaultFixture;
beforeEach(async () => {
  fixture = await openVaultFixture();
});
afterEach(() => fixture.close());

describe('documents of a vault', () => {
  it('of a restore are written once and listed in order', async () => {
    const restore = fixture.vault.restore('r-1');
    expect(await restore.read('plan.json')).toBeNull();
    expect(await restore.write('plan.json', { rows: 1 })).toBe('stored');
    expect(await restore.write('plan.json', { rows: 2 })).toBe('exists');
    expect(await restore.read('plan.json')).toEqual({ rows: 1 });
    for (const n of [2, 1]) await restore.write(`journal/00000${n}.json`, { n });
    expect(await collect(restore.list('journal/'))).toEqual(['journal/000001.json', 'journal/000002.json']);
    await fixture.vault.restore('r-2').write('selection.json', {});
    expect(await collect(fixture.vault.restoreIds())).toEqual(['r-1', 'r-2']);
    expect(() => fixture.vault.restore('../r-1')).toThrow('an id is');
  });

  it('a request is taken by exactly one of many', async () => {
    const other = await fixture.reopen();
    const answers = await Promise.all(
      [fixture.vault, other, fixture.vault, other].map((vault) =>
        vault.takeRequest('q-1', { by: 'someone' }),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('the audit log loses no entry of two writers', async () => {
    const other = await fixture.reopen();
    await fixture.vault.appendAudit({ n: 0 });
    await Promise.all([1, 2, 3, 4].map((n) => (n % 2 ? fixture.vault : other).appendAudit({ n })));
    const entries = await collect(other.readAudit());
    expect(entries.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(entries.map(({ entry }) => (entry as { n: number }).n).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(await collect(other.readAudit(5))).toHaveLength(1);
  });

  it('schemas have the hash of their content as id, whatever the order of their properties', async () => {
    const { schemas } = fixture.vault;
    const schema = schemaOf([columnOf('name', 'string')]);
    const id = await schemas.put(schema);
    expect(await schemas.put(Object.fromEntries(Object.entries(schema).reverse()) as typeof schema)).toBe(id);
    expect(await (await fixture.reopen()).schemas.read(id)).toEqual(schema);
    await expect(schemas.put({ ...schema, key: ['nothing'] })).rejects.toThrow('key column');
    await expect(schemas.read('0'.repeat(64))).rejects.toMatchObject({ code: 'blob-missing' });
    const blob = `env-1/schemas/${'1'.repeat(64)}.json`;
    await fixture.store.putIfAbsent(blob, new TextEncoder().encode(JSON.stringify(schema)));
    await expect(schemas.read('1'.repeat(64))).rejects.toMatchObject({
      code: 'blob-damaged',
      context: { blob },
    });
    const documentId = await schemas.putDocument({ b: 1, a: [{ d: 1, c: null }] });
    expect(await schemas.readDocument(documentId)).toEqual({ a: [{ c: null, d: 1 }], b: 1 });
  });

  it('are exported as plain files under their names', async () => {
    await fixture.vault.restore('r-1').write('journal/000001.json', { n: 1 });
    const folder = join(fixture.scratch, 'kept');
    expect(await exportContainer(fixture.store, folder)).toEqual({ blobs: 1, bytes: 7 });
    expect(await readFile(join(folder, 'env-1/restores/r-1/journal/000001.json'), 'utf8')).toBe('{"n":1}');
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
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
import type { BlobStore, FileEntry } from './index.ts';

let fixture: VaultFixture;
beforeEach(async () => {
  fixture = await openVaultFixture();
});
afterEach(() => fixture.close());

const run = { snapshot: snapshotIdOf(1), epoch: 0, capturedAt };

function entry(key: string, column: string, contentId: string, more: Partial<FileEntry> = {}): FileEntry {
  return {
    table: 'thing',
    key,
    column,
    contentId,
    state: 'stored',
    sha256: 'a'.repeat(64),
    bytes: 3,
    name: 'x.txt',
    mimeType: 'text/plain',
    reason: null,
    ...more,
  };
}

async function* chunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield await Promise.resolve(bytes.subarray(at, at + 1000));
}

async function scratchFiles(): Promise<string[]> {
  const all = await readdir(fixture.scratch, { recursive: true });
  return all.filter((name) => name.includes('content-') || name.includes('rows-'));
}

describe('contents', () => {
  it('are stored once by hash, from memory or a stream, and come back', async () => {
    const bytes = randomBytes(5555);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const { files } = fixture.vault;
    expect(await files.storeContent(chunks(bytes))).toEqual({ sha256, bytes: 5555 });
    expect(await files.storeContent(bytes)).toEqual({ sha256, bytes: 5555 });
    expect((await collect(fixture.store.list(''))).map(({ name }) => name)).toEqual([
      join('env-1/files', sha256.slice(0, 2), sha256),
    ]);
    expect(Buffer.concat(await collect(files.openContent(sha256))).equals(bytes)).toBe(true);
    expect(await files.storeContent(chunks(new Uint8Array(0)))).toMatchObject({ bytes: 0 });
    expect(await scratchFiles()).toEqual([]);
  });

  it('that were changed in storage give an error before the first byte', async () => {
    const { sha256 } = await fixture.vault.files.storeContent(new Uint8Array([1, 2, 3]));
    const blob = `env-1/files/${sha256.slice(0, 2)}/${sha256}`;
    await expect(collect(fixture.vault.files.openContent('b'.repeat(64)))).rejects.toMatchObject({
      code: 'blob-missing',
    });
    const damaging: BlobStore = {
      ...fixture.store,
      async readToFile(_, path) {
        const other = await fixture.vault.files.storeContent(new Uint8Array([1, 2, 4]));
        return fixture.store.readToFile(`env-1/files/${other.sha256.slice(0, 2)}/${other.sha256}`, path);
      },
    };
    const vault = await fixture.reopen(damaging);
    const reading = vault.files.openContent(sha256)[Symbol.asyncIterator]().next();
    await expect(reading).rejects.toMatchObject({ code: 'blob-damaged', context: { blob } });
    expect(await scratchFiles()).toEqual([]);
  });

  it('belong to rows as the newest line says at a moment', async () => {
    const { files } = fixture.vault;
    expect(await files.append([], run)).toBeNull();
    expect(await files.contentsOf('thing', 'all', 1)).toEqual([]);
    const lost = entry(idOf(1), 'doc', 'f2', {
      state: 'lost',
      sha256: null,
      bytes: null,
      reason: 'replaced',
    });
    const first = await files.append([entry(idOf(1), 'doc', 'f1'), entry(idOf(2), 'doc', 'f1'), lost], run);
    const second = await files.append(
      [entry(idOf(1), 'doc', 'f2', { bytes: 9 }), entry(idOf(1), 'doc', 'f1', { table: 'other' })],
      run,
    );
    const seq = (committed: typeof first): number => committed?.throughSeq ?? 0;
    expect(await files.contentsOf('thing', [idOf(1)], seq(first))).toEqual([
      { ...entry(idOf(1), 'doc', 'f1'), seq: 1 },
      { ...lost, seq: 3 },
    ]);
    expect(await files.contentsOf('thing', 'all', seq(second))).toMatchObject([
      { key: idOf(1), contentId: 'f1' },
      { key: idOf(2), contentId: 'f1' },
      { key: idOf(1), contentId: 'f2', state: 'stored', bytes: 9 },
    ]);
  });

  it('keep every line when many writers, here and in another process, append at once', async () => {
    const other = await fixture.reopen();
    const numbers = Array.from({ length: 12 }, (_, i) => i + 1);
    await Promise.all(
      numbers.map((i) =>
        (i % 2 === 0 ? fixture.vault : other).files.append([entry(idOf(i), 'doc', `f${i}`)], run),
      ),
    );
    const lines = await (await fixture.reopen()).files.contentsOf('thing', 'all', Number.MAX_SAFE_INTEGER);
    expect(lines.map((line) => line.contentId).sort()).toEqual(numbers.map((i) => `f${i}`).sort());
    expect(new Set(lines.map((line) => line.seq)).size).toBe(numbers.length);
  });

  it('that rows name and no line knows are pending', async () => {
    const { files } = fixture.vault;
    const schema = schemaOf([
      columnOf('body', 'body'),
      columnOf('doc', 'file'),
      columnOf('picture', 'image', { contentStamp: 'picture_timestamp' }),
      columnOf('picture_timestamp', 'long'),
      columnOf('versionnumber', 'long'),
    ]);
    const values = {
      thingid: idOf(1),
      doc: 'f1',
      picture: 'p1',
      picture_timestamp: '5',
      versionnumber: '77',
    };
    const named = files.contentsNamedBy(schema, idOf(1), values);
    const name = (column: string, contentId: string) => ({ table: 'thing', key: idOf(1), column, contentId });
    expect(named).toEqual([name('body', '77'), name('doc', 'f1'), name('picture', 'p1/5')]);
    expect(files.contentsNamedBy(schema, idOf(2), { ...values, doc: null, picture: null })).toHaveLength(1);
    const appended = await files.append(
      [entry(idOf(1), 'doc', 'f1'), entry(idOf(2), 'picture', 'p1/5')],
      run,
    );
    expect(await files.pending(named, appended?.throughSeq ?? 0)).toEqual([
      name('body', '77'),
      name('picture', 'p1/5'),
    ]);
    expect(await files.pending(named, 0)).toEqual(named);
  });
});

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '../../src/vault/index.ts';

/** Every store keeps these promises. `open` gives a store that nobody else writes to. */
export function describeBlobStore(kind: string, open: () => Promise<BlobStore>): void {
  describe(`a blob store: ${kind}`, () => {
    let store: BlobStore;
    let folder: string;
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const text = async (name: string): Promise<string> => new TextDecoder().decode(await store.read(name));

    beforeAll(async () => {
      store = await open();
      folder = await mkdtemp(join(tmpdir(), 'blob-contract-'));
    });
    afterAll(async () => {
      await rm(folder, { recursive: true });
    });

    it('stores a name once and leaves the first content alone', async () => {
      expect(await store.putIfAbsent('once/a', bytes('first'))).toBe('stored');
      expect(await store.putIfAbsent('once/a', bytes('second'))).toBe('exists');
      expect(await text('once/a')).toBe('first');
    });

    it('lets exactly one of many writers have a name', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => store.putIfAbsent('race/a', bytes(`writer ${i}`))),
      );
      expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1);
      expect(await text('race/a')).toBe(`writer ${answers.indexOf('stored')}`);
    });

    it.each([0, 1, 9 * 1024 * 1024 + 3])('stores a file of %d bytes whole, and once', async (size) => {
      const from = join(folder, `from-${size}`);
      const to = join(folder, `to-${size}`);
      const body = Buffer.alloc(size, 'rowback ');
      await writeFile(from, body);
      expect(await store.putIfAbsent(`file/${size}`, { path: from })).toBe('stored');
      expect(await store.putIfAbsent(`file/${size}`, { path: from })).toBe('exists');
      expect(await store.head(`file/${size}`)).toEqual({ bytes: size });
      expect(await store.readToFile(`file/${size}`, to)).toBe(size);
      expect((await readFile(to)).equals(body)).toBe(true);
    });

    it('reads ranges and cuts them at the end', async () => {
      await store.putIfAbsent('range/a', bytes('0123456789'));
      const range = async (offset: number, length: number): Promise<string> =>
        new TextDecoder().decode(await store.read('range/a', { offset, length }));
      expect(await range(2, 3)).toBe('234');
      expect(await range(8, 10)).toBe('89');
      expect(await range(4, 0)).toBe('');
    });

    it('names a blob that is missing and leaves no file', async () => {
      const missing = expect.objectContaining({
        code: 'blob-missing',
        context: { blob: 'missing/a' },
      }) as unknown;
      await expect(store.read('missing/a')).rejects.toEqual(missing);
      await expect(store.readToFile('missing/a', join(folder, 'missing'))).rejects.toEqual(missing);
      await expect(stat(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await store.head('missing/a')).toBeNull();
    });

    it('lists by prefix, in order, from a name on', async () => {
      const names = ['list/a', 'list/a/b', 'list/b', 'list/c d', 'list/é', 'other/a'];
      for (const name of [...names].reverse()) await store.putIfAbsent(name, bytes(name));
      const listed = async (prefix: string, from?: string): Promise<string[]> => {
        const entries: string[] = [];
        for await (const entry of store.list(prefix, from)) entries.push(entry.name);
        return entries;
      };
      expect(await listed('list/')).toEqual(names.slice(0, 5));
      expect(await listed('list/', 'list/b')).toEqual(names.slice(2, 5));
      expect(await listed('list/', 'list/aa')).toEqual(names.slice(2, 5));
      expect(await listed('nothing/')).toEqual([]);
      for await (const entry of store.list('other/')) expect(entry).toEqual({ name: 'other/a', bytes: 7 });
    });

    it('does not share memory with those who write and read', async () => {
      const body = bytes('kept');
      await store.putIfAbsent('copy/a', body);
      body.fill(0);
      (await store.read('copy/a')).fill(0);
      expect(await text('copy/a')).toBe('kept');
    });
  });
}

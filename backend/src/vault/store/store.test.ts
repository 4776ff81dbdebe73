import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Azurite, startAzurite } from '../../../test/support/azurite.ts';
import { describeBlobStore } from '../../../test/support/blob-store-contract.ts';
import {
  type ControlStore,
  createAzureContainers,
  openAzureBlobStore,
  openAzureContainers,
  openAzureControlStore,
  openMemoryBlobStore,
  openMemoryControlStore,
} from './index.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
});

async function openContainers(container: string) {
  const containers = await openAzureContainers({ storage: azurite.connectionString, container });
  await createAzureContainers(containers);
  return containers;
}

describeBlobStore('memory', () => Promise.resolve(openMemoryBlobStore()));
describeBlobStore('azure', async () => openAzureBlobStore((await openContainers('contract')).vault));

describe('azure failures in our words', () => {
  it('a missing container', async () => {
    const { vault } = await openAzureContainers({ storage: azurite.connectionString, container: 'nowhere' });
    const store = openAzureBlobStore(vault);
    const missing = { code: 'container-missing' };
    await expect(store.read('a')).rejects.toMatchObject(missing);
    await expect(store.head('a')).rejects.toMatchObject(missing);
    await expect(store.putIfAbsent('a', new Uint8Array(1))).rejects.toMatchObject(missing);
    await expect(store.list('a')[Symbol.asyncIterator]().next()).rejects.toMatchObject(missing);
  });

  it('a wrong key', async () => {
    const wrong = azurite.connectionString.replace(
      /AccountKey=[^;]*/,
      `AccountKey=${Buffer.alloc(32).toString('base64')}`,
    );
    const { vault } = await openAzureContainers({ storage: wrong, container: 'contract' });
    await expect(openAzureBlobStore(vault).read('a')).rejects.toMatchObject({ code: 'storage-refused' });
  });

  it('nobody listening', async () => {
    const storage = azurite.connectionString.replace(
      /BlobEndpoint=[^;]*/,
      'BlobEndpoint=http://127.0.0.1:9/rowback',
    );
    const { vault } = await openAzureContainers({ storage, container: 'contract', tries: 1 });
    await expect(openAzureBlobStore(vault).read('a')).rejects.toMatchObject({ code: 'storage-unreachable' });
  });

  it.each([
    [503, 'ServerBusy', 'storage-busy'],
    [507, 'InsufficientStorage', 'storage-full'],
    [409, 'BlobImmutableDueToPolicy', 'storage-refused'],
  ])('an answer of %d %s', async (status, code, ours) => {
    const server = createServer((_, response) => {
      response.writeHead(status, { 'x-ms-error-code': code, connection: 'close' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      // A TCP server's address is an object; a string is only given for pipes.
      const { port } = server.address() as AddressInfo;
      const storage = azurite.connectionString.replace(
        /BlobEndpoint=[^;]*/,
        `BlobEndpoint=http://127.0.0.1:${port}/a`,
      );
      const { vault } = await openAzureContainers({ storage, container: 'contract', tries: 1 });
      const putting = openAzureBlobStore(vault).putIfAbsent('a', new Uint8Array(1));
      await expect(putting).rejects.toMatchObject({ code: ours });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('a setting that is neither connection string nor URL', async () => {
    await expect(openAzureContainers({ storage: 'nonsense', container: 'a' })).rejects.toMatchObject({
      code: 'storage-malformed',
    });
  });
});

describe.each(['memory', 'azure'])('a control store: %s', (kind) => {
  let control: ControlStore;
  let nowMs = 0;
  let pass: (seconds: number) => Promise<void>;
  beforeAll(async () => {
    if (kind === 'memory') {
      control = openMemoryControlStore({ now: () => new Date(nowMs) });
      pass = (seconds) => {
        nowMs += seconds * 1000;
        return Promise.resolve();
      };
    } else {
      control = openAzureControlStore((await openContainers('control')).control);
      pass = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  });

  it('gives a lease to one at a time', async () => {
    const first = await control.acquireLease('one', 15);
    if (first === 'held') throw new Error('nobody holds it yet');
    expect(await control.acquireLease('one', 15)).toBe('held');
    expect(await first.renew()).toBe('renewed');
    await first.release();
    const second = await control.acquireLease('one', 15);
    expect(second).not.toBe('held');
  });

  it('tells the holder that its lease was lost', async () => {
    const first = await control.acquireLease('lost', 15);
    await pass(16);
    const second = await control.acquireLease('lost', 15);
    if (first === 'held' || second === 'held') throw new Error('both had to be given');
    expect(await first.renew()).toBe('lost');
    await first.release();
    expect(await second.renew()).toBe('renewed');
  });

  it('overwrites marks and knows when there is none', async () => {
    expect(await control.readMark('run')).toBeNull();
    await control.writeMark('run', { at: 1 });
    await control.writeMark('run', { at: 2, name: 'é' });
    expect(await control.readMark('run')).toEqual({ at: 2, name: 'é' });
  });

  it('lists the marks of a folder and removes one, twice if need be', async () => {
    for (const name of ['box/b.1', 'box/a', 'boxes/c']) await control.writeMark(name, {});
    const names = async () => {
      const found: string[] = [];
      for await (const name of control.listMarks('box/')) found.push(name);
      return found;
    };
    expect(await names()).toEqual(['box/a', 'box/b.1']);
    await control.removeMark('box/a');
    await control.removeMark('box/a');
    expect(await names()).toEqual(['box/b.1']);
    expect(await control.readMark('box/a')).toBeNull();
  });
});

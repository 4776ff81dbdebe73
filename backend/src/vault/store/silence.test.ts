import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAzureBlobStore, openAzureContainers, openAzureControlStore } from './index.ts';

/** A storage account that is there and falls silent: no refusal, no answer, or one that stops in the middle. */

const patienceMs = 150;
const headers = { etag: '"1"', 'last-modified': new Date(0).toUTCString() };
const close: (() => void)[] = [];
afterEach(() => close.splice(0).forEach((one) => one()));

async function silent(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(() => (server.closeAllConnections(), server.close()));
  // A TCP server's address is an object; a string is only given for pipes.
  const { port } = server.address() as AddressInfo;
  const key = Buffer.alloc(32).toString('base64');
  const storage = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/a`;
  const { vault, control } = await openAzureContainers({ storage, container: 'contract', tries: 1 });
  return {
    store: openAzureBlobStore(vault, patienceMs),
    control: openAzureControlStore(control, patienceMs),
    calls: () => calls,
  };
}

const hung = { code: 'storage-unreachable', message: expect.stringContaining('nothing for 0.15 s') };

test('no call waits for ever for an answer that does not come; each is made twice', async () => {
  const { store, control, calls } = await silent(() => undefined);
  const all = [
    () => store.read('x'),
    () => store.head('x'),
    () => store.putIfAbsent('x', new Uint8Array(1)),
    () => store.list('x')[Symbol.asyncIterator]().next(),
    () => control.acquireLease('x', 15),
    () => control.readMark('x'),
    () => control.writeMark('x', {}),
    () => control.removeMark('x'),
  ];
  for (const call of all) await expect(call()).rejects.toMatchObject(hung);
  expect(calls()).toBe(2 * all.length);
});

test('an answer that stops in the middle is given up too', async () => {
  const { store } = await silent((_, response) => {
    response.writeHead(200, { ...headers, 'content-length': '10' }).write('half');
  });
  await expect(store.read('x')).rejects.toMatchObject(hung);
});

test('one that comes slowly and steadily is read to its end', async () => {
  const { store } = await silent((_, response) => {
    response.writeHead(200, { ...headers, 'content-length': '8' });
    void (async () => {
      for (const letter of 'steadily') {
        await sleep(patienceMs / 3);
        response.write(letter);
      }
      response.end();
    })();
  });
  expect(new TextDecoder().decode(await store.read('x'))).toBe('steadily');
});

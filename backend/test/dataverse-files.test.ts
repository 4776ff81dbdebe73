import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openClient, type DataverseClient, type NewContent } from '../src/dataverse/index.ts';
import { collect } from '../src/dataverse/files/bytes.ts';
import { sendJson, startService, type HttpService } from './support/http-service.ts';
import { columnWith, tableWith } from './support/table-details.ts';
import { TickingClock } from './support/ticking-clock.ts';

const block = 4_194_304;
const id = '00000000-0000-0000-0000-000000000001';
const fileId = '00000000-0000-0000-0000-00000000f11e';
const samples = tableWith('sample', 'samples', [
  columnWith('doc', { kind: 'file' }),
  columnWith('photo', { kind: 'image' }),
]);
const notes = tableWith('annotation', 'annotations', [
  columnWith('documentbody'),
  columnWith('filename'),
  columnWith('mimetype'),
]);
const attachments = tableWith('activitymimeattachment', 'activitymimeattachments', [
  columnWith('body'),
  columnWith('filename'),
  columnWith('mimetype'),
]);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const service of open.splice(0)) await service.close();
});

function clientOf(url: string): DataverseClient {
  return openClient({
    url,
    fetch,
    clock: new TickingClock(),
    random: { uuid: () => '', fraction: () => 0 },
    tokens: { token: () => Promise.resolve('t') },
    tries: 3,
  }).client;
}

async function serve(
  answer: Parameters<typeof startService>[0],
): Promise<{ service: HttpService; client: DataverseClient }> {
  const service = await startService(answer);
  open.push(service);
  return { service, client: clientOf(service.url) };
}

/** Bytes that differ from one place to the next, so that a gap or a repeat shows. */
function bytesFrom(at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1)
    bytes[index] = ((at + index) * 31 + ((at + index) >> 8)) & 255;
  return bytes;
}

function content(length: number): NewContent {
  return {
    name: 'a.bin',
    mimeType: 'application/octet-stream',
    bytes: length,
    open: async function* () {
      for (let at = 0; at < length; at += 100_000) {
        yield await Promise.resolve(bytesFrom(at, Math.min(100_000, length - at)));
      }
    },
  };
}

const rangeOf = (headers: IncomingMessage['headers']) =>
  (/bytes=(\d+)-(\d+)/.exec(headers.range ?? '') ?? []).slice(1).map(Number);

const fileHeaders = (size: number) => ({
  'content-type': 'application/octet-stream',
  'x-ms-file-size': String(size),
  'x-ms-file-name': 'a.bin',
});

test('a download goes on at the byte where a connection broke, also within a block', async () => {
  const size = block + 1_000_000;
  const ranges: number[] = [];
  const { client } = await serve((request, response) => {
    if (!request.url.endsWith('$value')) return sendJson(response, { doc: fileId });
    const [from = 0, to = 0] = rangeOf(request.headers);
    ranges.push(from);
    const body = bytesFrom(from, Math.min(to, size - 1) - from + 1);
    response.writeHead(206, { ...fileHeaders(size), 'content-length': body.length });
    // The third try, and every one before it, loses what comes after 700,000 bytes.
    if (ranges.length > 3) response.end(body);
    else response.write(body.subarray(0, 700_000), () => setTimeout(() => response.socket?.destroy(), 20));
  });
  const file = await client.readFile(samples, id, 'doc', fileId);
  expect(file?.bytes).toBe(size);
  expect(Buffer.from(await collect(file!.stream)).equals(bytesFrom(0, size))).toBe(true);
  expect(ranges.slice(0, 4)).toEqual([0, 700_000, 1_400_000, 2_100_000]);
});

test('a file that is replaced by one of the same size and name is a conflict', async () => {
  const size = block * 2;
  const { client } = await serve((request, response) => {
    if (!request.url.endsWith('$value')) return sendJson(response, { doc: fileId.replace('f11e', 'f11f') });
    const [from = 0] = rangeOf(request.headers);
    response.writeHead(206, fileHeaders(size)).end(bytesFrom(from, block));
  });
  const file = await client.readFile(samples, id, 'doc', fileId);
  await expect(collect(file!.stream)).rejects.toMatchObject({ kind: 'conflict', table: 'sample', row: id });
});

test('a file that is replaced by a shorter one is a conflict', async () => {
  const { client } = await serve((request, response) => {
    if (!request.url.endsWith('$value')) return sendJson(response, { doc: fileId });
    const [from = 0] = rangeOf(request.headers);
    response.writeHead(206, fileHeaders(from === 0 ? block * 3 : 10)).end(bytesFrom(from, block));
  });
  const file = await client.readFile(samples, id, 'doc', fileId);
  await expect(collect(file!.stream)).rejects.toMatchObject({ kind: 'conflict' });
});

test('a block that comes as JSON is unwrapped, and a service without ranges is read at once', async () => {
  const size = block + 5;
  for (const wrapped of [true, false]) {
    const { client } = await serve((request, response) => {
      if (!request.url.endsWith('$value')) return sendJson(response, { doc: fileId });
      if (!wrapped) return void response.writeHead(200, fileHeaders(size)).end(bytesFrom(0, size));
      const [from = 0, to = 0] = rangeOf(request.headers);
      const value = bytesFrom(from, Math.min(to, size - 1) - from + 1).toString('base64');
      sendJson(response, { '@odata.context': 'x', value }, 206, {
        'x-ms-file-size': String(size),
        'x-ms-file-name': 'a.bin',
      });
    });
    const file = await client.readFile(samples, id, 'doc', fileId);
    expect(Buffer.from(await collect(file!.stream)).equals(bytesFrom(0, size))).toBe(true);
  }
});

/** The download messages, for a content of so many bytes; a token may die once. */
function downloads(size: number, options: { readonly chunks?: boolean; readonly dies?: boolean } = {}) {
  let sessions = 0;
  const seen: string[] = [];
  const answer: Parameters<typeof startService>[0] = (request, response) => {
    const message = /v9.2\/(\w+)/.exec(request.url)?.[1] ?? '';
    seen.push(message);
    if (message.startsWith('Initialize')) {
      sessions += 1;
      return sendJson(response, {
        FileContinuationToken: `t${sessions}`,
        FileSizeInBytes: size,
        FileName: 'a.bin',
        IsChunkingSupported: options.chunks ?? true,
      });
    }
    if (message === 'DownloadBlock') {
      const { Offset, BlockLength, FileContinuationToken } = JSON.parse(request.body);
      if (options.dies && FileContinuationToken === 't1' && Offset > 0) {
        return sendJson(response, { error: { code: '0x80040203', message: 'token' } }, 400);
      }
      const length = Math.min(BlockLength, size - Offset);
      return sendJson(response, { Data: bytesFrom(Offset, length).toString('base64') });
    }
    if (!request.url.endsWith('$value')) return sendJson(response, { doc: fileId });
    if (message === 'samples') return sendJson(response, { error: { code: '', message: 'no' } }, 405);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(bytesFrom(0, size).toString('base64'));
  };
  return { answer, seen };
}

test.each([
  ['note', notes, 'documentbody', 'InitializeAnnotationBlocksDownload'],
  ['attachment', attachments, 'body', 'InitializeAttachmentBlocksDownload'],
] as const)(
  'the body of a %s comes in blocks, also when a token dies',
  async (_what, table, column, message) => {
    const { answer, seen } = downloads(block + 77, { dies: true });
    const { client } = await serve(answer);
    const body = await client.readBody(table, id, column);
    expect(body).toMatchObject({ name: 'a.bin', bytes: block + 77 });
    expect(Buffer.from(await collect(body!.stream)).equals(bytesFrom(0, block + 77))).toBe(true);
    expect(seen.filter((one) => one === message)).toHaveLength(2);
  },
);

test('a body that the service gives only as a whole is decoded while it arrives', async () => {
  const { answer, seen } = downloads(block + 77, { chunks: false });
  const { client } = await serve(answer);
  const body = await client.readBody(notes, id, 'documentbody');
  expect(Buffer.from(await collect(body!.stream)).equals(bytesFrom(0, block + 77))).toBe(true);
  expect(seen).not.toContain('DownloadBlock');
});

test('a file that only the messages give is read by them', async () => {
  const { answer, seen } = downloads(block + 1);
  const { client } = await serve(answer);
  const file = await client.readFile(samples, id, 'doc', fileId);
  expect(Buffer.from(await collect(file!.stream)).equals(bytesFrom(0, block + 1))).toBe(true);
  expect(seen).toContain('InitializeFileBlocksDownload');
});

test.each([
  ['note', notes, 'documentbody', 'Annotation'],
  ['attachment', attachments, 'body', 'Attachment'],
] as const)('a new %s of more than a block goes up in blocks', async (_what, table, column, name) => {
  const blocks = new Map<string, Buffer>();
  let committed: { Target?: Record<string, unknown>; BlockList?: string[] } = {};
  const { client } = await serve((request, response) => {
    if (/EntityDefinitions|v9.2\/$/.test(request.url)) return sendJson(response, { value: [] });
    const body = JSON.parse(request.body);
    if (request.url.endsWith(`Initialize${name}BlocksUpload`))
      return sendJson(response, { FileContinuationToken: 't' });
    if (request.url.endsWith('UploadBlock')) blocks.set(body.BlockId, Buffer.from(body.BlockData, 'base64'));
    else committed = body;
    response.writeHead(204).end();
  });
  const size = block * 2 + 3;
  await client.createRow(table, { filename: 'kept.txt' }, { id, body: { column, content: content(size) } });
  expect(committed.Target).toMatchObject({
    '@odata.type': `Microsoft.Dynamics.CRM.${table.name}`,
    [`${table.name}id`]: id,
    filename: 'kept.txt',
  });
  const joined = Buffer.concat((committed.BlockList ?? []).map((one) => blocks.get(one)!));
  expect(joined.equals(bytesFrom(0, size))).toBe(true);
  expect(new Set([...blocks.keys()].map((one) => one.length)).size).toBe(1);
});

test("a note's new body under an etag that moved is a conflict before a block is sent", async () => {
  const { client, service } = await serve((_, response) => sendJson(response, { '@odata.etag': 'W/"2"' }));
  const write = client.writeBody(notes, id, 'documentbody', content(block + 1), { ifMatch: 'W/"1"' });
  await expect(write).rejects.toMatchObject({ kind: 'conflict', row: id });
  expect(service.seen).toHaveLength(1);
});

setFlagsFromString('--expose_gc');
// The function that the flag brings exists only in contexts made after it.
const collectGarbage = runInNewContext('gc') as () => void;

test('an upload that is begun anew and then refused says that the first one may have been done', async () => {
  let begun = 0;
  const { client } = await serve((request, response) => {
    const message = /v9.2\/(\w+)/.exec(request.url)?.[1] ?? '';
    if (message.startsWith('Initialize') && ++begun > 1)
      return sendJson(response, { error: { code: '0x80040220', message: 'no longer allowed' } }, 403);
    if (message.startsWith('Initialize')) return sendJson(response, { FileContinuationToken: 't' });
    if (message === 'UploadBlock') return void response.writeHead(204).end();
    // The commit takes effect, and its answer is lost.
    if (message.startsWith('Commit')) return void response.socket?.destroy();
    sendJson(response, { annotationid: id });
  });
  const written = client.writeBody(notes, id, 'documentbody', content(block + 1));
  await expect(written).rejects.toMatchObject({ kind: 'outcome-unknown', table: 'annotation', row: id });
  expect(begun).toBe(2);
});

/** Bytes that live in buffers, after everything unused is thrown away. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** Reads or writes 128 MB as the other side; keeps nothing. */
async function streamLarge(): Promise<{ client: DataverseClient; hash: () => string; size: number }> {
  const size = 128 << 20;
  const hash = createHash('sha256');
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? '';
    const [from = 0, to = 0] = rangeOf(request.headers);
    if (request.method === 'GET' && url.endsWith('$value')) {
      return void response
        .writeHead(206, fileHeaders(size))
        .end(bytesFrom(from, Math.min(to, size - 1) - from + 1));
    }
    if (request.method === 'GET') return sendJson(response, { doc: fileId });
    if (request.headers['x-ms-transfer-mode'] === 'chunked') {
      return void response
        .writeHead(200, {
          location: `http://${request.headers.host}${url}&sessiontoken=t`,
          'x-ms-chunk-size': String(block),
        })
        .end();
    }
    for await (const chunk of request) hash.update(chunk as Buffer);
    response.writeHead(206).end();
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
  const { port } = server.address() as AddressInfo; // a TCP server has a TCP address
  return { client: clientOf(`http://127.0.0.1:${port}`), hash: () => hash.digest('hex'), size };
}

/** A good third of it: the other side's copies, what sockets have read ahead, what is not yet collected. */
const allowance = 12 * block;

test('128 MB are read without holding them', async () => {
  const { client, size } = await streamLarge();
  const before = heldBytes();
  const [hash, expected] = [createHash('sha256'), createHash('sha256')];
  let [most, at, looked] = [0, 0, 0];
  const file = await client.readFile(samples, id, 'doc', fileId);
  for await (const chunk of file!.stream) {
    hash.update(chunk);
    at += chunk.length;
    if (at - looked < block) continue;
    looked = at;
    most = Math.max(most, heldBytes() - before);
  }
  for (let from = 0; from < size; from += block) expected.update(bytesFrom(from, block));
  expect(hash.digest('hex')).toBe(expected.digest('hex'));
  expect(most).toBeLessThan(allowance);
});

test('128 MB are written without holding them', async () => {
  const { client, hash, size } = await streamLarge();
  const before = heldBytes();
  const expected = createHash('sha256');
  let [most, given] = [0, 0];
  await client.writeFile(samples, id, 'doc', {
    ...content(size),
    open: async function* () {
      for (let at = 0; at < size; at += 1 << 20) {
        const bytes = bytesFrom(at, 1 << 20);
        expected.update(bytes);
        given += 1;
        if (given % 4 === 0) most = Math.max(most, heldBytes() - before);
        yield await Promise.resolve(bytes);
      }
    },
  });
  expect(hash()).toBe(expected.digest('hex'));
  expect(most).toBeLessThan(allowance);
});

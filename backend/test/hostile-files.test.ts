import { openClient, type DataverseClient, type NewContent } from '../src/dataverse/index.ts';
import { collect } from '../src/dataverse/files/bytes.ts';
import { sendJson, startService, type HttpService } from './support/http-service.ts';
import { columnWith, tableWith } from './support/table-details.ts';
import { TickingClock } from './support/ticking-clock.ts';

/** Contents by a service, or from a source, that announces one thing and does another. */

const block = 4_194_304;
const id = '00000000-0000-0000-0000-000000000001';
const fileId = '00000000-0000-0000-0000-00000000f11e';
const samples = tableWith('sample', 'samples', [
  columnWith('doc', { kind: 'file' }),
  columnWith('photo', { kind: 'image' }),
]);
const notes = tableWith('annotation', 'annotations', [columnWith('documentbody')]);

const open: HttpService[] = [];
afterEach(async () => {
  for (const service of open.splice(0)) await service.close();
});

async function serve(
  answer: Parameters<typeof startService>[0],
): Promise<{ service: HttpService; client: DataverseClient }> {
  const service = await startService(answer);
  open.push(service);
  const { client } = openClient({
    url: service.url,
    fetch,
    clock: new TickingClock(),
    random: { uuid: () => '', fraction: () => 0 },
    tokens: { token: () => Promise.resolve('t') },
    tries: 3,
  });
  return { service, client };
}

/** Bytes that differ from one place to the next, so that a gap or a repeat shows. */
function bytesFrom(at: number, length: number): Buffer {
  return Buffer.from(
    Uint8Array.from({ length }, (_, index) => ((at + index) * 31 + ((at + index) >> 8)) & 255),
  );
}

const fromOf = (range: string | undefined) => Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);

/** A service that gives the first block as asked, and from then on what `later` says. */
function firstBlockThen(
  size: number,
  later: (from: number) => { status: number; headers: Record<string, string>; body: Buffer },
) {
  return serve((request, response) => {
    if (!request.url.endsWith('$value')) return sendJson(response, { doc: fileId });
    const from = fromOf(request.headers.range);
    const headers = { 'x-ms-file-size': String(size), 'x-ms-file-name': 'a.bin' };
    if (from === 0) return void response.writeHead(206, headers).end(bytesFrom(0, Math.min(size, block)));
    const answer = later(from);
    response.writeHead(answer.status, { ...headers, ...answer.headers }).end(answer.body);
  });
}

const read = async (client: DataverseClient) =>
  collect((await client.readFile(samples, id, 'doc', fileId))!.stream);

test('a service that gives all instead of the range that was asked for is read from the right byte on', async () => {
  const size = block + 1000;
  const { client } = await firstBlockThen(size, () => ({
    status: 200,
    headers: {},
    body: bytesFrom(0, size),
  }));
  expect(Buffer.from(await read(client)).equals(bytesFrom(0, size))).toBe(true);
});

test('a range that begins after the byte that was asked for is refused', async () => {
  const size = block + 1000;
  const { client } = await firstBlockThen(size, (from) => ({
    status: 206,
    headers: { 'content-range': `bytes ${from + 10}-${size - 1}/${size}` },
    body: bytesFrom(from + 10, size - from - 10),
  }));
  await expect(read(client)).rejects.toMatchObject({ kind: 'unexpected-answer' });
});

test('a range that begins before the byte that was asked for is read from the right byte on', async () => {
  const size = block + 1000;
  const { client } = await firstBlockThen(size, (from) => ({
    status: 206,
    headers: { 'content-range': `bytes ${from - 10}-${size - 1}/${size}` },
    body: bytesFrom(from - 10, size - from + 10),
  }));
  expect(Buffer.from(await read(client)).equals(bytesFrom(0, size))).toBe(true);
});

test('a file that is longer than announced is refused, in its first block and in a later one', async () => {
  const size = block + 1000;
  const later = await firstBlockThen(size, (from) => ({
    status: 206,
    headers: {},
    body: bytesFrom(from, 2000),
  }));
  await expect(read(later.client)).rejects.toMatchObject({ kind: 'unexpected-answer' });
  const { client } = await serve((request, response) => {
    if (!request.url.endsWith('$value')) return sendJson(response, { doc: fileId });
    response.writeHead(206, { 'x-ms-file-size': '10' }).end(bytesFrom(0, 20));
  });
  await expect(read(client)).rejects.toMatchObject({ kind: 'unexpected-answer' });
});

test.each(['many', '-1', 'NaN', ''])('a size of "%s" does not cut a file off', async (size) => {
  const { client } = await serve((request, response) => {
    if (!request.url.endsWith('$value')) return sendJson(response, { doc: fileId });
    response.writeHead(206, { 'x-ms-file-size': size }).end(bytesFrom(0, block));
  });
  await expect(read(client)).rejects.toMatchObject({ kind: 'unexpected-answer' });
});

test('where only the range tells the size, all of it is read', async () => {
  const size = block + 1000;
  const { client } = await serve((request, response) => {
    if (!request.url.endsWith('$value')) return sendJson(response, { doc: fileId });
    const from = fromOf(request.headers.range);
    const body = bytesFrom(from, Math.min(block, size - from));
    response.writeHead(206, { 'content-range': `bytes ${from}-${from + body.length - 1}/${size}` }).end(body);
  });
  expect(Buffer.from(await read(client)).equals(bytesFrom(0, size))).toBe(true);
});

test('an image that is shorter than announced is refused', async () => {
  const { client } = await serve(
    (_, response) =>
      void response
        .writeHead(200, { 'x-ms-file-size': '200', 'x-ms-file-name': 'a.png' })
        .end(bytesFrom(0, 100)),
  );
  await expect(client.readImage(samples, id, 'photo')).rejects.toMatchObject({ kind: 'unexpected-answer' });
});

test('a body whose last block is longer than announced is refused', async () => {
  const { client } = await serve((request, response) => {
    if (request.url.includes('Initialize'))
      return sendJson(response, { FileContinuationToken: 't', FileSizeInBytes: 10, FileName: 'a' });
    sendJson(response, { Data: bytesFrom(0, 20).toString('base64') });
  });
  const body = await client.readBody(notes, id, 'documentbody');
  await expect(collect(body!.stream)).rejects.toMatchObject({ kind: 'unexpected-answer' });
});

function content(announced: number, given: number, name = 'a.bin'): NewContent {
  return {
    name,
    mimeType: null,
    bytes: announced,
    open: async function* () {
      yield await Promise.resolve(bytesFrom(0, given));
    },
  };
}

test.each([
  ['fewer', 100, 99],
  ['more', 100, 101],
])('a content with %s bytes than announced replaces nothing', async (_, announced, given) => {
  const { client, service } = await serve((_request, response) => void response.writeHead(204).end());
  const wrong = content(announced, given);
  await expect(client.writeFile(samples, id, 'doc', wrong)).rejects.toThrow('100 bytes');
  await expect(client.writeImage(samples, id, 'photo', wrong)).rejects.toThrow('100 bytes');
  await expect(client.writeBody(notes, id, 'documentbody', wrong)).rejects.toThrow('100 bytes');
  expect(service.seen).toEqual([]);
});

test.each(['0', '-4', 'many', '1.5'])('a block size of "%s" is not taken', async (chunk) => {
  const sent: number[] = [];
  const { client } = await serve((request, response) => {
    if (request.headers['x-ms-transfer-mode'] === 'chunked') {
      const location = `http://${request.headers.host}${request.url}&sessiontoken=t`;
      return void response.writeHead(200, { location, 'x-ms-chunk-size': chunk }).end();
    }
    sent.push(Number(request.headers['content-length']));
    response.writeHead(204).end();
  });
  await client.writeFile(samples, id, 'doc', content(block + 5, block + 5));
  expect(sent).toEqual([block, 5]);
});

test.each(['a\r\nx-evil: 1', '"quoted"; x', 'Angebot für Łódź 🏠.pdf', 'half \ud83c.pdf', ''])(
  'a name of %j goes out as a name and nothing else',
  async (name) => {
    const { client, service } = await serve((_, response) => void response.writeHead(204).end());
    await client.writeFile(samples, id, 'doc', content(3, 3, name));
    const [request] = service.seen;
    expect(request?.headers['x-evil']).toBeUndefined();
    const query = new URL(request?.url ?? '', 'http://x').searchParams;
    expect(query.get('x-ms-file-name')).toBe(name.replace('\ud83c.', '\ufffd.'));
  },
);

test('a content of no bytes is written as one', async () => {
  const { client, service } = await serve((_, response) => void response.writeHead(204).end());
  await client.writeFile(samples, id, 'doc', { ...content(0, 0), open: () => collected([]) });
  expect(service.seen).toMatchObject([{ method: 'PATCH', body: '' }]);
});

async function* collected(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

import { deflateSync } from 'node:zlib';
import { startClient, type Client } from './support/client.ts';

let client: Client;
let sample: string;
beforeAll(async () => {
  client = await startClient();
  const { json } = await client.post(
    'demo_samples',
    { demo_name: 'files' },
    { Prefer: 'return=representation' },
  );
  sample = `demo_samples(${json.demo_sampleid})`;
});
afterAll(() => client.close());

const OCTETS = { 'Content-Type': 'application/octet-stream' };
const target = () => ({
  demo_sampleid: sample.slice(13, -1),
  '@odata.type': 'Microsoft.Dynamics.CRM.demo_sample',
});

async function download(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const { clientId, clientSecret } = client.server.environment.identity;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const { access_token: token } = (await (
    await fetch(client.server.tokenUrl, { method: 'POST', body })
  ).json()) as { access_token: string };
  const response = await fetch(`${client.server.url}/api/data/v9.2/${path}`, {
    headers: { Authorization: `Bearer ${token}`, ...headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

test('an empty file column: 404 0x80040217; an empty image column: 204 [W11] [R10]', async () => {
  expect(await client.get(`${sample}/demo_document/$value`)).toMatchObject({
    status: 404,
    code: '0x80040217',
  });
  expect((await client.get(`${sample}/demo_photo/$value`)).status).toBe(204);
});

test('one request up, whole and ranges down [W11] [R10]', async () => {
  const bytes = Buffer.from('0123456789'.repeat(10));
  const up = await client.call('PATCH', `${sample}/demo_document`, {
    raw: bytes,
    headers: { ...OCTETS, 'x-ms-file-name': 'a.txt' },
  });
  expect(up.status).toBe(204);
  const row = await client.get(`${sample}?$select=demo_document,demo_document_name`);
  expect(row.json.demo_document_name).toBe('a.txt');
  const whole = await download(`${sample}/demo_document/$value`);
  expect(whole.bytes.equals(bytes)).toBe(true);
  expect(whole.headers.get('x-ms-file-size')).toBe('100');
  expect(whole.headers.get('mimetype')).toBe('application/octet-stream');
  const range = await download(`${sample}/demo_document/$value`, { Range: 'bytes=10-14' });
  expect(range).toMatchObject({ status: 206 });
  expect(range.headers.get('x-ms-chunk-size')).toBe('4194304');
  expect(range.bytes.toString()).toBe('01234');
  const wrapped = await client.get(`${sample}/demo_document?size=full`);
  expect(Buffer.from(wrapped.json.value, 'base64').equals(bytes)).toBe(true);
  const attachment = await client.get(`fileattachments(${row.json.demo_document})`);
  expect(attachment.json).toMatchObject({ filename: 'a.txt', regardingfieldname: 'demo_document' });
});

test('chunks: 200 with a session, 206, 204 [W11]', async () => {
  const open = await client.call(
    'PATCH',
    `${sample}/demo_document?x-ms-file-name=${encodeURIComponent('größe.bin')}`,
    {
      headers: { 'x-ms-transfer-mode': 'chunked' },
    },
  );
  expect(open.status).toBe(200);
  expect(open.headers.get('x-ms-chunk-size')).toBe('4194304');
  const send = (from: number, bytes: Buffer) =>
    client.call('PATCH', open.headers.get('location')!, {
      raw: bytes,
      headers: { ...OCTETS, 'Content-Range': `bytes ${from}-${from + bytes.length - 1}/6` },
    });
  expect((await send(0, Buffer.from('abc'))).status).toBe(206);
  expect((await send(5, Buffer.from('x'))).status).toBe(400);
  expect((await send(3, Buffer.from('def'))).status).toBe(204);
  expect((await client.get(`${sample}?$select=demo_document_name`)).json.demo_document_name).toBe(
    'größe.bin',
  );
  expect((await download(`${sample}/demo_document/$value`)).bytes.toString()).toBe('abcdef');
});

test('blocks up and down, each upload with a new id', async () => {
  const before = (await client.get(`${sample}?$select=demo_document`)).json.demo_document;
  const begin = await client.post('InitializeFileBlocksUpload', {
    Target: target(),
    FileAttributeName: 'demo_document',
    FileName: 'b.txt',
  });
  const { FileContinuationToken } = begin.json;
  const ids = ['AAAA', 'BBBB'];
  for (const [at, BlockId] of ids.entries()) {
    const block = { BlockId, BlockData: Buffer.from(`part${at}`).toString('base64'), FileContinuationToken };
    expect((await client.post('UploadBlock', block)).status).toBe(204);
  }
  const done = await client.post('CommitFileBlocksUpload', {
    FileName: 'b.txt',
    MimeType: 'text/plain',
    BlockList: [...ids].reverse(),
    FileContinuationToken,
  });
  expect(done.json).toMatchObject({ FileSizeInBytes: 10 });
  expect(done.json.FileId).not.toBe(before);
  const down = await client.post('InitializeFileBlocksDownload', {
    Target: target(),
    FileAttributeName: 'demo_document',
  });
  expect(down.json).toMatchObject({ FileSizeInBytes: 10, FileName: 'b.txt', IsChunkingSupported: true });
  const block = await client.post('DownloadBlock', {
    Offset: 2,
    BlockLength: 5,
    FileContinuationToken: down.json.FileContinuationToken,
  });
  expect(Buffer.from(block.json.Data, 'base64').toString()).toBe('rt1pa');
});

test('refused: empty, blocked, in JSON [W11]', async () => {
  const send = (name: string, raw: Buffer) =>
    client.call('PATCH', `${sample}/demo_document`, { raw, headers: { ...OCTETS, 'x-ms-file-name': name } });
  expect(await send('a.txt', Buffer.alloc(0))).toMatchObject({ code: '0x80044a04' });
  expect(await send('a.exe', Buffer.from('x'))).toMatchObject({ code: '0x80043e09' });
  expect((await client.patch(sample, { demo_document: null })).status).toBe(400);
});

test('DELETE empties the column', async () => {
  expect((await client.delete(`${sample}/demo_document`)).status).toBe(204);
  expect((await client.get(`${sample}?$select=demo_document,demo_document_name`)).json).toMatchObject({
    demo_document: null,
    demo_document_name: null,
  });
});

/** A picture of one pixel row, enough to be told apart by its signature. */
const png = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  deflateSync(Buffer.from('pixels')),
]);

test('an image reads as its thumbnail; the full one by size=full, where it is kept [W11] [R10]', async () => {
  const body = { demo_photo: png.toString('base64'), demo_drawing: png.toString('base64') };
  expect((await client.patch(sample, body)).status).toBe(204);
  const { json } = await client.get(
    `${sample}?$select=demo_photo,demo_photoid,demo_photo_timestamp,demo_photo_url`,
  );
  expect(json.demo_photo).not.toBe(png.toString('base64'));
  expect(String(json.demo_photo_timestamp)).toMatch(/^\d{18}$/);
  expect((await download(`${sample}/demo_photo/$value?size=full`)).bytes.equals(png)).toBe(true);
  const thumbnail = await download(`${sample}/demo_photo/$value`);
  expect(thumbnail.bytes.toString('base64')).toBe(json.demo_photo);
  expect(thumbnail.headers.get('x-ms-file-size')).toBeNull();
  expect((await client.get(`${sample}/demo_drawing/$value?size=full`)).status).toBe(204);
  const none = await client.post('InitializeFileBlocksDownload', {
    Target: target(),
    FileAttributeName: 'demo_drawing',
  });
  expect(none).toMatchObject({ code: '0x80040217' });
});

test('only the primary image may come with a create [W11]', async () => {
  const image = png.toString('base64');
  expect((await client.post('demo_samples', { demo_name: 'p', demo_photo: image })).status).toBe(204);
  expect(await client.post('demo_samples', { demo_name: 'p', demo_drawing: image })).toMatchObject({
    code: '0x80090487',
  });
  expect(await client.patch(sample, { demo_photo: 'AAAA' })).toMatchObject({ code: '0x80072553' });
});

test('a note body is base64 text below $value, and goes up and down in blocks [R10]', async () => {
  const documentbody = Buffer.from('hello').toString('base64');
  const note = await client.post(
    'annotations',
    { subject: 's', filename: 'h.txt', documentbody },
    { Prefer: 'return=representation' },
  );
  expect(note.json).toMatchObject({ filesize: 5, isdocument: true });
  const text = await client.get(`annotations(${note.json.annotationid})/documentbody/$value`);
  expect(text.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(text.text).toBe(documentbody);
  const Target = { '@odata.type': 'Microsoft.Dynamics.CRM.annotation', subject: 'big', filename: 'big.txt' };
  const begin = await client.post('InitializeAnnotationBlocksUpload', { Target });
  const { FileContinuationToken } = begin.json;
  await client.post('UploadBlock', { BlockId: 'AAAA', BlockData: documentbody, FileContinuationToken });
  const done = await client.post('CommitAnnotationBlocksUpload', {
    Target,
    BlockList: ['AAAA'],
    FileContinuationToken,
  });
  expect(done.json).toMatchObject({ FileSizeInBytes: 5, AnnotationId: expect.any(String) });
  const id = { annotationid: done.json.AnnotationId, '@odata.type': 'Microsoft.Dynamics.CRM.annotation' };
  const down = await client.post('InitializeAnnotationBlocksDownload', { Target: id });
  expect(down.json).toMatchObject({ FileName: 'big.txt', FileSizeInBytes: 5 });
});

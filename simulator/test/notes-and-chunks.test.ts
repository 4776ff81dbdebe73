import { startClient, type Client } from './support/client.ts';
import { create } from './support/rows.ts';

let client: Client;
let sample: string;
beforeAll(async () => {
  client = await startClient();
  sample = (await create(client, 'demo_samples', { demo_name: 'files' })).demo_sampleid;
});
afterAll(() => client.close());

const column = () => `demo_samples(${sample})/demo_document`;
const OCTETS = { 'Content-Type': 'application/octet-stream', 'x-ms-file-name': 'a.bin' };
const base64 = (text: string) => Buffer.from(text).toString('base64');

function setting(values: Record<string, string | number>): void {
  const { database, identity } = client.server.environment;
  const row = database.get('organization', identity.organizationId)!;
  database.put('organization', row.id, { ...row.values, ...values });
}

test('the size of a note is that of its base64 text; blocks may bring more [W11]', async () => {
  const fits = { subject: 's', filename: 'a.txt', documentbody: base64('x'.repeat(75)) };
  const large = { ...fits, documentbody: base64('x'.repeat(78)) };
  setting({ maxuploadfilesize: 100 });
  expect(fits.documentbody).toHaveLength(100);
  const { annotationid } = await create(client, 'annotations', fits);
  expect(await client.post('annotations', large)).toMatchObject({ status: 400, code: '0x80044a02' });
  const path = `annotations(${annotationid})`;
  expect(await client.patch(path, { documentbody: large.documentbody })).toMatchObject({
    code: '0x80044a02',
  });
  const Target = { '@odata.type': 'Microsoft.Dynamics.CRM.annotation', subject: 'big', filename: 'b.txt' };
  const { FileContinuationToken } = (await client.post('InitializeAnnotationBlocksUpload', { Target })).json;
  await client.post('UploadBlock', { BlockId: 'AAAA', BlockData: large.documentbody, FileContinuationToken });
  const done = await client.post('CommitAnnotationBlocksUpload', {
    Target,
    BlockList: ['AAAA'],
    FileContinuationToken,
  });
  expect(done.json).toMatchObject({ FileSizeInBytes: 78 });
  setting({ maxuploadfilesize: 5_242_880 });
});

test('a note keeps its file when other columns change', async () => {
  const row = await create(client, 'annotations', {
    subject: 's',
    filename: 'a.txt',
    documentbody: base64('hello'),
  });
  await client.patch(`annotations(${row.annotationid})`, { subject: 't' });
  const after = (await client.get(`annotations(${row.annotationid})`)).json;
  expect(after).toMatchObject({ isdocument: true, filesize: 5, documentbody: base64('hello') });
});

test('blocked extensions and kinds of content are refused on every way in: 0x80043e09 [W11]', async () => {
  setting({ blockedmimetypes: 'text/x-bad;application/x-bad' });
  const note = (more: Record<string, string>) =>
    client.post('annotations', { documentbody: base64('x'), ...more });
  expect(await note({ filename: 'a.EXE' })).toMatchObject({ status: 400, code: '0x80043e09' });
  expect(await note({ filename: 'a.txt', mimetype: 'text/x-bad' })).toMatchObject({ code: '0x80043e09' });
  const Target = { '@odata.type': 'Microsoft.Dynamics.CRM.demo_sample', demo_sampleid: sample };
  const begin = { Target, FileAttributeName: 'demo_document', FileName: 'a.txt' };
  const { FileContinuationToken } = (await client.post('InitializeFileBlocksUpload', begin)).json;
  await client.post('UploadBlock', { BlockId: 'AAAA', BlockData: base64('x'), FileContinuationToken });
  const commit = {
    FileName: 'a.txt',
    MimeType: 'application/x-bad',
    BlockList: ['AAAA'],
    FileContinuationToken,
  };
  expect(await client.post('CommitFileBlocksUpload', commit)).toMatchObject({ code: '0x80043e09' });
  setting({ blockedmimetypes: '' });
});

test('a file beyond the size of its column is refused: 0x80044a02 [W11]', async () => {
  const table = client.server.environment.schema.table('demo_sample')!;
  const limit = (table.columns.get('demo_document')?.maxSizeKb ?? 0) * 1024;
  const answer = await client.call('PATCH', column(), { raw: Buffer.alloc(limit + 1), headers: OCTETS });
  expect(answer).toMatchObject({ status: 400, code: '0x80044a02' });
});

test('a file larger than a chunk comes down in pieces of 4 MB [W11]', async () => {
  const bytes = Buffer.alloc(5 * 1024 * 1024, 7);
  expect((await client.call('PATCH', column(), { raw: bytes, headers: OCTETS })).status).toBe(204);
  const first = await client.get(`${column()}/$value`, { Range: 'bytes=0-9999999' });
  expect([first.status, first.headers.get('content-length')]).toEqual([206, String(4 * 1024 * 1024)]);
  const last = await client.get(`${column()}/$value`, { Range: `bytes=${4 * 1024 * 1024}-9999999` });
  expect([last.status, last.headers.get('content-length')]).toEqual([206, String(1024 * 1024)]);
});

test('without chunking (customer-held keys) files go whole: ranges, sessions and second blocks are not taken', async () => {
  await client.call('PATCH', column(), { raw: Buffer.from('0123456789'), headers: OCTETS });
  const { environment } = client.server;
  environment.switches = { ...environment.switches, fileChunking: false };
  const whole = await client.get(`${column()}/$value`, { Range: 'bytes=2-4' });
  expect([whole.status, whole.text]).toEqual([200, '0123456789']);
  const opened = await client.call('PATCH', column(), {
    headers: { ...OCTETS, 'x-ms-transfer-mode': 'chunked' },
  });
  expect(opened.status).toBe(400);
  const Target = { '@odata.type': 'Microsoft.Dynamics.CRM.demo_sample', demo_sampleid: sample };
  const begun = await client.post('InitializeFileBlocksDownload', {
    Target,
    FileAttributeName: 'demo_document',
  });
  expect(begun.json).toMatchObject({ IsChunkingSupported: false });
  const { FileContinuationToken } = begun.json;
  const block = (Offset: number, BlockLength: number) =>
    client.post('DownloadBlock', { Offset, BlockLength, FileContinuationToken });
  expect((await block(2, 3)).status).toBe(400);
  expect(Buffer.from((await block(0, 10)).json.Data, 'base64').toString()).toBe('0123456789');
  environment.switches = { ...environment.switches, fileChunking: true };
});

test('attachments of mails share one file; it goes with the last of them', async () => {
  const mail = async () => `/emails(${(await create(client, 'emails', { subject: 'm' })).activityid})`;
  const first = await create(client, 'activitymimeattachments', {
    'objectid_email@odata.bind': await mail(),
    objecttypecode: 'email',
    filename: 'a.txt',
    body: base64('shared'),
  });
  const attachment = `attachments(${first._attachmentid_value})`;
  const second = await create(client, 'activitymimeattachments', {
    'objectid_email@odata.bind': await mail(),
    objecttypecode: 'email',
    'attachmentid@odata.bind': `/${attachment}`,
  });
  expect(second).toMatchObject({ filename: 'a.txt', body: base64('shared'), filesize: 6 });
  await client.delete(`activitymimeattachments(${first.activitymimeattachmentid})`);
  expect((await client.get(attachment)).status).toBe(200);
  await client.delete(`activitymimeattachments(${second.activitymimeattachmentid})`);
  expect((await client.get(attachment)).status).toBe(404);
  expect(await client.post('attachments', { filename: 'x' })).toMatchObject({ code: '0x80040800' });
});

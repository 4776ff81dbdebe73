import { deepEqual, equal, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ClientBench } from './client.ts';

const MEGABYTE = 1024 * 1024;

export async function checkFiles({ checks, client, api }: ClientBench): Promise<void> {
  const id = await api.create('demo_samples', { demo_name: 'With files' });
  const at = { collection: 'demo_samples', key: id, property: 'demo_document' } as const;
  for (const [what, size] of [
    ['a small file', 1000],
    ['a file of several blocks', 9 * MEGABYTE + 17],
  ] as const) {
    const bytes = pattern(size);
    await checks.check(`uploadFile stores ${what}`, async () => {
      await client.uploadFile({ ...at, data: bytes, fileName: 'drawing.bin' });
      equal(digest(await rawFile(api, id)), digest(bytes));
      equal((await api.row(`demo_samples(${id})`)).demo_document_name, 'drawing.bin');
    });
    await checks.check(`downloadFile reads ${what} back, with name and size`, async () => {
      const file = await client.downloadFile(at);
      equal(digest(file.data), digest(bytes));
      deepEqual([file.fileName, file.fileSize], ['drawing.bin', size]);
    });
  }
  await checks.check('deleteRecord of a file column removes the file', async () => {
    await client.deleteRecord(at);
    equal((await api.row(`demo_samples(${id})`)).demo_document, null);
    ok([204, 404].includes((await api.get(`demo_samples(${id})/demo_document/$value`)).status));
  });
}

function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 0xff;
  return bytes;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The file through the block messages, four megabytes at a time. */
async function rawFile(api: ClientBench['api'], id: string): Promise<Buffer> {
  const { json: begun } = await api.call('POST', 'InitializeFileBlocksDownload', {
    body: {
      Target: { '@odata.type': 'Microsoft.Dynamics.CRM.demo_sample', demo_sampleid: id },
      FileAttributeName: 'demo_document',
    },
  });
  const parts: Buffer[] = [];
  for (let offset = 0; offset < begun.FileSizeInBytes; offset += 4 * MEGABYTE) {
    const { json: block } = await api.call('POST', 'DownloadBlock', {
      body: {
        Offset: offset,
        BlockLength: 4 * MEGABYTE,
        FileContinuationToken: begun.FileContinuationToken,
      },
    });
    parts.push(Buffer.from(block.Data, 'base64'));
  }
  return Buffer.concat(parts);
}

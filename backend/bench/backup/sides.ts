import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import pLimit from 'p-limit';
import { backUpNow } from '../../src/jobs/backups.ts';
import { openEnvironment, openStorage } from '../../src/jobs/open.ts';
import { annotations } from '../pages/job.ts';
import { linkAtEnd } from '../pages/link-at-end.ts';
import { clock, random } from '../../test/support/world.ts';
import { pageSize, type BenchTable, type SideJob, type SideName, type SideResult } from './job.ts';

type Work = Pick<SideResult, 'rows' | 'requests' | 'bytes'>;

export const sides: Readonly<Record<SideName, (job: SideJob) => Promise<Work>>> = {
  rowback,
  discard: (job) => readAll(job, () => Promise.resolve(0)),
  exporter,
};

async function rowback({ settings, tables }: SideJob): Promise<Work> {
  const storage = await openStorage(settings);
  await storage.create();
  const [configured] = settings.environments;
  if (configured === undefined) throw new Error('the settings name one environment');
  const policy = { ...configured.policy, include: tables.map(({ name }) => name) };
  const ports = { fetch, clock, random, variables: {} };
  const environment = await openEnvironment({ ...configured, policy }, storage, ports);
  const result = await backUpNow(environment, { trigger: 'manual' });
  const broken = result.tables.filter(({ status, errors }) => status !== 'complete' || errors.length > 0);
  if (broken.length > 0) throw new Error(`the backup is not whole: ${JSON.stringify(broken)}`);
  await environment.close();
  storage.close();
  const rows = result.tables.reduce((sum, { put }) => sum + put, 0);
  return { rows, requests: result.progress.requests, bytes: result.progress.bytes };
}

const blockBytes = 64 * 1024 * 1024;
const compress = promisify(gzip);

async function exporter(job: SideJob): Promise<Work> {
  const container = await newContainer(job);
  const blocks = new Map<string, { lines: string[]; bytes: number; count: number }>();
  const write = async (table: string): Promise<number> => {
    const block = blocks.get(table);
    if (block === undefined || block.bytes === 0) return 0;
    const body = await compress(block.lines.join(''), { level: 6 });
    blocks.set(table, { lines: [], bytes: 0, count: block.count + 1 });
    await container.getBlockBlobClient(`${table}-${block.count}.ndjson.gz`).uploadData(body);
    return body.length;
  };
  const work = await readAll(job, async (rows, table, isLast) => {
    const block = blocks.get(table) ?? { lines: [], bytes: 0, count: 0 };
    blocks.set(table, block);
    for (const row of rows) {
      const line = `${JSON.stringify(row)}\n`;
      block.lines.push(line);
      block.bytes += line.length;
    }
    return block.bytes >= blockBytes || isLast ? write(table) : 0;
  });
  return work;
}

async function newContainer({ settings }: SideJob): Promise<ContainerClient> {
  const service = BlobServiceClient.fromConnectionString(settings.storage);
  const container = service.getContainerClient(settings.container);
  await container.createIfNotExists();
  return container;
}

type TakePage = (rows: readonly unknown[], table: string, isLast: boolean) => Promise<number>;

/** Follows each table's links. Who only throws pages away does not even parse them. */
async function readAll(job: SideJob, take: TakePage): Promise<Work> {
  const atOnce = pLimit(job.atOnce);
  const parses = job.side === 'exporter';
  const works = await Promise.all(
    job.tables.map((table) => atOnce(() => readTable(job, table, take, parses))),
  );
  return works.reduce((sum, one) => ({
    rows: sum.rows + one.rows,
    requests: sum.requests + one.requests,
    bytes: sum.bytes + one.bytes,
  }));
}

async function readTable(job: SideJob, table: BenchTable, take: TakePage, parses: boolean): Promise<Work> {
  const [environment] = job.settings.environments;
  const headers = {
    authorization: `Bearer ${job.token}`,
    accept: 'application/json',
    prefer: `odata.track-changes,odata.maxpagesize=${pageSize},odata.include-annotations="${annotations}"`,
  };
  let url: string | undefined =
    `${environment?.url ?? ''}/api/data/v9.2/${table.entitySet}?$select=${table.properties.join(',')}`;
  const work = { rows: 0, requests: 0, bytes: 0 };
  while (url !== undefined) {
    const response: Response = await fetch(url, { headers });
    if (!response.ok) throw new Error(`${table.name}: ${response.status} ${await response.text()}`);
    work.requests += 1;
    if (parses) {
      // A page of an OData collection.
      const page = JSON.parse(await response.text()) as { value: unknown[]; '@odata.nextLink'?: string };
      url = page['@odata.nextLink'];
      work.rows += page.value.length;
      work.bytes += await take(page.value, table.name, url === undefined);
    } else {
      url = await linkAtEnd(response);
    }
  }
  return parses ? work : { ...work, rows: table.rows };
}

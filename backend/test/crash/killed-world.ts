import { BlobServiceClient } from '@azure/storage-blob';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUpNow } from '../../src/jobs/backups.ts';
import { fileTableName } from '../../src/vault/index.ts';
import { verifyVault } from '../../src/verify/index.ts';
import { runProcess, writeConfiguration, type Ran } from '../support/rowback-process.ts';
import { startWorld } from '../support/world.ts';
import { openCounter, startProxy, type Death } from './counting-proxy.ts';

/** One of each kind: activity with parties, intersect, elastic, without change tracking, files and images, standard. */
const tables = ['appointment', 'contactleads', 'demo_event', 'demo_journal', 'demo_reading', 'demo_sample'];

/** Rows and hash of each table, computed anew from the blobs. */
export type Contents = Readonly<Record<string, { readonly rows: number; readonly hash: string }>>;

/** Environment and storage as processes, and the command line as processes that are killed. */
export interface KilledWorld {
  /** `rowback backup`, killed at the call that `death` names; gives how many calls it made and which was its last. */
  backUp(container: string, death: Death | null): Promise<{ calls: number; diedAt: string | null; ran: Ran }>;
  /** Changes, deletes and makes rows and a file. */
  change(text: string): Promise<void>;
  /** Throws when verify finds damage, every byte read. */
  verified(container: string): Promise<Contents>;
  /** The environment as a first backup sees it that nobody disturbs. */
  undisturbed(): Promise<Contents>;
  newContainer(): string;
  stop(): Promise<void>;
}

export async function startKilledWorld(): Promise<KilledWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'rowback-crash-'));
  const world = await startWorld(['--special-tables']);
  const counter = openCounter();
  const { url, tokenEndpoint } = world.settings.environments[0] ?? { url: '', tokenEndpoint: null };
  const blobEndpoint = /BlobEndpoint=([^;]+)/.exec(world.settings.storage)?.[1] ?? '';
  const service = await startProxy(url, counter);
  const blobs = await startProxy(blobEndpoint, counter);
  const storage = world.settings.storage.replace(new URL(blobEndpoint).origin, blobs.url);
  const environment = {
    url: service.url,
    tokenEndpoint: tokenEndpoint?.replace(url, service.url),
    policy: { tables: { include: tables } },
  };
  const open = (container: string) => world.open({ container, policy: { include: tables } });
  let containers = 0;
  /** Of the environment since its last change. */
  let asItIs: Contents | null = null;
  const newContainer = (): string => `crash${(containers += 1)}`;

  async function verified(container: string): Promise<Contents> {
    const opened = await open(container);
    try {
      const { findings, states } = await verifyVault(opened.environment.vault, { readData: true });
      const damage = findings.filter(({ severity }) => severity === 'damage');
      if (damage.length > 0) throw new Error(`verify found damage: ${JSON.stringify(damage, null, 2)}`);
      // Of contents the rows' own hashes tell; their table also keeps what is past.
      const shown = states.filter(({ table }) => table !== fileTableName);
      return Object.fromEntries(shown.map(({ table, rows, hash }) => [table, { rows, hash }]));
    } finally {
      await opened.close();
    }
  }

  return {
    newContainer,
    verified,
    async backUp(container, death) {
      const config = writeConfiguration(world, folder, { container, storage, environment });
      const dying = new AbortController();
      counter.arm(death, () => dying.abort());
      const died = new Promise<void>((resolve) => dying.signal.addEventListener('abort', () => resolve()));
      const args = ['backup', '--config', config, '--json'];
      const ran = await runProcess(args, { after: () => died, signal: 'SIGKILL' });
      const { count, diedAt } = counter;
      if (diedAt !== null) await endLeases(world.settings.storage, container);
      return { calls: count, diedAt, ran };
    },
    async undisturbed() {
      if (asItIs !== null) return asItIs;
      const container = newContainer();
      const opened = await open(container);
      await backUpNow(opened.environment, { trigger: 'manual' });
      await opened.close();
      asItIs = await verified(container);
      return asItIs;
    },
    async change(text) {
      const { outsider } = world;
      asItIs = null;
      const idsOf = async (set: string, id: string): Promise<string[]> => {
        const rows = (await outsider.get(`${set}?$select=${id}`))['value'] as Record<string, string>[];
        return rows.map((row) => row[id] ?? '');
      };
      const [changed, deleted] = await idsOf('demo_samples', 'demo_sampleid');
      await outsider.send('PATCH', `demo_samples(${changed})`, { demo_name: text }, { 'if-match': '*' });
      await outsider.send('PUT', `demo_samples(${changed})/demo_document`, Buffer.from(text), {
        'content-type': 'application/octet-stream',
        'x-ms-file-name': 'a.txt',
      });
      await outsider.send('DELETE', `demo_samples(${deleted})`);
      await outsider.send('POST', 'demo_samples', { demo_name: text });
      const [journal] = await idsOf('demo_journals', 'demo_journalid');
      await outsider.send('PATCH', `demo_journals(${journal})`, { demo_name: text }, { 'if-match': '*' });
    },
    async stop() {
      await service.close();
      await blobs.close();
      await world.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a killed process leaves held for half a minute is let go at once: nobody has the time to wait each time. */
async function endLeases(storage: string, container: string): Promise<void> {
  const control = BlobServiceClient.fromConnectionString(storage).getContainerClient(`${container}-control`);
  if (!(await control.exists())) return;
  for await (const { name, properties } of control.listBlobsFlat({ prefix: 'leases/' }))
    if (properties.leaseState === 'leased')
      await control.getBlobClient(name).getBlobLeaseClient().breakLease(0);
}

import { type BlobClient, BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Environment } from '../src/jobs/environment.ts';
import { runProcess, writeConfiguration, type Ran } from './support/rowback-process.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rowback-kill-'));
  world = await startWorld();
}, 120_000);
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Of each kind one: what is proven of few tables holds of many, and there are dozens of runs. */
const tables = ['account', 'annotation', 'businessunit', 'demo_event', 'demo_event_contact', 'demo_sample'];

let containers = 0;
const newContainer = (): string => `killed${(containers += 1)}`;

async function inVault<R>(container: string, work: (environment: Environment) => Promise<R>): Promise<R> {
  const opened = await world.open({ container, policy: { include: tables } });
  try {
    return await work(opened.environment);
  } finally {
    await opened.close();
  }
}

async function leaseOf(container: string): Promise<BlobClient> {
  const id = await inVault(container, (environment) => Promise.resolve(environment.environmentId));
  return BlobServiceClient.fromConnectionString(world.settings.storage)
    .getContainerClient(`${container}-control`)
    .getBlobClient(`leases/${id}/backup`);
}

/** What a killed process leaves held for half a minute is let go at once: the test has no time to wait each time. */
async function letLeaseGo(container: string): Promise<void> {
  const lease = await leaseOf(container);
  // There is none where the process was killed too early, or came to its end.
  await lease
    .getBlobLeaseClient()
    .breakLease(0)
    .catch(() => undefined);
}

/** A backup is under way. */
async function begun(container: string): Promise<void> {
  const lease = await leaseOf(container);
  for (;;) {
    if ((await lease.exists()) && (await lease.getProperties()).leaseState === 'leased') return;
    await sleep(20);
  }
}

/** Every table's rows and values as one hash, computed anew from the blobs. */
function contentsOf(container: string): Promise<Record<string, { rows: number; hash: string }>> {
  return inVault(container, async ({ vault }) => {
    const snapshot = await vault.snapshots.resolve({ kind: 'latest' });
    const tables = await vault.snapshots.tablesAt(snapshot);
    const files = tables.get('rowback_file')?.throughSeq ?? 0;
    const contents: Record<string, { rows: number; hash: string }> = {};
    for (const [folderName, { throughSeq, rowCount, tableHash, status }] of tables) {
      if (folderName === 'rowback_file') continue;
      const hash = await vault.hashes.at(folderName, throughSeq, files);
      expect({ folderName, hash, status }).toEqual({ folderName, hash: tableHash, status: 'complete' });
      contents[folderName] = { rows: rowCount, hash };
    }
    return contents;
  });
}

let known: Promise<Record<string, { rows: number; hash: string }>> | null = null;

/** The environment as a backup sees it that nobody disturbs; looked at anew after rows were changed. */
function undisturbed(): Promise<Record<string, { rows: number; hash: string }>> {
  known ??= backUpUndisturbed();
  return known;
}

async function backUpUndisturbed(): Promise<Record<string, { rows: number; hash: string }>> {
  const container = newContainer();
  await inVault(container, (environment) => backUpNow(environment, { trigger: 'manual' }));
  return contentsOf(container);
}

async function changeRows(text: string): Promise<void> {
  known = null;
  const answer = await world.outsider.get('accounts?$select=accountid&$top=30');
  const rows = answer['value'] as { accountid: string }[];
  for (const { accountid } of rows)
    await world.outsider.send('PATCH', `accounts(${accountid})`, { description: text }, { 'if-match': '*' });
  await world.outsider.send('POST', 'annotations', {
    subject: text,
    filename: 'a.txt',
    mimetype: 'text/plain',
    documentbody: Buffer.from(text).toString('base64'),
  });
}

/** Spread over a run, the earliest ones before it has signed in. A failing run tells when it was killed. */
const moments = (count: number, untilMs: number): number[] =>
  Array.from({ length: count }, (_, index) => 400 + ((index + Math.random()) * untilMs) / count);

async function killAt(afterMs: number, args: readonly string[]): Promise<void> {
  const ran = await runProcess(args, { after: () => sleep(afterMs), signal: 'SIGKILL' });
  if (ran.exitCode !== null) expect({ afterMs, ran }).toMatchObject({ ran: { exitCode: 0 } });
}

test('a backup that is killed again and again ends as one that never was', async () => {
  const container = newContainer();
  const config = writeConfiguration(world, folder, { container, include: tables });
  const killed = moments(6, 4000);
  for (const afterMs of killed) {
    await killAt(afterMs, ['backup', '--config', config]);
    await letLeaseGo(container);
  }
  for (const [round, afterMs] of moments(4, 3000).entries()) {
    await changeRows(`round ${round}`);
    await killAt(afterMs, ['backup', '--config', config]);
    await letLeaseGo(container);
  }
  const last = await runProcess(['backup', '--config', config, '--json']);
  expect(last).toMatchObject({ exitCode: 0 });
  expect(await contentsOf(container)).toEqual(await undisturbed());
}, 300_000);

test('a backend that is killed while it backs up leaves no gap either', async () => {
  const container = newContainer();
  const config = writeConfiguration(world, folder, { container, include: tables, every: '1s' });
  for (const [round, afterMs] of moments(3, 5000).entries()) {
    await changeRows(`served ${round}`);
    await killAt(afterMs, ['serve', '--config', config]);
    await letLeaseGo(container);
  }
  // Refused for half a minute: the run that was killed may have other workers.
  let last = await runProcess(['backup', '--config', config]);
  while (last.exitCode === 4) {
    await sleep(2000);
    last = await runProcess(['backup', '--config', config]);
  }
  expect(last).toMatchObject({ exitCode: 0 });
  expect(await contentsOf(container)).toEqual(await undisturbed());
}, 300_000);

test('after a kill the next backup is refused for less than a minute, and says so', async () => {
  const container = newContainer();
  const config = writeConfiguration(world, folder, { container, include: tables });
  await runProcess(['backup', '--config', config], { after: () => begun(container), signal: 'SIGKILL' });
  const killedAt = performance.now();
  let ran: Ran = await runProcess(['backup', '--config', config, '--json']);
  expect(ran.exitCode).toBe(4);
  expect(JSON.parse(ran.out)).toMatchObject({
    code: 'backup-running',
    data: { error: { hint: expect.stringContaining('minute') } },
  });
  let startedAt = killedAt;
  while (ran.exitCode === 4) {
    startedAt = performance.now();
    ran = await runProcess(['backup', '--config', config]);
  }
  expect(ran.exitCode).toBe(0);
  expect(startedAt - killedAt).toBeLessThan(60_000);
  expect(await contentsOf(container)).toEqual(await undisturbed());
}, 300_000);

test('Ctrl-C ends a backup in order: 130, no lock left, and the next one goes on', async () => {
  const container = newContainer();
  const config = writeConfiguration(world, folder, { container, include: tables });
  const ran = await runProcess(['backup', '--config', config, '--json'], {
    after: () => begun(container),
    signal: 'SIGINT',
  });
  expect(ran.exitCode).toBe(130);
  expect(JSON.parse(ran.out)).toMatchObject({ ok: false, code: 'interrupted' });
  expect(await runProcess(['backup', '--config', config])).toMatchObject({ exitCode: 0 });
  expect(await contentsOf(container)).toEqual(await undisturbed());
}, 120_000);

test('two backups at once: one runs, the other is refused', async () => {
  const container = newContainer();
  const config = writeConfiguration(world, folder, { container, include: tables });
  const both = await Promise.all([0, 1].map(() => runProcess(['backup', '--config', config, '--json'])));
  expect(both.map(({ exitCode }) => exitCode).sort()).toEqual([0, 4]);
  expect(await contentsOf(container)).toEqual(await undisturbed());
}, 120_000);

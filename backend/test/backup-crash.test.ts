import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Values } from '../src/base/value.ts';
import { columnsToRead } from '../src/backup/columns.ts';
import { backUpNow, planOf } from '../src/jobs/backups.ts';
import type { Environment } from '../src/jobs/environment.ts';
import type { Storage } from '../src/jobs/open.ts';
import { canonicalText, fileTableName, keyOf } from '../src/vault/index.ts';
import { verifyVault } from '../src/verify/index.ts';
import { copyOf, emptyStorage, recording, storageAt, type Moment } from './support/moments.ts';
import { startWorld, type World } from './support/world.ts';

/**
 * A backup of six small tables, one of each kind, dies at each of its calls in turn. Whatever it left behind, the next
 * run leaves a vault that verify finds sound and that equals the environment.
 */
const tables = ['appointment', 'contactleads', 'demo_event', 'demo_journal', 'demo_reading', 'demo_sample'];

let world: World;
beforeAll(async () => {
  world = await startWorld(['--special-tables'], 'memory');
  // A handful of rows of each kind is enough, and each is read hundreds of times.
  await keepOnly('demo_samples', 'demo_sampleid', 3);
  await keepOnly('appointments', 'activityid', 3);
}, 120_000);
afterAll(() => world.stop());

async function keepOnly(set: string, id: string, count: number): Promise<void> {
  const answer = await world.outsider.get(`${set}?$select=${id}`);
  const rows = answer['value'] as Record<string, string>[];
  for (const row of rows.slice(count)) await world.outsider.send('DELETE', `${set}(${row[id]})`);
}

async function newStorage(): Promise<Storage> {
  const opened = await world.open({ container: 'empty' });
  await opened.close();
  return emptyStorage(opened.storage);
}

async function backUpIn(storage: Storage): Promise<void> {
  const { environment } = await world.open({ storage, policy: { include: tables } });
  await backUpNow(environment, { trigger: 'manual' });
  await environment.close();
}

/** The run after it, and what must be true then. */
async function expectWhole(storage: Storage, contents: ReadonlyMap<string, string>): Promise<void> {
  const { environment } = await world.open({ storage, policy: { include: tables } });
  const result = await backUpNow(environment, { trigger: 'manual' });
  expect(result.tables.filter(({ status, errors }) => status !== 'complete' || errors.length > 0)).toEqual(
    [],
  );
  const { findings } = await verifyVault(environment.vault, { readData: true });
  expect(findings.filter(({ severity }) => severity === 'damage')).toEqual([]);
  await expectEqual(environment, contents);
  await environment.close();
}

async function expectEqual(environment: Environment, contents: ReadonlyMap<string, string>): Promise<void> {
  const { vault, client } = environment;
  const newest = await vault.snapshots.resolve({ kind: 'latest' });
  const named = await vault.snapshots.tablesAt(newest);
  const plan = await planOf(environment);
  expect(plan.tables.map(({ table }) => table)).toEqual(tables);
  for (const { table, schema, details } of plan.tables) {
    const meaningOf = (values: Values) =>
      schema.columns.map((column) => {
        const value = values[column.name] ?? null;
        // Of a file or an image the id is compared here, and its content below.
        const text = value === null ? null : JSON.stringify(value);
        return `${column.name}=${canonicalText(column, value, text)}`;
      });
    const inVault = new Map<string, string[]>();
    for await (const { key, values } of vault.table(table).scan(named.get(table)?.throughSeq ?? 0))
      inVault.set(key, meaningOf(values));
    const inService = new Map<string, string[]>();
    for await (const event of client.readAll(details, columnsToRead(schema)))
      if (event.kind === 'row') inService.set(keyOf(schema, event.values), meaningOf(event.values));
    expect({ table, rows: inVault }).toEqual({ table, rows: inService });
  }
  const stored = new Map<string, string | null>();
  const lines = await vault.files.contentsOf('demo_sample', 'all', named.get(fileTableName)?.throughSeq ?? 0);
  for (const line of lines)
    if (contents.has(`${line.key} ${line.column}`)) stored.set(`${line.key} ${line.column}`, line.sha256);
  expect(stored).toEqual(contents);
}

/** What files there are, by row and column, past all of our code. */
async function filesInService(): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  const answer = await world.outsider.get('demo_samples?$select=demo_sampleid,demo_document,demo_drawing');
  for (const row of answer['value'] as Record<string, string | null>[])
    for (const column of ['demo_document', 'demo_drawing']) {
      if (row[column] === null || row[column] === undefined) continue;
      const file = await world.outsider.send('GET', `demo_samples(${row['demo_sampleid']})/${column}/$value`);
      const bytes = Buffer.from(await file.arrayBuffer());
      contents.set(`${row['demo_sampleid']} ${column}`, createHash('sha256').update(bytes).digest('hex'));
    }
  return contents;
}

/** A run that dies at each call in turn, and the run after it. Gives the moments and how many calls there were. */
async function dieEverywhere(base: Storage): Promise<{ readonly moments: number; readonly calls: number }> {
  const contents = await filesInService();
  expect(contents.size).toBeGreaterThan(0);
  const { storage, moments, calls } = recording(await copyOf(base));
  const known = await copyOf(base);
  await backUpIn(storage);
  for (const moment of moments) {
    const left = await storageAt(storage, await withAll(known, moment));
    await expectWhole(left, contents).catch((error: unknown) => {
      throw new Error(`after a death right after "${moment.after}"`, { cause: error });
    });
  }
  return { moments: moments.length, calls: calls() };
}

/** A recording knows what it saw: what was there before belongs to every moment. */
async function withAll(known: Storage, moment: Moment): Promise<Pick<Moment, 'blobs' | 'marks'>> {
  const blobs = new Set(moment.blobs);
  for await (const { name } of known.store.list('')) blobs.add(name);
  const marks = new Map(moment.marks);
  for await (const name of known.control.listMarks(''))
    if (!marks.has(name)) marks.set(name, await known.control.readMark(name));
  return { blobs, marks };
}

describe('a backup that dies at any call is made whole by the next one', () => {
  test('the first one of an environment', async () => {
    const { moments, calls } = await dieEverywhere(await newStorage());
    expect(moments).toBeGreaterThan(30);
    expect(calls).toBeGreaterThan(moments);
  }, 600_000);

  test('one that captures changes, deletes and a new file', async () => {
    const before = await newStorage();
    await backUpIn(before);
    const answer = await world.outsider.get('demo_samples?$select=demo_sampleid');
    const [one, two] = (answer['value'] as { demo_sampleid: string }[]).map((row) => row.demo_sampleid);
    await world.outsider.send('PATCH', `demo_samples(${one})`, { demo_name: 'Changed' }, { 'if-match': '*' });
    await world.outsider.send('PATCH', `demo_samples(${one})/demo_document`, Buffer.from('another file'), {
      'content-type': 'application/octet-stream',
      'x-ms-file-name': 'another.txt',
    });
    await world.outsider.send('DELETE', `demo_samples(${two})`);
    const events = (await world.outsider.get('demo_events?$select=demo_eventid'))['value'];
    const [event] = events as { demo_eventid: string }[];
    await world.outsider.send('DELETE', `demo_events(${event?.demo_eventid})`);
    const { moments } = await dieEverywhere(before);
    expect(moments).toBeGreaterThan(8);
  }, 600_000);
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import type { Values } from '../src/base/value.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Caller } from '../src/jobs/environment.ts';
import { planRestore, runRestore } from '../src/jobs/restores.ts';
import { startWorld, type OpenedWorld, type World } from './support/world.ts';

let world: World;
let opened: OpenedWorld;
const operator: Caller = { kind: 'operator', name: 'test' };

beforeAll(async () => {
  world = await startWorld([], 'memory');
  opened = await world.open({
    policy: { include: ['account', 'annotation', 'demo_sample', 'email', 'sla', 'businessunit'] },
  });
  await backUpNow(opened.environment, { trigger: 'manual' });
}, 120_000);
afterAll(async () => {
  await opened?.close();
  await world?.stop();
});

const backUp = () => backUpNow(opened.environment, { trigger: 'manual' });

async function inVault(table: string, id: string): Promise<Values | null> {
  const { vault } = opened.environment;
  const snapshot = await vault.snapshots.resolve({ kind: 'latest' });
  const at = await vault.snapshots.tableAt(snapshot, table);
  const version = await vault.table(table).at(id, at?.throughSeq ?? 0);
  return version?.op === 'put' ? version.values : null;
}

async function create(set: string, row: object): Promise<string> {
  const response = await world.outsider.send('POST', set, row);
  return /\(([0-9a-f-]{36})\)/.exec(response.headers.get('odata-entityid') ?? '')?.[1] ?? '';
}

const live = async (set: string, id: string, column: string) =>
  (await world.outsider.get(`${set}(${id})?$select=${column}`))[column];

test('half a character costs that character and a warning, not the row and not its table', async () => {
  const half = await create('accounts', { name: 'cut \ud83d here' });
  const whole = await create('accounts', {
    name: 'whole 😀 “quoted” \'single\' "double" \\ \u0000\u001f\u2028 end',
  });
  const result = await backUp();
  const account = result.tables.find(({ table }) => table === 'account');
  expect(account).toMatchObject({ status: 'complete', put: 2, errors: [] });
  expect(account?.warnings.join()).toContain(half);
  expect(account?.warnings.join()).toContain('name');
  expect(await inVault('account', half)).toMatchObject({ name: 'cut \ufffd here' });
  expect((await inVault('account', whole))?.['name']).toBe(await live('accounts', whole, 'name'));
});

test('a megabyte of text comes back to the letter', async () => {
  const id = await create('emails', { subject: 'long', description: 'ü€😀x'.repeat(180_000) });
  const long = await live('emails', id, 'description');
  expect(String(long).length).toBeGreaterThan(800_000);
  const { snapshot } = await backUp();
  expect((await inVault('email', id))?.['description']).toBe(long);
  await world.outsider.send('PATCH', `emails(${id})`, { description: 'short' }, { 'if-match': '*' });
  await backUp();
  const planned = await planRestore(
    opened.environment,
    { table: 'email', id, at: snapshot?.id ?? '', overwrite: false },
    operator,
  );
  expect(await runRestore(opened.environment, planned.plan.id, operator)).toMatchObject({ status: 'done' });
  expect(await live('emails', id, 'description')).toBe(long);
});

test('an emptied text, a text of blanks and no text stay what they are', async () => {
  const id = await create('accounts', { name: ' ', description: '', telephone1: null });
  await backUp();
  for (const column of ['name', 'description', 'telephone1'])
    expect((await inVault('account', id))?.[column] ?? null).toBe(await live('accounts', id, column));
});

test.each([
  ['one byte', 1],
  ['32 MB, the most its column takes', 32 * 1024 * 1024],
])(
  'a file of %s goes and comes back',
  async (_what, size) => {
    const id = await create('demo_samples', { demo_name: `file of ${size}` });
    const bytes = randomBytes(size);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await upload(id, bytes);
    const result = await backUp();
    expect(result.tables.find(({ table }) => table === 'demo_sample')).toMatchObject({
      status: 'complete',
      filesPending: 0,
      errors: [],
    });
    await world.outsider.send('DELETE', `demo_samples(${id})`);
    await backUp();
    const planned = await planRestore(
      opened.environment,
      { table: 'demo_sample', id, overwrite: false },
      operator,
    );
    expect(await runRestore(opened.environment, planned.plan.id, operator)).toMatchObject({ status: 'done' });
    const back = await world.outsider.send('GET', `demo_samples(${id})/demo_document/$value`);
    expect(
      createHash('sha256')
        .update(Buffer.from(await back.arrayBuffer()))
        .digest('hex'),
    ).toBe(sha256);
  },
  120_000,
);

/** In blocks, as large as the service asks for. */
async function upload(id: string, bytes: Buffer): Promise<void> {
  const path = `demo_samples(${id})/demo_document`;
  const named = { 'x-ms-file-name': 'odd.bin', 'content-type': 'application/octet-stream' };
  const begun = await world.outsider.send('PATCH', path, undefined, {
    'x-ms-transfer-mode': 'chunked',
    'x-ms-file-name': 'odd.bin',
  });
  const size = Number(begun.headers.get('x-ms-chunk-size'));
  const location = begun.headers.get('location') ?? '';
  for (let at = 0; at < bytes.length; at += size) {
    const block = bytes.subarray(at, at + size);
    await world.outsider.send('PATCH', location, new Uint8Array(block), {
      ...named,
      'content-range': `bytes ${at}-${at + block.length - 1}/${bytes.length}`,
    });
  }
}

test('a table without rows is complete and empty', async () => {
  const { vault } = opened.environment;
  const snapshot = await vault.snapshots.resolve({ kind: 'latest' });
  expect(await vault.snapshots.tableAt(snapshot, 'sla')).toMatchObject({
    status: 'complete',
    rowCount: 0,
    tableHash: '0'.repeat(64),
  });
});

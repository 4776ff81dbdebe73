import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { leaseLost } from '../src/backup/errors.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Caller, Environment } from '../src/jobs/environment.ts';
import { planRestore, runRestore } from '../src/jobs/restores.ts';
import { startWorld, type OpenedWorld, type World } from './support/world.ts';

const policy = { include: ['account', 'annotation', 'businessunit', 'contact'] };
const operator: Caller = { kind: 'operator', name: 'test' };

let world: World;
let opened: OpenedWorld;
let ids: string[];
let snapshot: string;

beforeAll(async () => {
  world = await startWorld([], 'memory');
  opened = await world.open({ policy });
  const backup = await backUpNow(opened.environment, { trigger: 'manual' });
  snapshot = backup.snapshot?.id ?? '';
  const answer = await world.outsider.get('accounts?$select=accountid');
  ids = (answer['value'] as { accountid: string }[]).map(({ accountid }) => accountid);
}, 120_000);
afterAll(async () => {
  await opened?.close();
  await world?.stop();
});

const next = (): string => {
  const id = ids.shift();
  if (id === undefined) throw new Error('the environment has too few accounts');
  return id;
};
const save = (id: string, columns: object) =>
  world.outsider.send('PATCH', `accounts(${id})`, columns, { 'if-match': '*' });
const live = (id: string) => world.outsider.get(`accounts(${id})?$select=name,fax`);
const planOf = (environment: Environment, id: string) =>
  planRestore(
    environment,
    { table: 'account', id, at: snapshot, columns: ['name', 'fax'], overwrite: false },
    operator,
  );

/** The same service, from a day on which it no longer has this column. */
function withoutColumn(name: string): { fetch: typeof fetch; drop: () => void } {
  let dropped = false;
  const send: typeof fetch = async (input, init) => {
    const url = decodeURIComponent(input instanceof Request ? input.url : String(input));
    const response = await fetch(input, init);
    if (!dropped || !url.includes('EntityDefinitions') || !response.ok) return response;
    const keep = (value: unknown): unknown => {
      if (Array.isArray(value))
        return value
          .filter((item) => (item as { LogicalName?: string } | null)?.LogicalName !== name)
          .map(keep);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keep(inner)]));
    };
    return new Response(JSON.stringify(keep(await response.json())), response);
  };
  return { fetch: send, drop: () => (dropped = true) };
}

test('a row that is deleted between plan and run is not made anew', async () => {
  const id = next();
  await save(id, { name: 'bad' });
  const planned = await planOf(opened.environment, id);
  await world.outsider.send('DELETE', `accounts(${id})`);
  const ran = await runRestore(opened.environment, planned.plan.id, operator);
  expect(ran.result?.rows).toMatchObject([{ kind: 'kept', code: 'changed-after-plan' }]);
  await expect(live(id)).rejects.toThrow('404');
});

test('a row that is saved between plan and run keeps what was saved', async () => {
  const id = next();
  await save(id, { name: 'bad' });
  const planned = await planOf(opened.environment, id);
  await save(id, { fax: '42' });
  const ran = await runRestore(opened.environment, planned.plan.id, operator);
  expect(ran.result?.rows).toMatchObject([{ kind: 'kept', code: 'changed-after-plan' }]);
  expect(await live(id)).toMatchObject({ name: 'bad', fax: '42' });
});

test('a column that is dropped after the backup is not written, and the others come back', async () => {
  const id = next();
  const { name } = await live(id);
  await save(id, { name: 'bad', fax: '42' });
  const service = withoutColumn('fax');
  const other = await world.open({ policy, fetch: service.fetch });
  service.drop();
  const planned = await planOf(other.environment, id);
  const ran = await runRestore(other.environment, planned.plan.id, operator);
  await other.close();
  const columns = Object.fromEntries(
    planned.plan.rows[0]?.columns.map((column) => [column.name, column.decision]) ?? [],
  );
  expect(columns).toMatchObject({ name: 'restore', fax: 'cannot' });
  expect(ran.result?.rows[0]?.columns).toContainEqual({ name: 'name', kind: 'restored', why: null });
  expect(await live(id)).toMatchObject({ name, fax: '42' });
});

test('a column that is dropped between plan and run makes the plan void', async () => {
  const id = next();
  await save(id, { name: 'bad' });
  const planned = await planOf(opened.environment, id);
  const service = withoutColumn('fax');
  service.drop();
  const other = await world.open({ policy, fetch: service.fetch });
  await expect(runRestore(other.environment, planned.plan.id, operator)).rejects.toMatchObject({
    code: 'plan-expired',
  });
  await other.close();
  expect(await live(id)).toMatchObject({ name: 'bad' });
});

test('what changes while a backup reads is in this one or the next, whole', async () => {
  const [changed, deleted] = [next(), next()];
  let reads = 0;
  const racing: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const url = decodeURIComponent(input instanceof Request ? input.url : String(input));
    if (/\/accounts\?/.test(url) && (reads += 1) === 1) {
      await save(changed, { name: 'while it was read' });
      await world.outsider.send('DELETE', `accounts(${deleted})`);
    }
    return response;
  };
  const container = 'racing';
  const first = await world.open({ policy, container, fetch: racing });
  await backUpNow(first.environment, { trigger: 'manual' });
  await first.close();
  const second = await world.open({ policy, container });
  await backUpNow(second.environment, { trigger: 'manual' });
  const clean = await world.open({ policy, container: 'clean' });
  await backUpNow(clean.environment, { trigger: 'manual' });
  expect(reads).toBeGreaterThan(0);
  expect(await hashesOf(second.environment)).toEqual(await hashesOf(clean.environment));
  await second.close();
  await clean.close();
}, 60_000);

test('who loses the lease at the end of a run writes no snapshot, and the next run does', async () => {
  const lost = new AbortController();
  const losing: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    // Asked for by the last step alone, when all tables are read.
    if (url.includes('GlobalOptionSetDefinitions')) lost.abort(leaseLost());
    return response;
  };
  const container = 'losing';
  const first = await world.open({ policy, container, fetch: losing });
  const run = backUpNow(first.environment, { trigger: 'manual', signal: lost.signal });
  await expect(run).rejects.toMatchObject({ code: 'lease-lost' });
  await first.close();
  const second = await world.open({ policy, container });
  const { vault } = second.environment;
  await expect(vault.snapshots.resolve({ kind: 'latest' })).rejects.toMatchObject({
    code: 'no-snapshot-yet',
  });
  expect(await vault.table('account').state()).not.toBeNull();
  const backup = await backUpNow(second.environment, { trigger: 'manual' });
  expect(backup.tables.map(({ status }) => status)).toEqual(backup.tables.map(() => 'complete'));
  await second.close();
}, 60_000);

async function hashesOf({ vault }: Environment): Promise<Record<string, [number, string | null]>> {
  const tables = await vault.snapshots.tablesAt(await vault.snapshots.resolve({ kind: 'latest' }));
  return Object.fromEntries(
    [...tables]
      .filter(([folder]) => folder !== 'rowback_file')
      .map(([folder, { rowCount, tableHash }]) => [folder, [rowCount, tableHash]]),
  );
}

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BackupPlan } from '../src/backup/index.ts';
import { openLocalEnvironment, type LocalEnvironment } from './support/local-environment.ts';

/** The pretend environment keeps no audit: a journal is read the way that a plan reads audit, without row versions. */
const journal = { include: ['demo_journal'] };
const change = (plan: BackupPlan): BackupPlan => ({
  ...plan,
  tables: plan.tables.map((table) => ({
    ...table,
    mode: 'append',
    schema: {
      ...table.schema,
      columns: table.schema.columns.filter(({ name }) => name !== 'versionnumber'),
    },
  })),
});

let local: LocalEnvironment;
beforeAll(async () => {
  local = await openLocalEnvironment();
}, 60_000);
afterAll(() => local.close());

const hourMs = 3_600_000;
const backUp = () => local.backUp(journal, { change });
async function write(name: string): Promise<string> {
  const row = await local.ask('POST', 'demo_journals', { demo_name: name });
  return String(row['demo_journalid']);
}
const headOf = (id: string) => local.vault.table('demo_journal').at(id, Number.MAX_SAFE_INTEGER);
const filters = () =>
  local.requests.flatMap((url) => /demo_journals\?.*filter=(createdon [^&]*)&/.exec(url)?.[1] ?? []);

test('what was added is read, with an hour before it, and nothing is ever gone', async () => {
  const [old, late] = [await write('Old'), await write('Late')];
  const first = await backUp();
  const { rowCount, mode } = first.snapshot?.tables['demo_journal'] ?? {};
  expect(mode).toBe('append');
  expect((await headOf(old))?.op).toBe('put');
  expect((await backUp()).snapshot).toBeNull();
  local.passTime(2 * hourMs);
  const added = await write('New');
  const at = local.now().getTime();
  // Its time is over: the service deletes it, the vault keeps it.
  await local.ask('DELETE', `demo_journals(${late})`);
  const second = await backUp();
  expect(second.tables).toMatchObject([{ status: 'complete', put: 1, gone: 0 }]);
  expect(second.snapshot?.tables['demo_journal']?.rowCount).toBe((rowCount ?? 0) + 1);
  expect((await headOf(late))?.op).toBe('put');
  expect((await headOf(added))?.op).toBe('put');
  local.requests.length = 0;
  const third = await backUp();
  expect(third.snapshot).toBeNull();
  const [filter = ''] = filters();
  const from = Date.parse(filter.replace('createdon ge ', ''));
  expect(Math.abs(at - hourMs - from)).toBeLessThan(1000);
  // Only what was added lies in that hour.
  expect(third.progress.rows).toBe(1);
});

test('other columns are read from the beginning, and only rows that say more get a version', async () => {
  const narrow = (plan: BackupPlan) => {
    const changed = change(plan);
    const without = (name: string) => name !== 'demo_name';
    return {
      ...changed,
      tables: changed.tables.map((table) => ({
        ...table,
        schema: { ...table.schema, columns: table.schema.columns.filter(({ name }) => without(name)) },
      })),
    };
  };
  await local.backUp(journal, { change: narrow });
  local.requests.length = 0;
  const again = await backUp();
  expect(filters()).toEqual(['createdon ge 1900-01-01T00:00:00Z']);
  expect(again.tables).toMatchObject([{ put: 0, gone: 0 }]);
});

test('a read that is stopped keeps what it has, and the next one goes on from there', async () => {
  await backUp();
  local.passTime(2 * hourMs);
  const Targets = Array.from({ length: 1200 }, (_, n) => ({
    '@odata.type': 'Microsoft.Dynamics.CRM.demo_journal',
    demo_name: `Many ${n}`,
  }));
  await local.ask('POST', 'demo_journals/Microsoft.Dynamics.CRM.CreateMultiple', { Targets });
  const { rowCount } = (await local.vault.snapshots.tableAt(await local.newest(), 'demo_journal')) ?? {};
  const stop = new AbortController();
  const stopping = (wire: typeof fetch): typeof fetch => {
    return (input, init) => {
      if ((input instanceof Request ? input.url : String(input)).includes('demo_journals?')) stop.abort();
      return wire(input, init);
    };
  };
  const stopped = local.backUp(journal, { as: local.connect(stopping), signal: stop.signal, change });
  await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
  const table = local.vault.table('demo_journal');
  expect((await table.state())?.position).toContain('"after"');
  const [result] = (await backUp()).tables;
  // The first thousand were looked at: one from the hour before, captured long ago, and 999 of the many.
  expect(result).toMatchObject({ status: 'complete', put: 201, gone: 0 });
  const at = await local.vault.snapshots.tableAt(await local.newest(), 'demo_journal');
  expect(at?.rowCount).toBe((rowCount ?? 0) + 1200);
  expect((await table.state())?.position).toBeNull();
});

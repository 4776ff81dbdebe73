import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { BackupPlan } from '../src/backup/index.ts';
import { makePlan, noColumnSecurity, runPlan, storePlan } from '../src/restore/index.ts';
import type { Snapshot } from '../src/vault/index.ts';
import { openLocalEnvironment, type Json, type LocalEnvironment } from './support/local-environment.ts';

/** A table of which the service keeps no list of changes. */
const journal = { include: ['demo_journal'] };

let local: LocalEnvironment;
let ids: string[] = [];
beforeAll(async () => {
  local = await openLocalEnvironment();
  for (let n = 0; n < 10; n += 1) await create(`Entry ${n}`);
  ids = await readIds();
  await local.backUp(journal);
}, 60_000);
afterAll(() => local.close());
beforeEach(async () => {
  await local.backUp(journal);
  ids = await readIds();
  local.requests.length = 0;
});

const create = (name: string) => local.ask('POST', 'demo_journals', { demo_name: name });
const rename = (id: string | undefined, name: string) =>
  local.ask('PATCH', `demo_journals(${id})`, { demo_name: name });

async function readIds(): Promise<string[]> {
  const { value } = await local.ask('GET', 'demo_journals?$select=demo_journalid');
  return (value as { demo_journalid: string }[]).map((row) => row.demo_journalid);
}

async function namesAt(snapshot: Snapshot): Promise<Map<string, unknown>> {
  const at = await local.vault.snapshots.tableAt(snapshot, 'demo_journal');
  const names = new Map<string, unknown>();
  for await (const row of local.vault.table('demo_journal').scan(at?.throughSeq ?? 0))
    names.set(row.key, row.values['demo_name']);
  return names;
}

/** Reads of the table: its pages of keys, and its rows by their ids; not the look by which a run knows the environment. */
function reads() {
  const isLook = (url: string) => /select=(demo_journalid,)?versionnumber&/.test(url);
  const all = local.requests.filter((url) => url.includes('/demo_journals?') && !isLook(url));
  const pages = all.filter((url) => !url.includes('$filter'));
  const asked = all
    .filter((url) => url.includes('$filter'))
    .map((url) => url.match(/'[0-9a-f-]{36}'/g)?.length);
  return { pages: pages.map((url) => url.replace(/^.*\$select=/, '')), asked };
}

/** The first row of each page has the row version 1; rows that are asked for by their keys have their own. */
const withVersionOne =
  (wire: typeof fetch): typeof fetch =>
  async (input, init) => {
    const answer = await wire(input, init);
    const url = input instanceof Request ? input.url : String(input);
    if (!url.includes('demo_journals?') || url.includes('filter')) return answer;
    const page = (await answer.json()) as Json & { value: { versionnumber: number }[] };
    const [first] = page.value;
    if (first !== undefined) first.versionnumber = 1;
    return Response.json(page, answer);
  };

describe('a table without change tracking', () => {
  test('is read by keys and row versions alone where nothing moved', async () => {
    const second = await local.backUp(journal);
    expect(second.snapshot).toBeNull();
    expect(reads()).toEqual({ pages: ['demo_journalid,versionnumber'], asked: [] });
    expect(second.progress).toMatchObject({ requests: 1, rows: ids.length });
  });

  test('gives by their keys the rows that moved and came, and the deleted ones once they are proved', async () => {
    const before = await local.newest();
    const [changed, deleted, kept] = ids;
    await rename(changed, 'Overwritten');
    await create('Came later');
    await local.ask('DELETE', `demo_journals(${deleted})`);
    const second = await local.backUp(journal);
    expect(second.tables).toMatchObject([{ table: 'demo_journal', status: 'complete', put: 2, gone: 1 }]);
    expect(second.snapshot?.tables['demo_journal']).toMatchObject({
      mode: 'version-scan',
      rowCount: ids.length,
    });
    // Keys of all rows, the two that moved, the one that is missing.
    expect(reads()).toEqual({ pages: ['demo_journalid,versionnumber'], asked: [2, 1] });
    const [was, is] = [await namesAt(before), await namesAt(await local.newest())];
    expect(was.get(changed ?? '')).not.toBe('Overwritten');
    expect(is.get(changed ?? '')).toBe('Overwritten');
    expect(is.get(kept ?? '')).toBe(was.get(kept ?? ''));
    expect([...is.keys()].sort()).toEqual((await readIds()).sort());
    const table = local.vault.table('demo_journal');
    const head = await table.at(deleted ?? '', Number.MAX_SAFE_INTEGER);
    expect(head).toMatchObject({ op: 'gone', why: 'missing' });
    expect((await local.backUp(journal)).snapshot).toBeNull();
  });

  test('is restored from what a scan captured', async () => {
    const [id = ''] = ids;
    const before = await local.newest();
    const wanted = (await namesAt(before)).get(id);
    await rename(id, 'Gone bad');
    await local.backUp(journal);
    const { environmentId } = await local.client.readEnvironment();
    const clock = { now: () => local.now(), sleep: () => Promise.resolve() };
    const random = { uuid: () => randomUUID(), fraction: () => 0.5 };
    const context = {
      environmentId,
      client: local.client,
      vault: local.vault,
      control: local.control,
      clock,
      random,
    };
    const plan = await makePlan(context, {
      table: 'demo_journal',
      id,
      at: { kind: 'snapshot', id: before.id },
      columns: 'all',
      overwrite: false,
      requester: { kind: 'operator', name: 'tests' },
      security: noColumnSecurity,
      securityOf: () => Promise.resolve(noColumnSecurity),
      mayBringBack: () => Promise.resolve(true),
    });
    await storePlan(local.vault, plan);
    await runPlan(context, plan.id);
    const live = await local.ask('GET', `demo_journals(${id})?$select=demo_name`);
    expect(live['demo_name']).toBe(wanted);
  });

  test('finds a row whose version fell: another one is enough', async () => {
    await local.backUp(journal, { as: local.connect(withVersionOne) });
    expect(reads().asked).toEqual([1]);
  });

  test('is read in full and compared where much of it moved', async () => {
    const Targets = Array.from({ length: 1001 }, (_, n) => ({
      '@odata.type': 'Microsoft.Dynamics.CRM.demo_journal',
      demo_name: `Many ${n}`,
    }));
    await local.ask('POST', 'demo_journals/Microsoft.Dynamics.CRM.CreateMultiple', { Targets });
    const second = await local.backUp(journal);
    expect(second.snapshot?.tables['demo_journal']).toMatchObject({
      mode: 'full',
      captured: { put: 1001, gone: 0 },
    });
    expect(reads().asked).toEqual([]);
    local.requests.length = 0;
    expect((await local.backUp(journal)).snapshot).toBeNull();
    expect(reads().pages).toEqual(['demo_journalid,versionnumber']);
  });

  test('keeps in a new epoch the row versions of then, so that the scans after it ask for no row', async () => {
    const as = local.connect(withVersionOne);
    const change = (plan: BackupPlan): BackupPlan => ({
      ...plan,
      environment: { ...plan.environment, organizationId: '99999999-0000-4000-8000-000000000009' },
    });
    const { snapshot } = await local.backUp(journal, { as, change });
    expect(snapshot?.tables['demo_journal']).toMatchObject({ mode: 'full', captured: { put: 1, gone: 0 } });
    expect((await local.backUp(journal, { as, change })).snapshot).toBeNull();
    expect(reads().asked).toEqual([]);
  });
});

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Restore } from '../src/jobs/contract.ts';
import type { Caller, Environment } from '../src/jobs/environment.ts';
import { compareVersions, recordHistory } from '../src/jobs/records.ts';
import { planRestore, planUndo, runRestore } from '../src/jobs/restores.ts';
import type { RawRow, TableFacts } from '../demo/outsider.ts';
import { startWorld, type OpenedWorld, type World } from './support/world.ts';

let world: World;
let opened: OpenedWorld;
let environment: Environment;
let tables: Map<string, TableFacts>;
const operator: Caller = { kind: 'operator', name: 'test' };

beforeAll(async () => {
  world = await startWorld([], 'memory');
  opened = await world.open();
  environment = opened.environment;
  tables = await world.outsider.tables();
  await backUp();
}, 300_000);
afterAll(async () => {
  await opened?.close();
  await world?.stop();
});

const backUp = () => backUpNow(environment, { trigger: 'manual' });

function facts(table: string): TableFacts {
  const found = tables.get(table);
  if (found === undefined) throw new Error(`the demo environment has no ${table}`);
  return found;
}

const pathOf = (table: string, id: string): string => `${facts(table).entitySet}(${id})`;

async function live(table: string, id: string): Promise<RawRow> {
  return await world.outsider.get(pathOf(table, id));
}

async function isThere(table: string, id: string): Promise<boolean> {
  const { entitySet, primaryId } = facts(table);
  const answer = await world.outsider.get(`${entitySet}?$select=${primaryId}&$filter=${primaryId} eq ${id}`);
  return (answer['value'] as unknown[]).length === 1;
}

async function overwrite(table: string, id: string, values: Record<string, unknown>): Promise<void> {
  await world.outsider.send('PATCH', pathOf(table, id), values, { 'if-match': '*' });
}

/** Values that a restore cannot give back: who saved the row last, and its versions. */
const fleeting =
  /^(modifiedon|_modifiedby_value|_modifiedonbehalfby_value|versionnumber|@odata\.etag|_createdby_value|_createdonbehalfby_value|overriddencreatedon|.*_timestamp|.*photoid|demo_drawing.*|demo_document|.*_url|demo_children.*|demo_label|demo_margin|activitytypecode|compressed|isregularactivity|.*_date)$/;

function lasting(row: RawRow): Record<string, string> {
  const kept = Object.entries(row).filter(([name]) => !fleeting.test(name) && !name.includes('@'));
  return Object.fromEntries(kept.map(([name, value]) => [name, JSON.stringify(value)]));
}

async function restoreAll(
  body: Parameters<typeof planRestore>[1],
  caller: Caller = operator,
): Promise<Restore> {
  const planned = await planRestore(environment, body, caller);
  return await runRestore(environment, planned.plan.id, caller);
}

async function firstRow(table: string, query = ''): Promise<RawRow> {
  const [row] = await world.outsider.rows(facts(table), query);
  if (row === undefined) throw new Error(`the demo environment has no row in ${table} ${query}`);
  return row;
}

async function sha256(path: string): Promise<string> {
  const response = await world.outsider.send('GET', path);
  return createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');
}

describe('overwritten columns', () => {
  test('come back, and what somebody changed since is kept', async () => {
    const row = await firstRow('account', '?$filter=statecode eq 0&$orderby=name');
    const id = String(row['accountid']);
    await overwrite('account', id, { name: 'Import 1', telephone1: '000', description: 'by import' });
    await backUp();
    await overwrite('account', id, { telephone1: '+41 1' });

    const history = await recordHistory(environment, { table: 'account', id }, operator);
    expect(history.versions.map(({ kind }) => kind)).toEqual(['changed', 'first-captured']);
    expect(history.versions[0]?.changedColumns.map(({ name }) => name).sort()).toEqual([
      'description',
      'name',
      'telephone1',
    ]);
    const version = history.versions[1]?.version ?? '';

    const comparison = await compareVersions(
      environment,
      { table: 'account', id, from: version, to: 'live' },
      operator,
    );
    const name = comparison.columns.find((column) => column.name === 'name');
    expect(name).toMatchObject({
      change: 'changed',
      restorable: true,
      from: { value: row['name'] },
      to: { value: 'Import 1' },
    });

    const planned = await planRestore(
      environment,
      { table: 'account', id, version, overwrite: false },
      operator,
    );
    const decisions = new Map(planned.plan.rows[0]?.columns.map((column) => [column.name, column.decision]));
    expect(decisions.get('name')).toBe('restore');
    expect(decisions.get('telephone1')).toBe('kept');
    expect(decisions.get('address1_city')).toBe('untouched');
    expect(planned.plan.counts.columnsToRestore).toBe(2);

    const done = await runRestore(environment, planned.plan.id, operator);
    expect(done.result?.rows).toMatchObject([{ kind: 'restored' }]);
    expect(done.status).toBe('done');
    const after = await live('account', id);
    expect(lasting(after)).toEqual({ ...lasting(row), telephone1: '"+41 1"' });

    const again = await runRestore(environment, planned.plan.id, operator);
    expect(again.result).toEqual(done.result);
    expect((await live('account', id))['@odata.etag']).toBe(after['@odata.etag']);

    const undo = await planUndo(environment, planned.plan.id, operator);
    expect((await runRestore(environment, undo.plan.id, operator)).status).toBe('done');
    expect(await live('account', id)).toMatchObject({
      name: 'Import 1',
      description: 'by import',
      telephone1: '+41 1',
    });

    const redo = await planUndo(environment, undo.plan.id, operator);
    expect((await runRestore(environment, redo.plan.id, operator)).status).toBe('done');
    expect((await live('account', id))['name']).toBe(row['name']);
  });

  test('that are ticked come back whoever changed them, and no others', async () => {
    const row = await firstRow('contact', '?$filter=statecode eq 0&$orderby=fullname');
    const id = String(row['contactid']);
    await overwrite('contact', id, { jobtitle: 'Nobody', mobilephone: '000' });
    const done = await restoreAll({ table: 'contact', id, columns: ['jobtitle'], overwrite: false });
    expect(done.status).toBe('done');
    expect(await live('contact', id)).toMatchObject({ jobtitle: row['jobtitle'], mobilephone: '000' });
  });

  test('are kept when somebody saves the row between plan and run', async () => {
    const row = await firstRow('contact', '?$filter=statecode eq 0&$orderby=fullname desc');
    const id = String(row['contactid']);
    await overwrite('contact', id, { jobtitle: 'Nobody' });
    const planned = await planRestore(
      environment,
      { table: 'contact', id, columns: ['jobtitle'], overwrite: false },
      operator,
    );
    await overwrite('contact', id, { jobtitle: 'Somebody' });
    const done = await runRestore(environment, planned.plan.id, operator);
    expect(done.status).toBe('partly');
    expect(done.result?.rows[0]).toMatchObject({ kind: 'kept', code: 'changed-after-plan' });
    expect((await live('contact', id))['jobtitle']).toBe('Somebody');
  });
});

/** One pixel. */
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('a deleted record', () => {
  test('comes back with its own id, every value, its files, image, notes and state', async () => {
    const samples = await world.outsider.rows(facts('demo_sample'), '?$filter=demo_document ne null');
    const row = samples.find((one) => one['demo_drawingid'] === null);
    const id = String(row?.['demo_sampleid']);
    await overwrite('demo_sample', id, { statecode: 1, statuscode: 2, demo_photo: png });
    const { body } = await addNote('demo_sample', id);
    await backUp();
    const before = await live('demo_sample', id);
    const contents = () =>
      Promise.all(
        ['demo_document/$value', 'demo_photo/$value?size=full'].map((path) =>
          sha256(`${pathOf('demo_sample', id)}/${path}`),
        ),
      );
    const stored = await contents();
    await world.outsider.send('DELETE', pathOf('demo_sample', id));
    await backUp();

    const history = await recordHistory(environment, { table: 'demo_sample', id }, operator);
    expect(history.live).toBeNull();
    expect(history.versions[0]?.kind).toBe('deleted');

    const done = await restoreAll({ table: 'demo_sample', id, overwrite: false });
    expect(done.plan.problems).toEqual([]);
    expect(done.result?.rows.filter(({ kind }) => kind !== 'restored')).toEqual([]);
    expect(done.status).toBe('done');
    expect(lasting(await live('demo_sample', id))).toEqual(lasting(before));
    expect(await contents()).toEqual(stored);
    const notes = await world.outsider.rows(
      facts('annotation'),
      `?$filter=_objectid_value eq ${id} and subject eq 'kept'`,
    );
    expect(notes.map((note) => note['documentbody'])).toEqual([body]);

    const again = await restoreAll({ table: 'demo_sample', id, overwrite: false });
    expect(again.plan.counts).toMatchObject({ rows: 0, columnsToRestore: 0 });

    const undo = await planUndo(environment, done.plan.id, operator);
    const undone = await runRestore(environment, undo.plan.id, operator);
    expect(undone.result?.rows.filter(({ kind }) => kind !== 'restored')).toEqual([]);
    expect(await isThere('demo_sample', id)).toBe(false);

    const redo = await planUndo(environment, undo.plan.id, operator);
    const redone = await runRestore(environment, redo.plan.id, operator);
    expect(redone.result?.rows.filter(({ kind }) => kind !== 'restored')).toEqual([]);
    expect(lasting(await live('demo_sample', id))).toEqual(lasting(before));
    expect(await contents()).toEqual(stored);
  });

  test('is not deleted by an undo when something was attached since', async () => {
    const row = await firstRow('demo_event', '?$orderby=demo_name');
    const id = String(row['demo_eventid']);
    await world.outsider.send('DELETE', pathOf('demo_event', id));
    const done = await restoreAll({ table: 'demo_event', id, overwrite: false });
    expect(done.status).toBe('done');
    await addNote('demo_event', id);
    const undo = await planUndo(environment, done.plan.id, operator);
    const undone = await runRestore(environment, undo.plan.id, operator);
    expect(undone.plan.rows.find(({ table }) => table === 'demo_event')).toMatchObject({ action: 'none' });
    expect(await isThere('demo_event', id)).toBe(true);
  });

  test('gets its many-to-many links back', async () => {
    const [link] = await world.outsider.rows(facts('demo_event_contact'));
    const event = String(link?.['demo_eventid']);
    const linked = () =>
      world.outsider.rows(facts('demo_event_contact'), `?$filter=demo_eventid eq ${event}`);
    const before = (await linked()).map((one) => String(one['contactid'])).sort();
    await world.outsider.send('DELETE', pathOf('demo_event', event));
    await backUp();
    const done = await restoreAll({ table: 'demo_event', id: event, overwrite: false });
    expect(done.result?.rows.filter(({ kind }) => kind !== 'restored')).toEqual([]);
    expect((await linked()).map((one) => String(one['contactid'])).sort()).toEqual(before);
  });

  test('account keeps the ids of the addresses that the platform makes, and none is doubled', async () => {
    const row = await firstRow('account', '?$filter=statecode eq 0&$orderby=name desc');
    const id = String(row['accountid']);
    const addresses = () =>
      world.outsider.rows(facts('customeraddress'), `?$filter=_parentid_value eq ${id}`);
    const idsOf = (rows: RawRow[]) => rows.map((one) => String(one['customeraddressid'])).sort();
    const before = { row: await live('account', id), addresses: idsOf(await addresses()) };
    await world.outsider.send('DELETE', pathOf('account', id));
    await backUp();
    const done = await restoreAll({ table: 'account', id, overwrite: false });
    expect(done.result?.rows.filter(({ kind }) => kind === 'failed')).toEqual([]);
    expect(idsOf(await addresses())).toEqual(before.addresses);
    const problems = new Set(done.plan.problems.map(({ column }) => column ?? ''));
    // The owner may be somebody who left; merged is the platform's own.
    if (problems.has('ownerid'))
      ['owninguser', 'owningteam', 'owningbusinessunit'].forEach((name) => problems.add(name));
    problems.add('merged');
    const expected = Object.entries(lasting(before.row)).filter(
      ([name]) => !problems.has(name.replace(/^_|_value$/g, '')),
    );
    expect(lasting(await live('account', id))).toMatchObject(Object.fromEntries(expected));
  });

  test('activity comes back with its parties, completed', async () => {
    const gone = await firstRow('systemuser', '?$filter=isdisabled eq true');
    const row = await firstRow(
      'email',
      `?$filter=statecode eq 1 and _ownerid_value ne ${String(gone['systemuserid'])}`,
    );
    const id = String(row['activityid']);
    const parties = () => world.outsider.rows(facts('activityparty'), `?$filter=_activityid_value eq ${id}`);
    const textOf = (rows: RawRow[]) =>
      rows.map((one) => `${String(one['participationtypemask'])} ${String(one['_partyid_value'])}`).sort();
    const before = { row: await live('email', id), parties: textOf(await parties()) };
    await world.outsider.send('DELETE', pathOf('email', id));
    await backUp();
    const done = await restoreAll({ table: 'email', id, overwrite: false });
    expect(done.result?.rows.filter(({ kind }) => kind === 'failed')).toEqual([]);
    expect(textOf(await parties())).toEqual(before.parties);
    expect(lasting(await live('email', id))).toEqual(lasting(before.row));
  });
});

async function addNote(table: string, id: string): Promise<{ body: string }> {
  const body = Buffer.from(`a note about ${table}`).toString('base64');
  const note = {
    subject: 'kept',
    notetext: 'see file',
    filename: 'a.txt',
    mimetype: 'text/plain',
    documentbody: body,
  };
  await world.outsider.send('POST', 'annotations', {
    ...note,
    [`objectid_${table}@odata.bind`]: `/${pathOf(table, id)}`,
  });
  return { body };
}

describe('a removed many-to-many link', () => {
  test('comes back as a pair when its own row is restored, and when the record is', async () => {
    const [link, other] = await world.outsider.rows(facts('demo_event_contact'));
    const remove = async (one: RawRow | undefined) => {
      const path = `${pathOf('demo_event', String(one?.['demo_eventid']))}/demo_event_contact(${String(one?.['contactid'])})/$ref`;
      await world.outsider.send('DELETE', path);
    };
    const count = async (one: RawRow | undefined) => {
      const filter = `?$filter=demo_eventid eq ${String(one?.['demo_eventid'])} and contactid eq ${String(one?.['contactid'])}`;
      return (await world.outsider.rows(facts('demo_event_contact'), filter)).length;
    };
    const snapshot = (await environment.vault.snapshots.resolve({ kind: 'latest' })).id;
    await backUp();
    const newest = (await environment.vault.snapshots.resolve({ kind: 'latest' })).id;
    await remove(link);
    await remove(other);
    await backUp();
    expect(snapshot <= newest).toBe(true);
    const id = String(link?.['demo_event_contactid']);
    const pair = await restoreAll({ table: 'demo_event_contact', id, overwrite: false });
    expect(pair.result?.rows).toMatchObject([{ kind: 'restored' }]);
    expect(await count(link)).toBe(1);
    const event = String(other?.['demo_eventid']);
    const record = await restoreAll({ table: 'demo_event', id: event, at: newest, overwrite: false });
    expect(record.result?.rows.filter(({ kind }) => kind === 'failed')).toEqual([]);
    expect(await count(other)).toBe(1);
    const undo = await planUndo(environment, pair.plan.id, operator);
    await runRestore(environment, undo.plan.id, operator);
    expect(await count(link)).toBe(0);
  });
});

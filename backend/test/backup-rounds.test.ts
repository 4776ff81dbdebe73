import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackupResult } from '../src/backup/index.ts';
import type { Values } from '../src/base/value.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Environment } from '../src/jobs/environment.ts';
import { recordHistory } from '../src/jobs/records.ts';
import {
  impatientClock,
  startWorld,
  type OpenedWorld,
  type OpenOptions,
  type World,
} from './support/world.ts';

const tables = [
  'account',
  'annotation',
  'businessunit',
  'demo_event',
  'demo_event_contact',
  'demo_sample',
  'contact',
];

let world: World;
beforeAll(async () => {
  world = await startWorld([], 'memory');
}, 120_000);
afterAll(async () => {
  await world.stop();
});

/** Each test has a container of its own; the pretend environment goes on changing. */
let container = 0;
beforeEach(() => {
  container += 1;
});

async function withEnvironment<R>(
  work: (environment: Environment, opened: OpenedWorld) => Promise<R>,
  options: Pick<OpenOptions, 'fetch' | 'clock'> = {},
): Promise<R> {
  const opened = await world.open({
    ...options,
    policy: { include: tables },
    container: `test${container}`,
  });
  try {
    return await work(opened.environment, opened);
  } finally {
    await opened.close();
  }
}

type BackUpOptions = Pick<OpenOptions, 'fetch' | 'clock'> & {
  signal?: AbortSignal;
  tables?: string[];
  rowsPerPart?: number;
};

function backUp({
  signal,
  tables: only,
  rowsPerPart,
  ...options
}: BackUpOptions = {}): Promise<BackupResult> {
  const request = {
    trigger: 'manual',
    tables: only,
    ...(signal === undefined ? {} : { signal }),
    ...(rowsPerPart === undefined ? {} : { rowsPerPart }),
  } as const;
  return withEnvironment((environment) => backUpNow(environment, request), options);
}

const moved = (result: BackupResult) =>
  Object.fromEntries(
    result.tables
      .filter((table) => table.put + table.gone > 0)
      .map((table) => [table.table, [table.put, table.gone]]),
  );

async function accountIds(): Promise<string[]> {
  const answer = await world.outsider.get('accounts?$select=accountid&$orderby=accountid');
  // The service orders ids by their last group; text order is what the vault's keys are compared in.
  return (answer['value'] as { accountid: string }[]).map((row) => row.accountid).sort();
}

/** Every row of a table as the newest snapshot has it. */
async function rowsInVault(environment: Environment, table: string): Promise<Map<string, Values>> {
  const snapshot = await environment.vault.snapshots.resolve({ kind: 'latest' });
  const at = await environment.vault.snapshots.tableAt(snapshot, table);
  const rows = new Map<string, Values>();
  for await (const row of environment.vault.table(table).scan(at?.throughSeq ?? 0))
    rows.set(row.key, row.values);
  return rows;
}

/** Answers some requests itself; all others go through. */
function intercepting(answer: (url: string, number: number) => Response | Error | null): typeof fetch {
  let number = 0;
  return (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    number += 1;
    const own = answer(url, number);
    if (own instanceof Error) return Promise.reject(own);
    return own === null ? fetch(input, init) : Promise.resolve(own);
  };
}

async function isChanged({ vault }: Environment, account: string): Promise<boolean> {
  return (await vault.table('account').history(account)).length > 1;
}

/** Asks for small pages whatever the client asks for; `answer` may stand in for the service. */
function inPagesOf(
  size: number,
  answer: (url: string, fetchIt: () => Promise<Response>) => Promise<Response>,
): typeof fetch {
  return (input, init) => {
    const request = new Request(input, init);
    const prefer = request.headers.get('prefer');
    if (prefer !== null)
      request.headers.set('prefer', prefer.replace(/maxpagesize=\d+/, `maxpagesize=${size}`));
    return answer(decodeURIComponent(request.url), () => fetch(request));
  };
}

describe('the second backup', () => {
  test('reads nothing and names nothing where nothing moved', async () => {
    await backUp();
    const second = await backUp();
    expect(second.snapshot).toBeNull();
    expect(second.progress.rows).toBe(0);
    expect(moved(second)).toEqual({});
  });

  test('captures exactly the rows that changed, came and went', async () => {
    const first = await backUp();
    const [one = '', two = ''] = await accountIds();
    await world.outsider.send('PATCH', `accounts(${one})`, { name: 'Overwritten' }, { 'if-match': '*' });
    await world.outsider.send('POST', 'accounts', { name: 'New here' });
    const events = await world.outsider.get('demo_events?$select=demo_eventid&$top=1');
    const [event] = events['value'] as { demo_eventid: string }[];
    await world.outsider.send('DELETE', `demo_events(${event?.demo_eventid})`);
    const second = await backUp();
    expect(moved(second)).toMatchObject({ account: [2, 0], demo_event: [0, 1] });
    expect(second.progress.rows).toBeLessThan(first.progress.rows / 4);
    await withEnvironment(async (environment) => {
      const rows = await rowsInVault(environment, 'account');
      expect(rows.get(one)?.['name']).toBe('Overwritten');
      expect(rows.has(two)).toBe(true);
      const history = await environment.vault.table('account').history(one);
      expect(history).toHaveLength(2);
      const gone = await environment.vault
        .table('demo_event')
        .at(event?.demo_eventid ?? '', Number.MAX_SAFE_INTEGER);
      expect(gone).toMatchObject({ op: 'gone', why: 'deleted' });
    });
    expect((await backUp()).snapshot).toBeNull();
  });

  test('of some tables calls the others stale, and the next one whole again', async () => {
    await backUp();
    const [one = ''] = await accountIds();
    await world.outsider.send('PATCH', `accounts(${one})`, { name: 'Only this' }, { 'if-match': '*' });
    const second = await backUp({ tables: ['account'] });
    expect(second.snapshot?.tables['account']?.status).toBe('complete');
    expect(second.snapshot?.tables['contact']).toMatchObject({
      status: 'stale',
      stateOf: second.snapshot?.previous,
    });
    const third = await backUp();
    expect(third.snapshot?.tables['contact']?.status).toBe('complete');
  });
});

describe('table hashes and row counts', () => {
  test('that advance from snapshot to snapshot equal those of a full look', async () => {
    await backUp();
    const [one = '', two = ''] = await accountIds();
    const born = '6d0b2c52-0000-4000-8000-00000000c0de';
    await world.outsider.send('POST', 'accounts', { accountid: born, name: 'Born' });
    await world.outsider.send('POST', 'accounts', { name: 'Born and gone' });
    await backUp();
    await world.outsider.send('DELETE', `accounts(${born})`);
    await world.outsider.send('POST', 'accounts', { accountid: born, name: 'Born again' });
    await world.outsider.send('PATCH', `accounts(${one})`, { telephone1: '1234' }, { 'if-match': '*' });
    await world.outsider.send('POST', 'annotations', {
      subject: 'hash',
      isdocument: true,
      filename: 'a.txt',
      mimetype: 'text/plain',
      documentbody: Buffer.from('some content').toString('base64'),
      [`objectid_account@odata.bind`]: `/accounts(${two})`,
    });
    const { snapshot } = await backUp();
    await withEnvironment(async ({ vault }) => {
      const fileSeq = (await vault.table('rowback_file').state())?.throughSeq ?? 0;
      for (const table of ['account', 'annotation']) {
        const named = snapshot?.tables[table];
        expect(await vault.hashes.at(table, named?.throughSeq ?? 0, fileSeq)).toBe(named?.tableHash);
        expect(await vault.table(table).countRows(named?.throughSeq ?? 0)).toBe(named?.rowCount);
      }
    });
  });
});

describe('contents', () => {
  test('of notes are kept once, and read back byte for byte', async () => {
    const body = Buffer.from('the same letter, sent twice');
    const [one = ''] = await accountIds();
    const note = {
      subject: 'twice',
      isdocument: true,
      filename: 'letter.txt',
      mimetype: 'text/plain',
      documentbody: body.toString('base64'),
      [`objectid_account@odata.bind`]: `/accounts(${one})`,
    };
    await world.outsider.send('POST', 'annotations', note);
    await world.outsider.send('POST', 'annotations', note);
    const result = await backUp();
    expect(result.snapshot?.tables['annotation']?.files).toMatchObject({ pending: 0, lost: 0 });
    await withEnvironment(async ({ vault }) => {
      const seq = (await vault.table('rowback_file').state())?.throughSeq ?? 0;
      const lines = await vault.files.contentsOf('annotation', 'all', seq);
      const sha256 = createHash('sha256').update(body).digest('hex');
      const ours = lines.filter((line) => line.sha256 === sha256);
      expect(ours.map((line) => [line.name, line.mimeType, line.bytes])).toEqual([
        ['letter.txt', 'text/plain', body.length],
        ['letter.txt', 'text/plain', body.length],
      ]);
      const chunks: Uint8Array[] = [];
      for await (const chunk of vault.files.openContent(sha256)) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(body)).toBe(true);
    });
    expect((await backUp()).snapshot).toBeNull();
  });

  test('that could not be read stay pending, and the next run gets them', async () => {
    const refuse = intercepting((url) =>
      url.includes('documentbody/$value') || url.includes('BlocksDownload')
        ? Response.json({ error: { code: '0x80040216', message: 'no body today' } }, { status: 400 })
        : null,
    );
    const first = await backUp({ fetch: refuse });
    expect(first.snapshot?.tables['annotation']?.files.pending).toBeGreaterThan(0);
    expect(first.snapshot?.tables['annotation']?.errors[0]).toMatchObject({ code: 'dataverse-bad-request' });
    const second = await backUp();
    expect(second.snapshot?.tables['annotation']?.files).toMatchObject({ pending: 0, lost: 0 });
  });
});

describe('what the service no longer knows', () => {
  const expired = () =>
    intercepting((url) =>
      url.includes('deltatoken') && url.includes('/accounts')
        ? Response.json({ error: { code: '0x80044352', message: 'Version stamp expired.' } }, { status: 400 })
        : null,
    );

  test('an expired token is followed by a full read that still finds the deletes', async () => {
    const ids = await accountIds();
    const created = await world.outsider.send('POST', 'accounts', { name: 'Soon gone' });
    const id = /\(([0-9a-f-]{36})\)/.exec(created.headers.get('odata-entityid') ?? '')?.[1] ?? '';
    await backUp();
    await world.outsider.send('DELETE', `accounts(${id})`);
    await world.outsider.send('PATCH', `accounts(${ids[0]})`, { name: 'Changed too' }, { 'if-match': '*' });
    const second = await backUp({ fetch: expired() });
    expect(moved(second)).toMatchObject({ account: [1, 1] });
    expect(second.snapshot?.tables['account']).toMatchObject({ mode: 'full', status: 'complete' });
    await withEnvironment(async ({ vault }) => {
      const head = await vault.table('account').at(id, Number.MAX_SAFE_INTEGER);
      expect(head).toMatchObject({ op: 'gone', why: 'missing' });
    });
    expect((await backUp()).snapshot).toBeNull();
  });

  test('rows that are missing from the full read and still there are not called gone', async () => {
    await backUp();
    const withHole = intercepting((url) => {
      if (!url.includes('/accounts')) return null;
      if (url.includes('deltatoken')) {
        return Response.json(
          { error: { code: '0x80044352', message: 'Version stamp expired.' } },
          { status: 400 },
        );
      }
      // The full read shows no row at all; the rows themselves can be read.
      if (!url.includes('$filter') && !url.includes('$batch') && url.includes('accounts?$select')) {
        const context = `${url.split('/accounts')[0]}/$metadata#accounts`;
        return Response.json(
          { '@odata.context': context, '@odata.deltaLink': `${url}&$deltatoken=1`, value: [] },
          { headers: { 'preference-applied': 'odata.track-changes' } },
        );
      }
      return null;
    });
    const second = await backUp({ fetch: withHole });
    expect(moved(second)).toEqual({});
    await withEnvironment(async (environment) => {
      expect((await rowsInVault(environment, 'account')).size).toBe((await accountIds()).length);
    });
  });

  test.each([0, 1])(
    'a right that is lost in the middle of a read, look %i, makes no row a deleted one',
    async (look) => {
      await backUp({ tables: ['account'] });
      let isBlind = false;
      let looks = 0;
      const blinded = intercepting((url) => {
        if (isBlind && url.includes('RetrieveUserSetOfPrivilegesByNames') && looks++ >= look)
          return Response.json({ RolePrivileges: [{ PrivilegeName: 'prvReadAccount', Depth: 'Basic' }] });
        if (!url.includes('/accounts?') || !(isBlind || url.includes('deltatoken'))) return null;
        if (!isBlind) {
          isBlind = true;
          const error = { code: '0x80044352', message: 'Version stamp expired.' };
          return Response.json({ error }, { status: 400 });
        }
        // Somebody who owns no account sees none, in a read and by its id, and gets no error.
        const context = `${url.split('/accounts')[0]}/$metadata#accounts`;
        const link = url.includes('$filter') ? {} : { '@odata.deltaLink': `${url}&$deltatoken=1` };
        return Response.json(
          { '@odata.context': context, ...link, value: [] },
          { headers: { 'preference-applied': 'odata.track-changes' } },
        );
      });
      const second = await backUp({ tables: ['account'], fetch: blinded });
      expect(moved(second)).toEqual({});
      const account = second.tables.find(({ table }) => table === 'account');
      expect(account?.warnings).toContainEqual(
        expect.stringContaining('the right to read all rows was lost'),
      );
      expect(moved(await backUp({ tables: ['account'] }))).toEqual({});
      await withEnvironment(async (environment) => {
        expect((await rowsInVault(environment, 'account')).size).toBe((await accountIds()).length);
      });
    },
  );

  test.each([0, 1])(
    'a right that is lost before a row is looked for that came as live and as deleted, look %i, leaves it live',
    async (look) => {
      const made = await world.outsider.send('POST', 'accounts', { name: 'Made again' });
      const id = /\(([0-9a-f-]{36})\)/.exec(made.headers.get('odata-entityid') ?? '')?.[1] ?? '';
      await backUp({ tables: ['account'] });
      await world.turn({ rowMadeAgain: 'rowAndTombstone' });
      await world.outsider.send('DELETE', `accounts(${id})`);
      await world.outsider.send('POST', 'accounts', { accountid: id, name: 'Made again' });
      let isBlind = false;
      let looks = 0;
      const blinded = intercepting((url) => {
        if (url.includes('/accounts?') && url.includes('deltatoken')) isBlind = true;
        if (isBlind && url.includes('RetrieveUserSetOfPrivilegesByNames') && looks++ >= look)
          return Response.json({ RolePrivileges: [{ PrivilegeName: 'prvReadAccount', Depth: 'Basic' }] });
        if (!isBlind || !url.includes('/accounts?') || !url.includes('$filter')) return null;
        return Response.json({
          '@odata.context': `${url.split('/accounts')[0]}/$metadata#accounts`,
          value: [],
        });
      });
      const second = await backUp({ tables: ['account'], fetch: blinded });
      expect(moved(second)).toEqual({ account: [1, 0] });
      expect(second.snapshot?.tables['account']).toMatchObject({
        status: 'stale',
        errors: [{ message: expect.stringContaining('the right to read all rows was lost') }],
      });
      // The next run meets the tombstone again, and now the row can be looked for.
      await world.outsider.send('DELETE', `accounts(${id})`);
      expect(moved(await backUp({ tables: ['account'] }))).toEqual({ account: [0, 1] });
      await world.turn({ rowMadeAgain: 'row' });
    },
  );

  test('a column that appears is read for all rows, and only rows that have it get a version', async () => {
    const [one = ''] = await accountIds();
    await world.outsider.send('PATCH', `accounts(${one})`, { telephone2: '555' }, { 'if-match': '*' });
    const without: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      const url = input instanceof Request ? input.url : String(input);
      if (!/'account'\)\/Attributes$/.test(decodeURIComponent(url))) return response;
      const answer = (await response.json()) as { value: { LogicalName: string }[] };
      const value = answer.value.filter((column) => column.LogicalName !== 'telephone2');
      return Response.json({ ...answer, value }, { headers: { date: response.headers.get('date') ?? '' } });
    };
    const first = await backUp({ fetch: without });
    const have = (await world.outsider.get('accounts?$select=accountid&$filter=telephone2 ne null'))['value'];
    const second = await backUp();
    expect(moved(second)).toEqual({ account: [(have as unknown[]).length, 0] });
    await withEnvironment(async ({ vault }) => {
      const state = await vault.table('account').state();
      const schema = await vault.schemas.read(state?.schemaId ?? '');
      const column = schema.columns.find((candidate) => candidate.name === 'telephone2');
      expect(column?.knownFrom).toBe(second.snapshot?.id);
      expect(column?.knownFrom).not.toBe(first.snapshot?.id);
    });
    expect((await backUp()).snapshot).toBeNull();
  });

  test('a rewound environment begins a new epoch, in which content decides and not the row version', async () => {
    await backUp();
    await withEnvironment(async (environment) => {
      const name = `${environment.environmentId}/last-backup`;
      const mark = (await environment.control.readMark(name)) as { canaries: { version: string }[] };
      // As if what we captured had a higher row version than the service has now.
      const canaries = mark.canaries.map((canary) => ({ ...canary, version: `9${canary.version}` }));
      await environment.control.writeMark(name, { ...mark, heartbeats: [], canaries });
    });
    const second = await backUp();
    expect(second.warnings.join()).toContain('new epoch');
    expect(moved(second)).toEqual({});
    expect(second.tables.every((table) => table.status === 'complete')).toBe(true);
    const third = await backUp();
    expect(third.warnings).toEqual([]);
    expect(third.progress.rows).toBe(0);
  });
});

describe('a run that is cut short', () => {
  test('in the middle of a first read goes on at the page after its last part, and nothing is doubled or left out', async () => {
    const asked: string[] = [];
    const until = (last: number) =>
      inPagesOf(4, (url, fetchIt) => {
        if (!/\/annotations\?/.test(url) || url.includes('$filter')) return fetchIt();
        asked.push(url);
        return asked.length > last ? Promise.reject(new TypeError('connection cut')) : fetchIt();
      });
    const first = await backUp({ fetch: until(3), clock: impatientClock, rowsPerPart: 8 });
    expect(first.tables.find(({ table }) => table === 'annotation')).toMatchObject({ status: 'incomplete' });
    expect(first.snapshot?.tables['annotation']).toMatchObject({ status: 'incomplete', rowCount: 8 });
    const done = asked.slice(0, 2);
    asked.length = 0;
    const second = await backUp({ fetch: until(Infinity), rowsPerPart: 8 });
    expect(asked.filter((url) => done.includes(url))).toEqual([]);
    expect(second.snapshot?.tables['annotation']).toMatchObject({
      status: 'complete',
      files: { pending: 0, lost: 0 },
    });
    await withEnvironment(async (environment) => {
      const { vault } = environment;
      const rows = await rowsInVault(environment, 'annotation');
      const notes = await world.outsider.get('annotations?$select=annotationid');
      const ids = (notes['value'] as { annotationid: string }[]).map((note) => note.annotationid).sort();
      expect([...rows.keys()].sort()).toEqual(ids);
      const versions = await Promise.all(ids.map((id) => vault.table('annotation').history(id)));
      expect(versions.filter((one) => one.length !== 1)).toEqual([]);
      // A body without a line was never looked at: those of the first part count too.
      const seq = (await vault.table('rowback_file').state())?.throughSeq ?? 0;
      const lines = await vault.files.contentsOf('annotation', 'all', seq);
      expect(new Set(lines.map(({ key }) => key))).toEqual(new Set(ids));
      const operator = { kind: 'operator', name: 'test' } as const;
      const history = await recordHistory(environment, { table: 'annotation', id: ids[0] ?? '' }, operator);
      expect(history.versions).toHaveLength(1);
    });
  }, 120_000);

  test('after rows were committed and before its snapshot leaves versions that a later snapshot shows', async () => {
    await backUp();
    const [one = ''] = await accountIds();
    await world.outsider.send('PATCH', `accounts(${one})`, { name: 'Cut short' }, { 'if-match': '*' });
    const committed = async () => {
      while (!(await withEnvironment((environment) => isChanged(environment, one)))) await sleep(100);
    };
    // The last table is refused when the first one is in the vault.
    const cut = inPagesOf(5000, (url, fetchIt) =>
      url.includes('/demo_samples?') || url.includes('/demo_samples(')
        ? committed().then(() => new Response('', { status: 401 }))
        : fetchIt(),
    );
    await expect(backUp({ fetch: cut, clock: impatientClock })).rejects.toMatchObject({
      code: 'dataverse-unauthorised',
    });
    const next = await backUp();
    await withEnvironment(async (environment) => {
      const [, version] = await environment.vault.table('account').history(one);
      expect(version?.snapshot).not.toBe(next.snapshot?.id);
      const operator = { kind: 'operator', name: 'test' } as const;
      const history = await recordHistory(environment, { table: 'account', id: one }, operator);
      expect(history.versions.map(({ kind }) => kind)).toEqual(['changed', 'first-captured']);
      expect(history.versions[0]?.snapshot).toBe(next.snapshot?.id);
    });
  }, 60_000);

  test('by Ctrl-C says so, and its lock is free for the next', async () => {
    const stop = new AbortController();
    const stopping = intercepting((url) => {
      if (url.includes('/contacts')) stop.abort();
      return null;
    });
    await expect(backUp({ fetch: stopping, signal: stop.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
    const next = await backUp();
    expect(next.snapshot?.tables['contact']?.status).toBe('complete');
  });
});

test('two backups of one environment do not run at once', async () => {
  await withEnvironment(async (environment) => {
    const both = await Promise.allSettled([
      backUpNow(environment, { trigger: 'manual' }),
      backUpNow(environment, { trigger: 'manual' }),
    ]);
    const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toEqual([expect.objectContaining({ code: 'backup-running' })]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../src/cli/index.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Restore } from '../src/jobs/contract.ts';
import { writeConfiguration } from './support/rowback-process.ts';
import { impatientClock, random, startWorld, type World } from './support/world.ts';

const include = ['account', 'annotation', 'businessunit', 'contact'];

let world: World;
let folder: string;
let config: string;
let account: string;
let snapshot: string;
const nobody = '00000000-0000-4000-8000-000000000001';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rowback-bad-'));
  world = await startWorld();
  const opened = await world.open({ policy: { include } });
  const backup = await backUpNow(opened.environment, { trigger: 'manual' });
  await opened.close();
  snapshot = backup.snapshot?.id ?? '';
  config = writeConfiguration(world, folder, { container: world.settings.container, include });
  const [first] = (await world.outsider.get('accounts?$select=accountid&$top=1'))['value'] as {
    accountid: string;
  }[];
  account = first?.accountid ?? '';
  await world.outsider.send('PATCH', `accounts(${account})`, { name: 'overwritten' }, { 'if-match': '*' });
}, 120_000);
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Said {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], signal = new AbortController().signal): Promise<Said> {
  const said = { out: '', err: '' };
  const exitCode = await runCommandLine(args, {
    clock: impatientClock,
    random,
    fetch,
    variables: {},
    folder,
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    isTerminal: false,
    ask: () => Promise.reject(new Error('nobody sits here')),
    signal,
  });
  return { exitCode, ...said };
}

const documented = new Set(
  [
    ...readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8').matchAll(/`([a-z][a-z-]+)`/g),
  ].map(([, code]) => code),
);

/** For people and for machines alike: the exit code, a code that docs/errors.md knows, a sentence and a way out. */
async function expectRefusal(args: readonly string[], exitCode: number, code: string): Promise<void> {
  const human = await run(args);
  expect({ args, ...human }).toMatchObject({ exitCode, out: '' });
  expect(human.err).toContain(`(${code})`);
  const machine = await run([...args, '--json']);
  expect(machine.exitCode).toBe(exitCode);
  const answer = JSON.parse(machine.out) as { data: { error: { message: string; hint: string } } };
  expect(answer).toMatchObject({ ok: false, code });
  expect(answer.data.error.message).toMatch(/\w+ \w+/);
  expect(answer.data.error.message).not.toContain('must match pattern');
  expect(answer.data.error.hint).not.toBe('');
  expect(documented).toContain(code);
}

const nameNow = async () => (await world.outsider.get(`accounts(${account})?$select=name`))['name'];

describe('the command line', () => {
  const row = (): string[] => ['account', account];
  const cases: [string, () => string[], number, string][] = [
    ['an unknown table', () => ['history', 'nosuch', account], 2, 'table-unknown'],
    ['no name of a table', () => ['history', 'No Such', account], 2, 'input-invalid'],
    ['a malformed id', () => ['history', 'account', '12'], 2, 'input-invalid'],
    ['a record never backed up', () => ['history', 'account', nobody], 2, 'record-not-in-backup'],
    ['a restore of it', () => ['restore', 'account', nobody, '--yes'], 2, 'record-not-in-backup'],
    ['no snapshot of that id', () => ['snapshots', '20200101T000000Z-abcd'], 2, 'snapshot-missing'],
    ['a path for a snapshot', () => ['snapshots', '../../x'], 2, 'snapshot-missing'],
    [
      'a restore from none',
      () => ['restore', ...row(), '--at', '20200101T000000Z-abcd', '--yes'],
      2,
      'snapshot-missing',
    ],
    [
      'an instant before the first',
      () => ['restore', ...row(), '--at', '2001-01-01T00:00:00Z', '--yes'],
      2,
      'no-snapshot-yet',
    ],
    ['no point in time', () => ['restore', ...row(), '--at', 'yesterday', '--yes'], 2, 'input-invalid'],
    ['no point to compare with', () => ['compare', ...row(), '--at', 'yesterday'], 2, 'point-malformed'],
    [
      'a version of another record',
      () => ['restore', ...row(), '--version', '99', '--yes'],
      2,
      'version-missing',
    ],
    ['no version at all', () => ['restore', ...row(), '--version', 'abc', '--yes'], 2, 'input-invalid'],
    [
      'a point and a version',
      () => ['restore', ...row(), '--version', '9', '--at', 'latest', '--yes'],
      2,
      'input-invalid',
    ],
    ['an unknown column', () => ['restore', ...row(), '--columns', 'nosuch', '--yes'], 2, 'column-unknown'],
    ['no column', () => ['restore', ...row(), '--columns', '', '--yes'], 2, 'usage'],
    ['nothing named', () => ['restore', '--yes'], 2, 'record-needed'],
    ['an unknown plan', () => ['restore', '--plan', '20261123T140205Z-abc', '--yes'], 2, 'restore-missing'],
    ['a path for a plan', () => ['restore', '--plan', '../../x', '--yes'], 2, 'restore-missing'],
    [
      'a plan and more',
      () => ['restore', ...row(), '--plan', '20261123T140205Z-abc', '--yes'],
      2,
      'input-invalid',
    ],
    [
      'no yes and no terminal',
      () => ['restore', ...row(), '--at', snapshot, '--columns', 'name'],
      2,
      'confirmation-needed',
    ],
    ['the undoing of nothing', () => ['undo', 'nosuch', '--yes'], 2, 'restore-missing'],
    ['a table that is not backed up', () => ['backup', '--tables', 'nosuch'], 2, 'table-unknown'],
    ['an empty list of tables', () => ['backup', '--tables', ''], 2, 'usage'],
    ['an unknown environment', () => ['plan', '--environment', 'nosuch'], 2, 'environment-unknown'],
    ['an unknown command', () => ['nosuch'], 2, 'usage'],
  ];
  test.each(cases)('%s', async (_what, args, exitCode, code) => {
    const before = await nameNow();
    await expectRefusal([...args(), '--config', config], exitCode, code);
    expect(await nameNow()).toBe(before);
  });

  test('a restore that was planned and never run cannot be undone', async () => {
    const planned = await run([
      'restore',
      'account',
      account,
      '--at',
      snapshot,
      '--dry-run',
      '--json',
      '--config',
      config,
    ]);
    const { data } = JSON.parse(planned.out) as { data: Restore };
    await expectRefusal(['undo', data.plan.id, '--yes', '--config', config], 4, 'restore-unfinished');
  });
});

describe('the configuration', () => {
  const broken: [string, () => string, number, string][] = [
    ['that is not there', () => join(folder, 'nowhere.yaml'), 2, 'configuration-missing'],
    ['that is a folder', () => folder, 2, 'configuration-missing'],
    ['that is no YAML', () => written('a: [1\nb: }'), 2, 'configuration-invalid'],
    ['that is only text', () => written('text'), 2, 'configuration-invalid'],
    [
      'with an unknown key',
      () => written(`${readFileSync(config, 'utf8')}\nfoo: 1\n`),
      2,
      'configuration-invalid',
    ],
    [
      'without a secret',
      () => changed({ environment: { clientSecret: undefined } }),
      2,
      'configuration-invalid',
    ],
    [
      'whose secret is not set',
      () => changed({ environment: { clientSecret: { env: 'NO_SUCH' } } }),
      2,
      'secret-missing',
    ],
    [
      'whose secret is wrong',
      () => changed({ environment: { clientSecret: 'wrong' } }),
      1,
      'dataverse-sign-in',
    ],
    [
      'whose application is unknown',
      () => changed({ environment: { clientId: nobody } }),
      1,
      'dataverse-sign-in',
    ],
    ['whose storage is nonsense', () => changed({ storage: 'nonsense' }), 2, 'storage-malformed'],
    ['whose storage is down', () => changed({ storage: downStorage() }), 1, 'storage-unreachable'],
    ['whose storage has another key', () => changed({ storage: otherKey() }), 1, 'storage-refused'],
    [
      'whose Dataverse is down',
      () => changed({ environment: { url: 'http://127.0.0.1:1' } }),
      1,
      'dataverse-unreachable',
    ],
    [
      'whose token endpoint is down',
      () => changed({ environment: { tokenEndpoint: 'http://127.0.0.1:1/' } }),
      1,
      'dataverse-sign-in',
    ],
  ];
  let files = 0;
  function written(text: string): string {
    const path = join(folder, `written${(files += 1)}.yaml`);
    writeFileSync(path, text);
    return path;
  }
  const changed = (change: Parameters<typeof writeConfiguration>[2]): string =>
    writeConfiguration(world, folder, { container: world.settings.container, ...change });
  const downStorage = () =>
    world.settings.storage.replace(/BlobEndpoint=[^;]*/, 'BlobEndpoint=http://127.0.0.1:1/rowback');
  const otherKey = () =>
    world.settings.storage.replace(/AccountKey=[^;]*/, `AccountKey=${Buffer.alloc(32).toString('base64')}`);

  test.each(broken)(
    '%s',
    async (_what, path, exitCode, code) => {
      await expectRefusal(['snapshots', '--config', path()], exitCode, code);
    },
    60_000,
  );

  test('a policy that means no table', async () => {
    const misspelt = changed({ include: ['acount', 'kind:process'] });
    for (const command of ['plan', 'backup'])
      await expectRefusal([command, '--config', misspelt], 2, 'policy-matches-nothing');
    const emptied = changed({ include: ['account'], exclude: ['a*'] });
    await expectRefusal(['backup', '--config', emptied], 2, 'policy-matches-nothing');
  });

  test('a policy of which a part means no table', async () => {
    const { out } = await run(['plan', '--json', '--config', changed({ include: ['account', 'acount'] })]);
    expect(JSON.parse(out)).toMatchObject({ ok: true, warnings: [expect.stringContaining('names acount,')] });
  });

  test('a port in use', async () => {
    const taken = await listenSomewhere();
    const path = changed({ api: { port: taken.port } });
    await expectRefusal(['serve', '--config', path], 2, 'port-in-use');
    taken.server.close();
  });
});

test('while serve runs a bad configuration changes nothing, and a policy that wants backups gets them', async () => {
  const path = writeConfiguration(world, folder, {
    container: `${world.settings.container}-reload`,
    include,
  });
  const text = readFileSync(path, 'utf8');
  const stop = new AbortController();
  let ready = false;
  let log = '';
  const served = runCommandLine(['serve', '--role', 'scheduler', '--config', path], {
    clock: impatientClock,
    random,
    fetch,
    variables: {},
    folder,
    out: () => (ready = true),
    err: (lines) => (log += lines),
    isTerminal: false,
    ask: () => Promise.reject(new Error('nobody sits here')),
    signal: stop.signal,
  });
  const until = async (event: string) => {
    while (!log.includes(`"event":"${event}"`)) await impatientClock.sleep(20);
  };
  while (!ready) await impatientClock.sleep(20);
  writeFileSync(path, text.replace('policy:', 'policy:\n  every: often'));
  await until('configuration-refused');
  expect(log).toMatch(/rowback.*yaml:\d+: policy\.every: is a number with/);
  expect(log).not.toContain('backup-started');
  writeFileSync(path, text.replace('policy:', 'policy:\n  every: 1h'));
  await until('backup-started');
  expect(log).toContain('"event":"configuration-loaded"');
  stop.abort();
  expect(await served).toBe(0);
}, 60_000);

async function listenSomewhere(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an object.
  return { server, port: (server.address() as { port: number }).port };
}

describe('the API', () => {
  const stop = new AbortController();
  let served: Promise<Said>;
  let url = '';
  let operator = '';
  let user = '';
  beforeAll(async () => {
    const ready = new Promise<string>((resolve) => {
      served = runCommandLine(['serve', '--json', '--config', config], {
        clock: impatientClock,
        random,
        fetch,
        variables: {},
        folder,
        // The first line carries the address.
        out: (text) => resolve((JSON.parse(text) as { url: string }).url),
        err: () => undefined,
        isTerminal: false,
        ask: () => Promise.reject(new Error('nobody sits here')),
        signal: stop.signal,
      }).then((exitCode) => ({ exitCode, out: '', err: '' }));
    });
    url = await ready;
    const users = (await world.outsider.get('systemusers?$select=systemuserid&$filter=isdisabled eq false'))[
      'value'
    ];
    user = String((users as { systemuserid: string }[])[0]?.systemuserid);
    operator = await token({ audience: 'api://rowback', roles: ['Rowback.Operator'] });
  }, 60_000);
  afterAll(async () => {
    stop.abort();
    expect((await served).exitCode).toBe(0);
  });

  async function token(claims: object): Promise<string> {
    const [environment] = world.settings.environments;
    const response = await fetch(`${environment?.url ?? ''}/_simulator/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, ...claims }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${url}/v1/environments/demo/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${operator}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      answer: await response.json(),
    };
  }

  const plan = (more: object) => () => ({ table: 'account', id: account, ...more });
  const cases: [string, string, () => string, (() => unknown) | undefined, number, string][] = [
    [
      'an unknown table',
      'GET',
      () => `tables/nosuch/rows/${account}/versions`,
      undefined,
      404,
      'table-unknown',
    ],
    ['a malformed id', 'GET', () => `tables/account/rows/12/versions`, undefined, 400, 'input-invalid'],
    [
      'a record never backed up',
      'GET',
      () => `tables/account/rows/${nobody}/versions`,
      undefined,
      404,
      'record-not-in-backup',
    ],
    [
      'no point in time',
      'GET',
      () => `tables/account/rows/${account}/comparison?from=yesterday`,
      undefined,
      400,
      'point-malformed',
    ],
    [
      'no snapshot of that id',
      'GET',
      () => 'snapshots/20200101T000000Z-abcd',
      undefined,
      404,
      'snapshot-missing',
    ],
    ['no id of a snapshot', 'GET', () => 'snapshots/foo', undefined, 400, 'input-invalid'],
    ['an unknown parameter', 'GET', () => 'snapshots?limt=3', undefined, 400, 'input-invalid'],
    ['an unknown job', 'GET', () => 'backups/nosuch', undefined, 404, 'backup-missing'],
    ['a path for a restore', 'GET', () => 'restores/..%2F..%2Fx', undefined, 404, 'restore-missing'],
    ['a path that is no UTF-8', 'GET', () => 'restores/%E0%A4%A', undefined, 400, 'path-malformed'],
    ['the undoing of nothing', 'POST', () => 'restores/nosuch/undo', undefined, 404, 'restore-missing'],
    ['an empty plan', 'POST', () => 'restores', () => ({}), 400, 'input-invalid'],
    ['half a body', 'POST', () => 'restores', () => '{', 400, 'body-malformed'],
    ['a huge body', 'POST', () => 'restores', () => ({ table: 'x'.repeat(2e6) }), 413, 'body-too-large'],
    ['an unknown column', 'POST', () => 'restores', plan({ columns: ['nosuch'] }), 404, 'column-unknown'],
    ['a misspelt member', 'POST', () => 'restores', plan({ att: 'latest' }), 400, 'input-invalid'],
    [
      'an instant before the first',
      'POST',
      () => 'restores',
      plan({ at: '2001-01-01T00:00:00Z' }),
      404,
      'no-snapshot-yet',
    ],
    [
      'a point and a version',
      'POST',
      () => 'restores',
      plan({ at: 'latest', version: '1' }),
      400,
      'input-invalid',
    ],
    [
      'a version of another record',
      'POST',
      () => 'restores',
      plan({ version: '99' }),
      404,
      'version-missing',
    ],
    ['an empty list of tables', 'POST', () => 'backups', () => ({ tables: [] }), 400, 'input-invalid'],
  ];
  test.each(cases)('%s', async (_what, method, path, body, status, code) => {
    const before = await nameNow();
    const said = await call(method, path(), body?.());
    expect(said).toMatchObject({
      status,
      type: expect.stringContaining('application/problem+json'),
      answer: { code, status },
    });
    expect(documented).toContain(code);
    expect(await nameNow()).toBe(before);
  });

  test.each([{ 'content-type': 'application/json; charset=foo' }, { 'content-encoding': 'foo' }])(
    'a body in a form that nobody reads: %j',
    async (headers) => {
      expect(await call('POST', 'restores', '{}', headers)).toMatchObject({
        status: 415,
        answer: { code: 'body-unsupported' },
      });
    },
  );

  test.each([
    ['no token', () => '', 401, 'token-missing'],
    ['no token at all', () => 'a.b.c', 401, 'token-refused'],
    [
      'another audience',
      () => token({ audience: 'api://other', roles: ['Rowback.Operator'] }),
      401,
      'token-refused',
    ],
    ['a signature that is not', () => operator.replace(/....$/, 'AAAA'), 401, 'token-refused'],
    ['no role', () => token({ audience: 'api://rowback' }), 403, 'role-missing'],
    ['another role', () => token({ audience: 'api://rowback', roles: ['Reader'] }), 403, 'role-missing'],
  ])('a caller with %s', async (_what, make, status, code) => {
    const authorization = `Bearer ${await make()}`;
    expect(await call('POST', 'backups', {}, { authorization })).toMatchObject({ status, answer: { code } });
  });

  async function ended(id: string): Promise<void> {
    for (;;) {
      const { status } = (await call('GET', `restores/${id}`)).answer as Restore;
      if (status !== 'running' && status !== 'planned') return expect(status).toBe('done');
      await impatientClock.sleep(20);
    }
  }

  test('two backups at once, two runs of one restore, an undo too early and twice', async () => {
    const backups = await Promise.all([call('POST', 'backups', {}), call('POST', 'backups', {})]);
    expect(backups.map(({ status }) => status).sort()).toEqual([201, 409]);
    const planned = await call('POST', 'restores', plan({ at: snapshot, columns: ['name'] })());
    const { id } = (planned.answer as Restore).plan;
    expect(await call('POST', `restores/${id}/undo`)).toMatchObject({
      status: 409,
      answer: { code: 'restore-unfinished' },
    });
    const runs = await Promise.all([call('POST', `restores/${id}/run`), call('POST', `restores/${id}/run`)]);
    // The second may come while the first is under way (409 or the same run), or find its result.
    const statuses = runs.map(({ status }) => status).sort();
    expect([200, 202]).toContain(statuses[0]);
    expect([200, 202, 409]).toContain(statuses[1]);
    await ended(id);
    expect(await nameNow()).not.toBe('overwritten');
    for (const columnsToRestore of [1, 0]) {
      const undo = (await call('POST', `restores/${id}/undo`)).answer as Restore;
      expect(undo.plan.counts.columnsToRestore).toBe(columnsToRestore);
      await call('POST', `restores/${undo.plan.id}/run`);
      await ended(undo.plan.id);
      expect(await nameNow()).toBe('overwritten');
    }
  }, 60_000);
});

test('a plan of another vault is none of this one', async () => {
  const planned = await run([
    'restore',
    'account',
    account,
    '--at',
    snapshot,
    '--dry-run',
    '--json',
    '--config',
    config,
  ]);
  const { data } = JSON.parse(planned.out) as { data: Restore };
  const elsewhere = writeConfiguration(world, folder, { container: 'elsewhere' });
  await expectRefusal(
    ['restore', '--plan', data.plan.id, '--yes', '--config', elsewhere],
    2,
    'restore-missing',
  );
});

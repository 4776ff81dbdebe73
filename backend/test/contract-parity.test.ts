import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Outsider } from '../demo/outsider.ts';
import { audience, environmentName, startServices, type Services } from '../demo/services.ts';
import type { Operation } from '../src/api/operation.ts';
import { basePath, operations, type OperationName } from '../src/api/operations.ts';
import {
  problemDetails,
  type BackupJob,
  type CoverageAnswer,
  type RecordHistory,
  type Restore,
} from '../src/jobs/contract.ts';
import { ConnectorDefinition } from './support/contract-check.ts';
import { idOf } from './support/form-people.ts';

/**
 * The running service against what is written of it: every operation is called, and each real answer has to be the one
 * that the contract and the connector's definition promise. Errors too.
 */

const definition = new ConnectorDefinition();
const answered = new Map<string, Set<number>>();
let services: Services;
let token: string;
let outsider: Outsider;
let account: string;

interface Ask {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Null: no Authorization header. */
  readonly token?: string | null;
}

async function send(name: OperationName, ask: Ask): Promise<Response> {
  const operation: Operation = operations[name];
  const params = { environment: environmentName, ...ask.params };
  const path = operation.path.replace(/\{(\w+)\}/g, (_hole, key: string) =>
    encodeURIComponent(Object.entries(params).find(([known]) => known === key)?.[1] ?? ''),
  );
  const url = new URL(basePath + path, services.api);
  for (const [key, value] of Object.entries(ask.query ?? {})) url.searchParams.set(key, value);
  const bearer = ask.token === undefined ? token : ask.token;
  return fetch(url, {
    method: operation.method.toUpperCase(),
    headers: {
      ...ask.headers,
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      ...(ask.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(ask.body !== undefined && { body: JSON.stringify(ask.body) }),
  });
}

/** Calls an operation that has to succeed, and holds its answer against both descriptions. */
async function call<T>(name: OperationName, ask: Ask = {}): Promise<T> {
  const operation: Operation = operations[name];
  const response = await send(name, ask);
  const body: unknown = await response.json();
  const { status } = response;
  if (!response.ok) throw new Error(`${name} answered ${status}: ${JSON.stringify(body)}`);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const promised = Object.entries(operation.responses).find(([known]) => known === String(status))?.[1];
  // Parsing drops what the contract does not name, so equality also says that nothing more is sent.
  expect(promised?.schema.parse(body)).toEqual(body);
  if (operation.roles !== 'public') expect(definition.faults(operation, status, body)).toEqual([]);
  answered.set(operation.operationId, (answered.get(operation.operationId) ?? new Set()).add(status));
  // The schema of this operation was just held against it; the caller names the type that belongs to it.
  return body as T;
}

async function refused(name: OperationName, status: number, ask: Ask): Promise<string> {
  const operation: Operation = operations[name];
  const response = await send(name, ask);
  const body: unknown = await response.json();
  expect([name, response.status, body]).toEqual([name, status, body]);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(operation.errors).toContain(status);
  const problem = problemDetails.parse(body);
  expect(problem).toEqual(body);
  expect(problem.status).toBe(status);
  if (operation.roles !== 'public') expect(definition.faults(operation, status, body)).toEqual([]);
  return problem.code;
}

async function backUp(): Promise<BackupJob> {
  const started = await call<BackupJob>('startBackup', { body: {} });
  let job = started;
  while (job.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 200));
    job = await call<BackupJob>('getBackup', { params: { backupId: started.id } });
  }
  expect(job).toMatchObject({ status: 'done' });
  return job;
}

/** Page by page as JSON, and as CSV however it is asked for. */
async function tellCoverage(snapshotId: string): Promise<void> {
  const newest = await call<CoverageAnswer>('getCoverage', { query: { limit: '1' } });
  expect(newest).toMatchObject({ snapshot: snapshotId, tables: [{}], next: newest.tables[0]?.table });
  const rest = await call<CoverageAnswer>('getCoverage', {
    query: { limit: '500', after: String(newest.next), snapshotId },
  });
  expect(rest.next).toBeNull();
  const { tables } = newest.counts;
  expect(1 + rest.tables.length).toBe(tables.protected + tables.partly + tables.not);
  expect(rest.tables.find(({ table }) => table === 'contact')).toMatchObject({ status: 'protected' });
  for (const ask of [{ query: { format: 'csv' } }, { headers: { accept: 'text/csv' } }]) {
    const response = await send('getCoverage', ask);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = (await response.text()).split('\r\n');
    expect(lines.filter((line) => line.startsWith(`${snapshotId},contact,,`))).toHaveLength(1);
  }
}

/** Where nothing moved a backup may end before it can be cancelled, which the service says. */
async function cancelOne(): Promise<BackupJob> {
  for (let tries = 0; tries < 20; tries += 1) {
    const { id } = await call<BackupJob>('startBackup');
    const job = await call<BackupJob>('cancelBackup', { params: { backupId: id } }).catch(
      (error: unknown) => {
        if (String(error).includes('backup-not-queued')) return null;
        throw error;
      },
    );
    if (job !== null) return job;
  }
  throw new Error('each of 20 backups ended before it could be cancelled');
}

beforeAll(async () => {
  services = await startServices({
    apiPort: 0,
    tables: ['account', 'annotation', 'businessunit', 'contact', 'systemuser'],
  });
  const { administrator } = services.people;
  token = await services.token(administrator, { audience, roles: ['Rowback.Operator'] });
  outsider = new Outsider(services.simulator.url, await services.token(administrator));
  const made = await outsider.send('POST', 'accounts', { name: 'Alpine Ski House', creditlimit: 250_000 });
  account = idOf(made);
}, 120_000);
afterAll(() => services?.stop());

const names = Object.keys(operations) as OperationName[];
const guarded = names.filter((name) => operations[name].roles !== 'public');
const inEnvironment = guarded.filter((name) => operations[name].path.includes('{environment}'));
/** Well-formed input of every kind; an operation takes what it knows. */
const wellFormed: Ask = {
  params: {
    backupId: 'b-unknown',
    snapshotId: '20200101T000000Z-aaaa',
    table: 'account',
    rowId: '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34',
    restoreId: 'r-unknown',
  },
};

describe('every operation answers as it is described', () => {
  test('what needs no environment', async () => {
    await call('getHealth', { token: null });
    await call('listEnvironments');
  });

  test('backing up, and what was backed up', async () => {
    const first = await backUp();
    await outsider.send('PATCH', `accounts(${account})`, { creditlimit: 0, telephone1: null });
    const second = await backUp();
    expect(second.snapshot?.id).not.toBe(first.snapshot?.id);
    const { value: tables } = await call<{ value: { name: string }[] }>('listTables');
    expect(tables.map(({ name }) => name)).toContain('account');
    const { value: snapshots } = await call<{ value: { id: string }[] }>('listSnapshots', {
      query: { limit: '1' },
    });
    expect(snapshots.map(({ id }) => id)).toEqual([second.snapshot?.id]);
    await tellCoverage(String(second.snapshot?.id));
    await call('getSnapshot', { params: { snapshotId: String(second.snapshot?.id) } });
  }, 120_000);

  test('a backup that is not wanted any more', async () => {
    const cancelled = await cancelOne();
    expect(cancelled).toMatchObject({ status: 'cancelled' });
    const params = { backupId: cancelled.id };
    expect(await call<BackupJob>('getBackup', { params })).toMatchObject({ status: 'cancelled' });
  });

  test('from a version of a record to its restore and the undo', async () => {
    const row = { table: 'account', rowId: account };
    const { versions } = await call<RecordHistory>('listVersions', { params: row });
    expect(versions).toHaveLength(2);
    const version = String(versions.at(-1)?.version);
    await call('compareVersions', { params: row, query: { from: version, to: 'live' } });
    const headers = { 'Idempotency-Key': 'parity' };
    const body = { table: 'account', id: account, version };
    const planned = await call<Restore>('planRestore', { headers, body });
    const again = await call<Restore>('planRestore', { headers, body });
    expect(again.plan.id).toBe(planned.plan.id);
    const params = { restoreId: planned.plan.id };
    expect(await call<Restore>('runRestore', { params })).toMatchObject({ status: 'done' });
    expect(await call<Restore>('getRestore', { params })).toMatchObject({ result: { undoOffered: true } });
    const { creditlimit } = await outsider.get(`accounts(${account})?$select=creditlimit`);
    expect(Number(creditlimit)).toBe(250_000);
    const undo = await call<Restore>('undoRestore', { params });
    expect(await call<Restore>('runRestore', { params: { restoreId: undo.plan.id } })).toMatchObject({
      status: 'done',
    });
  }, 120_000);

  test('no operation was left out, here or in the connector', () => {
    const all = names.map((name) => operations[name].operationId).sort();
    expect([...answered.keys()].sort()).toEqual(all);
    expect([...definition.operationIds()].sort()).toEqual(
      guarded.map((name) => operations[name].operationId).sort(),
    );
  });
});

describe('errors are problems of the described shape', () => {
  test.each(guarded)('%s without a sign-in, with a broken one and without a role', async (name) => {
    expect(await refused(name, 401, { ...wellFormed, token: null })).toBe('token-missing');
    expect(await refused(name, 401, { ...wellFormed, token: `${token}x` })).toBe('token-refused');
    const none = await services.token(services.people.administrator, { audience, roles: ['Other'] });
    expect(await refused(name, 403, { ...wellFormed, token: none })).toBe('role-missing');
  });

  const params = { ...wellFormed.params };
  test.each(inEnvironment)('%s with malformed input, and of an unknown environment', async (name) => {
    const body = name === 'planRestore' ? { table: 'account', id: account, version: '1' } : undefined;
    const tooLong = { ...params, environment: 'x'.repeat(201) };
    expect(await refused(name, 400, { params: tooLong, body })).toBe('input-invalid');
    const unknown = { ...params, environment: 'nowhere' };
    expect(await refused(name, 404, { params: unknown, body })).toBe('environment-unknown');
  });

  test.each<[OperationName, Ask, string]>([
    ['getBackup', {}, 'backup-missing'],
    ['getSnapshot', {}, 'snapshot-missing'],
    ['getCoverage', { query: { snapshotId: '20200101T000000Z-aaaa' } }, 'snapshot-missing'],
    ['listVersions', {}, 'record-not-in-backup'],
    ['listVersions', { params: { table: 'no_such' } }, 'table-unknown'],
    ['compareVersions', {}, 'record-not-in-backup'],
    [
      'planRestore',
      { body: { table: 'no_such', id: '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34' } },
      'table-unknown',
    ],
    ['getRestore', {}, 'restore-missing'],
    ['runRestore', {}, 'restore-missing'],
    ['undoRestore', {}, 'restore-missing'],
  ])('%s of what is not there (%j) is %s', async (name, ask, code) => {
    expect(await refused(name, 404, { ...ask, params: { ...params, ...ask.params } })).toBe(code);
  });

  test.each<[OperationName, Ask]>([
    ['listVersions', { params: { rowId: 'not-an-id' } }],
    ['getSnapshot', { params: { snapshotId: 'yesterday' } }],
    ['listSnapshots', { query: { limit: '0' } }],
    ['listSnapshots', { query: { unknown: '1' } }],
    ['getCoverage', { query: { format: 'pdf' } }],
    ['getCoverage', { query: { after: 'no table' } }],
    ['planRestore', { body: { table: 'account', id: 'not-an-id' } }],
    ['planRestore', { body: [] }],
    ['startBackup', { body: { tables: 'account' } }],
  ])('%s with %j is told what to correct', async (name, ask) => {
    expect(await refused(name, 400, { ...ask, params: { ...params, ...ask.params } })).toBe('input-invalid');
  });
});

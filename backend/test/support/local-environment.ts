import { randomUUID } from 'node:crypto';
import {
  builtInSchema,
  createEnvironment,
  createSite,
  demoEnvironment,
  importSolution,
  localFetch,
  sequentialIds,
} from '@rowback/simulator';
import {
  planBackup,
  readBackupFacts,
  runBackup,
  usualAlertRules,
  type BackupPlan,
  type BackupPolicy,
  type BackupResult,
} from '../../src/backup/index.ts';
import type { Clock } from '../../src/base/clock.ts';
import { openClient, type DataverseClient } from '../../src/dataverse/index.ts';
import {
  openMemoryBlobStore,
  openMemoryControlStore,
  openParquetEngine,
  openVault,
  type ControlStore,
  type Snapshot,
  type Vault,
} from '../../src/vault/index.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const url = 'http://dataverse.test';

export type Json = Readonly<Record<string, unknown>>;

/** A pretend environment, the real client and a vault in memory, all in this process. Its clock moves when told to. */
export interface LocalEnvironment {
  readonly client: DataverseClient;
  readonly vault: Vault;
  readonly control: ControlStore;
  /** Requests by path and query, oldest first. */
  readonly requests: string[];
  /** A client whose answers come changed. */
  connect(change: (wire: typeof fetch) => typeof fetch): DataverseClient;
  now(): Date;
  passTime(ms: number): void;
  /** Asks as the administrator, past our code; throws where the service refuses. */
  ask(method: string, path: string, body?: Json): Promise<Json>;
  plan(policy: Partial<BackupPolicy>, client?: DataverseClient): Promise<BackupPlan>;
  /** Plans and runs a backup; `as` is the client of a user with fewer rights. */
  backUp(policy: Partial<BackupPolicy>, options?: BackUpOptions): Promise<BackupResult>;
  newest(): Promise<Snapshot>;
  close(): Promise<void>;
}

export interface BackUpOptions {
  readonly as?: DataverseClient;
  readonly tables?: readonly string[];
  /** Happens after the run was planned and before it reads. */
  readonly meanwhile?: () => Promise<unknown>;
  readonly signal?: AbortSignal;
  /** What to run instead of the plan. */
  readonly change?: (plan: BackupPlan) => BackupPlan;
}

const everything: BackupPolicy = {
  name: 'default',
  include: ['*'],
  exclude: [],
  files: true,
  everyMs: null,
  alerts: usualAlertRules,
};

/** @param tables `full` has all the standard tables that the simulator knows */
export async function openLocalEnvironment(tables: 'lean' | 'full' = 'lean'): Promise<LocalEnvironment> {
  let nowMs = Date.UTC(2026, 6, 1, 12);
  const pretended = createEnvironment({
    ...demoEnvironment(builtInSchema(tables), { size: 1, seed: 7, special: true }),
    identity: { clientSecret: 'of the local environment' },
    now: () => nowMs,
    newId: sequentialIds(nowMs),
    importSolution,
  });
  const wire = localFetch(await createSite(pretended, { open: true }), { gzip: false });
  const requests: string[] = [];
  const seen: typeof fetch = (input, init) => {
    requests.push(decodeURIComponent(input instanceof Request ? input.url : String(input)).slice(url.length));
    // A moment for each request, so that snapshots have ids that rise.
    nowMs += 10;
    return wire(input, init);
  };
  const clock: Clock = {
    now: () => new Date(nowMs),
    sleep: (ms, signal) => sleep(ms, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) }),
  };
  const random = { uuid: () => randomUUID(), fraction: () => 0.5 };
  const connect = (change: (wire: typeof fetch) => typeof fetch) =>
    openClient({
      url,
      fetch: change(seen),
      clock,
      random,
      tokens: { token: () => Promise.resolve('any') },
    }).client;
  const client = connect((unchanged) => unchanged);
  const scratch = await mkdtemp(join(tmpdir(), 'rowback-local-'));
  const engine = await openParquetEngine({ scratch: join(scratch, 'duckdb') });
  const { environmentId } = await client.readEnvironment();
  const vault = await openVault({ store: openMemoryBlobStore(), environmentId, engine, scratch });
  const control = openMemoryControlStore(clock);
  const plan = async (policy: Partial<BackupPolicy>, by = client) => {
    const whole = { ...everything, ...policy };
    return planBackup(await readBackupFacts(by, whole), whole);
  };
  return {
    client,
    vault,
    control,
    requests,
    connect,
    now: () => new Date(nowMs),
    passTime: (ms) => (nowMs += ms),
    ask: (method, path, body) => ask(wire, method, path, body),
    plan,
    async backUp(
      policy,
      { as = client, tables: only, meanwhile, signal, change = (whole: BackupPlan) => whole } = {},
    ) {
      nowMs += 60_000;
      const ports = { client: as, vault, control, clock, random, onAlert: () => undefined };
      const planned = change(await plan(policy, as));
      await meanwhile?.();
      return runBackup(planned, ports, {
        trigger: 'manual',
        ...(only === undefined ? {} : { tables: only }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    newest: () => vault.snapshots.resolve({ kind: 'latest' }),
    async close() {
      await vault.close();
      engine.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

async function ask(wire: typeof fetch, method: string, path: string, body?: Json): Promise<Json> {
  const answer = await wire(`${url}/api/data/v9.2/${path}`, {
    method,
    headers: {
      authorization: 'Bearer any',
      'content-type': 'application/json',
      prefer: 'return=representation',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as Json;
}

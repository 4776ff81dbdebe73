import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAzurite } from '../../demo/azurite.ts';
import { startChild, type Child } from '../../demo/child.ts';
import { Outsider } from '../../demo/outsider.ts';
import { root } from '../../demo/project-folder.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { usualAlertPolicy } from '../../src/jobs/alerts/policy.ts';
import type { Environment } from '../../src/jobs/environment.ts';
import { openEnvironment, openStorage, type Storage } from '../../src/jobs/open.ts';
import type { Policy, Settings } from '../../src/jobs/settings.ts';
import { openMemoryWorkQueue } from '../../src/queue/index.ts';
import {
  openMemoryBlobStore,
  openMemoryControlStore,
  openParquetEngine,
  type ParquetEngine,
} from '../../src/vault/index.ts';

export const clock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};
/** Nobody waits: for tests in which the network stays down however long one tries again. */
export const impatientClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => clock.sleep(Math.min(ms, 50), signal),
};
export const random: Random = {
  uuid: () => randomUUID(),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

/** A pretend environment and real storage, each a process of its own. */
export interface World {
  readonly settings: Settings;
  /** The administrator, past all of our code. */
  readonly outsider: Outsider;
  /** The administrator's, good for an hour. */
  readonly token: string;
  /** Opens the environment as a process of the product does; `fetch` may be one that fails. */
  open(options?: OpenOptions): Promise<OpenedWorld>;
  /** Turns switches of the pretend environment, or lets its time pass. */
  turn(switches: Readonly<Record<string, unknown>>): Promise<void>;
  letPass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export interface OpenOptions {
  readonly fetch?: typeof fetch;
  readonly policy?: Partial<Policy>;
  readonly container?: string;
  readonly clock?: Clock;
  /** Divides the limits with the processes of the product that use them beside us, as these do among themselves. */
  readonly sharing?: boolean;
  /** Instead of the container's own. */
  readonly storage?: Storage;
}

export interface OpenedWorld {
  readonly environment: Environment;
  readonly storage: Storage;
  close(): Promise<void>;
}

export const everything: Policy = {
  name: 'default',
  include: ['*'],
  exclude: [],
  files: true,
  elastic: true,
  everyMs: null,
  quiet: [],
  share: 1,
  dailyRequests: null,
  alerts: usualAlertPolicy,
};

/**
 * `memory`: storage in this process, which keeps the same promises (`blob-store-contract.ts`) and is many times faster;
 * for whatever is not about storage itself and starts no process of the product.
 */
export async function startWorld(
  simulatorArguments: readonly string[] = [],
  kind: 'azurite' | 'memory' = 'azurite',
): Promise<World> {
  const azurite = kind === 'azurite' ? await startAzurite() : null;
  const main = join(root, 'simulator/dist/src/main.js');
  const simulator = await startChild(
    'the simulator',
    [main, '--port', '0', ...simulatorArguments],
    process.env,
  );
  const ready = (name: string) => String(simulator.ready[name]);
  const scratch = await mkdtemp(join(tmpdir(), 'rowback-world-'));
  const settings: Settings = {
    storage: azurite?.connectionString ?? 'memory',
    container: `test${randomBytes(4).toString('hex')}`,
    scratch,
    environments: [
      {
        name: 'demo',
        url: ready('url'),
        tenantId: ready('tenantId'),
        signIn: {
          kind: 'secret',
          clientId: ready('clientId'),
          secret: { kind: 'literal', value: ready('clientSecret') },
        },
        readers: [],
        authority: null,
        tokenEndpoint: ready('tokenUrl'),
        policy: everything,
      },
    ],
    api: { host: '127.0.0.1', port: 0, issuer: null, audience: null, jwksUri: null },
  };
  const engine = kind === 'memory' ? await openParquetEngine({ scratch: join(scratch, 'duckdb') }) : null;
  const containers = new Map<string, Storage>();
  const openIn = (container: string): Promise<Storage> => {
    if (engine === null) return openStorage({ ...settings, container });
    const known = containers.get(container) ?? memoryStorage(engine, scratch);
    containers.set(container, known);
    return Promise.resolve(known);
  };
  const token = await administratorToken(simulator.ready);
  return {
    settings,
    token,
    outsider: new Outsider(ready('url'), token),
    open: (options = {}) => openWorld(settings, openIn, options),
    turn: (switches) => control(ready('url'), 'PUT', 'switches', switches),
    letPass: (ms) => control(ready('url'), 'POST', 'clock', { advanceMs: ms }),
    async stop() {
      await simulator.stop();
      await azurite?.stop();
      engine?.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

async function control(url: string, method: string, path: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(new URL(`/_simulator/${path}`, url), {
    method,
    headers,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

/** Stays as it is when it is closed: the next process finds it again. */
export function memoryStorage(engine: ParquetEngine, scratch: string): Storage {
  const nothing = () => Promise.resolve();
  const store = openMemoryBlobStore();
  const control = openMemoryControlStore(clock);
  const queue = Promise.resolve(openMemoryWorkQueue(clock));
  return { store, control, engine, scratch, queue: () => queue, create: nothing, close: () => undefined };
}

async function openWorld(
  settings: Settings,
  openIn: (container: string) => Promise<Storage>,
  options: OpenOptions,
): Promise<OpenedWorld> {
  const storage = options.storage ?? (await openIn(options.container ?? settings.container));
  await storage.create();
  const [configured] = settings.environments;
  if (configured === undefined) throw new Error('the world has one environment');
  const chosen = { ...configured, policy: { ...everything, ...options.policy } };
  const ports = {
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? clock,
    random,
    variables: {},
    sharing: options.sharing ?? false,
  };
  const environment = await openEnvironment(chosen, storage, ports);
  return {
    environment,
    storage,
    async close() {
      await environment.close();
      storage.close();
    },
  };
}

/** The administrator's token, from the token endpoint itself. */
async function administratorToken(ready: Child['ready']): Promise<string> {
  const response = await fetch(String(ready['tokenUrl']), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: String(ready['clientId']),
      client_secret: String(ready['clientSecret']),
      scope: `${String(ready['url'])}/.default`,
    }),
  });
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'access_token' in answer)
    return String(answer.access_token);
  throw new Error(`no token: ${JSON.stringify(answer)}`);
}

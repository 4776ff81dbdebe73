import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import {
  openClient,
  tokenSource,
  type Credential,
  type DataverseClient,
  type Exchange,
  type Measure,
  type Slot,
  type TokenSource,
} from '../dataverse/index.ts';
import {
  createAzureContainers,
  isVaultError,
  openAzureBlobStore,
  openAzureContainers,
  openAzureControlStore,
  openParquetEngine,
  openVault,
  type BlobStore,
  type ControlStore,
  type ParquetEngine,
} from '../vault/index.ts';
import { openAzureWorkQueue, type WorkQueue } from '../queue/index.ts';
import { openNotifier } from './alerts/notifier.ts';
import type { WebhookTarget } from './alerts/webhook.ts';
import { openSlot, type SharedSlot } from './budget/shared-slot.ts';
import type { Environment } from './environment.ts';
import {
  certificateUnreadable,
  readerNotAdministrator,
  secretMissing,
  teamsEnvironment,
  webhookSecretInvalid,
} from './errors.ts';
import type { EnvironmentSettings, SecretSource, Settings, SignIn } from './settings.ts';

/** What opening needs of the world. */
export interface OpenPorts {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: Random;
  /** Environment variables, where secrets may be. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Other processes may use the same application users: they divide the limits in the control container. */
  readonly sharing?: boolean;
  /** Is told of every request to Dataverse, without ids and values. */
  readonly trace?: (environment: string, exchange: Exchange) => void;
}

export interface Connection {
  readonly client: DataverseClient;
  readonly measure: () => Measure;
}

/** The storage of all environments, opened once in a process. */
export interface Storage {
  readonly store: BlobStore;
  readonly control: ControlStore;
  readonly engine: ParquetEngine;
  readonly scratch: string;
  /** The queue of runs beside the containers, opened and made when it is first asked for. */
  queue(): Promise<WorkQueue>;
  /** Makes the containers where they are missing. */
  create(): Promise<void>;
  close(): void;
}

/**
 * A client for the environment with all its application users; nothing is asked yet. Without a slot it believes that the
 * whole share is its own. Throws `secret-missing` or `certificate-unreadable`.
 */
export function connect(settings: EnvironmentSettings, ports: OpenPorts, slot?: Slot): Connection {
  const { fetch, clock, random, trace } = ports;
  const [tokens, ...readers] = [settings.signIn, ...settings.readers].map((signIn) =>
    tokensOf(settings, signIn, ports),
  ) as [TokenSource, ...TokenSource[]]; // the first is always there
  return openClient({
    url: settings.url,
    tokens,
    readers,
    fetch,
    clock,
    random,
    share: settings.policy.share,
    ...(slot === undefined ? {} : { slot }),
    ...(trace === undefined ? {} : { trace: (exchange) => trace(settings.name, exchange) }),
  });
}

function tokensOf(settings: EnvironmentSettings, signIn: SignIn, ports: OpenPorts): TokenSource {
  const tokenUrl = settings.tokenEndpoint ?? settings.authority;
  return tokenSource({
    url: settings.url,
    tenantId: settings.tenantId,
    credential: credentialOf(signIn, ports),
    fetch: ports.fetch,
    clock: ports.clock,
    ...(tokenUrl === null ? {} : { tokenUrl }),
  });
}

/**
 * A reader that sees less than the first user would give fewer rows without any error, which looks like deletes. An
 * administrator sees everything, so readers have to be administrators. Throws `reader-not-administrator`.
 */
export async function checkReaders(
  settings: EnvironmentSettings,
  ports: OpenPorts,
  slot?: Slot,
): Promise<void> {
  for (const [at, signIn] of settings.readers.entries()) {
    const { client } = connect({ ...settings, signIn, readers: [] }, ports, slot);
    if (!(await client.isAdministrator())) throw readerNotAdministrator(settings.name, at);
  }
}

export async function openStorage(settings: Settings): Promise<Storage> {
  const scratch = settings.scratch ?? join(tmpdir(), 'rowback');
  const containers = await openAzureContainers({ storage: settings.storage, container: settings.container });
  const engine = await openParquetEngine({ scratch: join(scratch, 'duckdb') });
  let queue: Promise<WorkQueue> | null = null;
  const opening = () =>
    openAzureWorkQueue({ storage: settings.storage, container: settings.container }).catch(
      (error: unknown) => {
        // Asked for again, it is tried again.
        queue = null;
        throw error;
      },
    );
  return {
    store: openAzureBlobStore(containers.vault),
    control: openAzureControlStore(containers.control),
    engine,
    scratch,
    queue: () => (queue ??= opening()),
    create: () => createAzureContainers(containers),
    close: () => engine.close(),
  };
}

/** A container that is missing is made; without the right to, the error says so. */
export async function ensureContainers(storage: Storage): Promise<void> {
  try {
    await storage.store.head('rowback');
    await storage.control.readMark('rowback');
  } catch (error) {
    if (!isVaultError(error, 'container-missing')) throw error;
    await storage.create();
  }
}

/**
 * Signs in, asks which environment this is, and opens its vault. Which vault belongs to it is the environment's own id,
 * never its address or its name here.
 */
export async function openEnvironment(
  settings: EnvironmentSettings,
  storage: Storage,
  ports: OpenPorts,
): Promise<Environment> {
  const slot = ports.sharing === true ? openSlot(settings, storage, ports) : undefined;
  try {
    return await openWith(slot, settings, storage, ports);
  } catch (error) {
    await slot?.close();
    throw error;
  }
}

async function openWith(
  slot: SharedSlot | undefined,
  settings: EnvironmentSettings,
  storage: Storage,
  ports: OpenPorts,
): Promise<Environment> {
  const { client, measure } = connect(settings, ports, slot);
  const targets = webhooksOf(settings, ports);
  const facts = await client.readEnvironment();
  if (facts.isTeams) throw teamsEnvironment(settings.name);
  await checkReaders(settings, ports, slot);
  const { environmentId, organizationId } = facts;
  const { store, engine, scratch, control } = storage;
  const vault = await openVault({ store, environmentId, engine, scratch });
  let { policy } = settings;
  return {
    name: settings.name,
    url: settings.url,
    environmentId,
    organizationId,
    get policy() {
      return policy;
    },
    usePolicy(next) {
      slot?.useDailyRequests(next.dailyRequests);
      policy = next;
    },
    client,
    measure,
    vault,
    control,
    clock: ports.clock,
    random: ports.random,
    notifier: openNotifier(
      { control, fetch: ports.fetch, now: () => ports.clock.now() },
      environmentId,
      targets,
    ),
    async close() {
      await slot?.close();
      await vault.close();
    },
  };
}

/** Base64 of at least 24 bytes, with the prefix that the specification of Standard Webhooks gives. */
const webhookSecret = /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/;

function webhooksOf({ policy }: EnvironmentSettings, ports: OpenPorts): WebhookTarget[] {
  return policy.alerts.webhooks.map(({ url, secret: source }) => {
    const secret = secretOf(source, ports);
    if (!webhookSecret.test(secret)) throw webhookSecretInvalid(new URL(url).host);
    return { url, secret };
  });
}

function credentialOf(signIn: SignIn, ports: OpenPorts): Credential {
  switch (signIn.kind) {
    case 'managed-identity':
      return signIn.clientId === null
        ? { kind: signIn.kind }
        : { kind: signIn.kind, clientId: signIn.clientId };
    case 'secret':
      return { kind: 'secret', clientId: signIn.clientId, clientSecret: secretOf(signIn.secret, ports) };
    case 'certificate':
      return {
        kind: 'certificate',
        clientId: signIn.clientId,
        ...readCertificate(signIn.path, signIn.keyPath),
      };
  }
}

function secretOf(source: SecretSource, ports: OpenPorts): string {
  switch (source.kind) {
    case 'literal':
      return source.value;
    case 'env': {
      const value = ports.variables[source.name];
      if (value === undefined || value === '') throw secretMissing(`the variable ${source.name} is not set`);
      return value;
    }
    case 'file': {
      const value = readSecretFile(source.path);
      if (value === '') throw secretMissing(`${source.path} is empty`);
      return value;
    }
  }
}

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Whatever kept us from reading it, the way out is the same.
    throw secretMissing(`${path} cannot be read`);
  }
}

function readCertificate(path: string, keyPath: string): { thumbprintSha256: string; privateKey: string } {
  try {
    const certificate = new X509Certificate(readFileSync(path));
    const key = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |EC )?PRIVATE KEY-----/;
    const privateKey = key.exec(readFileSync(keyPath, 'utf8'))?.[0];
    if (privateKey === undefined) throw new TypeError(`${keyPath} holds no private key`);
    return { thumbprintSha256: certificate.fingerprint256.replaceAll(':', ''), privateKey };
  } catch (cause) {
    throw certificateUnreadable(path, cause);
  }
}

import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startHarness } from '@rowback/pcf-control/harness';
import { packSolution } from '@rowback/solution';
import { startAzurite } from './azurite.ts';
import { type Child, startChild } from './child.ts';
import { Outsider } from './outsider.ts';
import { root } from './project-folder.ts';

export const environmentName = 'demo';
export const container = 'rowback';

export interface SimulatorReady {
  readonly url: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly users: readonly DemoUser[];
}

/** Somebody who may sign in to the pretend environment. */
export interface DemoUser {
  readonly systemuserid: string;
  readonly fullname: string;
  readonly domainname: string;
  readonly roles: readonly string[];
}

export interface Services {
  readonly simulator: SimulatorReady;
  readonly storage: string;
  readonly storageUrl: string;
  readonly api: string;
  readonly configuration: string;
  /** Who does what in the story. */
  readonly people: { readonly administrator: DemoUser; readonly importer: DemoUser };
  /** A signed token of a person, for Dataverse; with audience and roles, of an operator for the API. */
  token(
    user: DemoUser,
    api?: { readonly audience: string; readonly roles: readonly string[] },
  ): Promise<string>;
  formPage(user: DemoUser, start: { table: string; id: string }, port: number): Promise<string>;
  stop(): Promise<void>;
}

export const audience = 'api://rowback';

/** Storage, the pretend environment with our solution in it, and the backend: each a process of its own. */
export async function startServices(options: {
  data?: string;
  size?: number;
  apiPort: number;
  /** Names of the tables to back up; every one by default. */
  tables?: readonly string[];
  /** The command line finds this run without being told where it is. */
  forCommandLine?: boolean;
}): Promise<Services> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const azurite = await startAzurite();
    stops.push(() => azurite.stop());
    const simulator = await startSimulator(options);
    stops.push(() => simulator.stop());
    const ready = readyOf(simulator);
    const administrator = personWith(ready, 'System Administrator', /^(?!svc-)/);
    const importer = personWith(ready, 'System Administrator', /^svc-/);
    await installSolution(ready, administrator);
    const folder = join(root, '.rowback', `run-${process.pid}`);
    const configuration = await writeConfiguration(folder, ready, azurite.connectionString, options);
    stops.push(() => removeConfiguration(folder));
    const backend = await startChild(
      'the backend',
      [join(root, 'backend/dist/src/main.js'), 'serve', '--config', configuration, '--json'],
      process.env,
    );
    stops.push(() => backend.stop());
    return {
      simulator: ready,
      storage: azurite.connectionString,
      storageUrl: azurite.blobUrl,
      api: String(backend.ready['url']),
      configuration,
      people: { administrator, importer },
      token: (user, forApi) => tokenOf(ready, user, forApi),
      formPage: async (user, start, port) => {
        const page = await startHarness({
          dataverseUrl: ready.url,
          tokenFor: () => tokenOf(ready, user),
          host: '127.0.0.1',
          port,
          start,
        });
        stops.push(() => page.close());
        return page.formUrl(start.table, start.id);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startSimulator(options: { data?: string; size?: number }): Promise<Child> {
  const args = [join(root, 'simulator/dist/src/main.js'), '--child', '--port', '0'];
  if (options.data !== undefined) args.push('--data', options.data);
  if (options.size !== undefined) args.push('--size', String(options.size));
  return startChild('the simulator', args, process.env);
}

function readyOf(simulator: Child): SimulatorReady {
  const line = simulator.ready;
  const text = (name: string): string => {
    const value = line[name];
    if (typeof value !== 'string') throw new Error(`the simulator's first line lacks ${name}`);
    return value;
  };
  return {
    url: text('url'),
    tokenUrl: text('tokenUrl'),
    clientId: text('clientId'),
    clientSecret: text('clientSecret'),
    tenantId: text('tenantId'),
    // The simulator documents this list.
    users: line['users'] as DemoUser[],
  };
}

/** A person with this role, preferably one whose sign-in name looks like that; never an application. */
function personWith(simulator: SimulatorReady, role: string, name: RegExp): DemoUser {
  const able = simulator.users.filter(
    (user) => user.roles.includes(role) && !user.domainname.startsWith('rowback-'),
  );
  const found = able.find((user) => name.test(user.domainname)) ?? able[0];
  if (!found) throw new Error(`the environment has nobody with the role ${role}`);
  return found;
}

async function tokenOf(
  simulator: SimulatorReady,
  user: DemoUser,
  api?: { readonly audience: string; readonly roles: readonly string[] },
): Promise<string> {
  const response = await fetch(`${simulator.url}/_simulator/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: user.systemuserid, ...api }),
  });
  const answer: unknown = await response.json();
  if (!response.ok || typeof answer !== 'object' || answer === null || !('access_token' in answer))
    throw new Error(`no token for ${user.domainname}: ${response.status} ${JSON.stringify(answer)}`);
  return String(answer.access_token);
}

/** As an administrator would: import the solution through the Web API. */
async function installSolution(simulator: SimulatorReady, person: DemoUser): Promise<void> {
  const zip = await packSolution({
    sourceFolder: join(root, 'solution/src'),
    controlFolder: join(root, 'pcf-control/out/controls/RecordHistory'),
    managed: false,
  });
  const administrator = new Outsider(simulator.url, await tokenOf(simulator, person));
  await administrator.send('POST', 'ImportSolution', {
    OverwriteUnmanagedCustomizations: true,
    PublishWorkflows: true,
    CustomizationFile: Buffer.from(zip).toString('base64'),
    ImportJobId: '7b0d5d0a-5a3b-4e1c-9a53-0f6c7d1e2b34',
  });
}

/**
 * The backend's configuration for this run. It holds the secret of the pretend environment, so nobody else may read it.
 * `.rowback/rowback.yaml` points the command line to the newest running demo.
 */
async function writeConfiguration(
  folder: string,
  simulator: SimulatorReady,
  storage: string,
  {
    apiPort,
    tables,
    forCommandLine = false,
  }: { apiPort: number; tables?: readonly string[]; forCommandLine?: boolean },
): Promise<string> {
  const path = join(folder, 'rowback.yaml');
  const text = stringify({
    storage,
    container,
    environments: [
      {
        name: environmentName,
        url: simulator.url,
        tenantId: simulator.tenantId,
        clientId: simulator.clientId,
        clientSecret: simulator.clientSecret,
        tokenEndpoint: simulator.tokenUrl,
        // Nobody else works in the pretend environment.
        policy: { share: 1, ...(tables === undefined ? {} : { tables: { include: tables } }) },
      },
    ],
    api: {
      host: '127.0.0.1',
      port: apiPort,
      issuer: `https://login.local/${simulator.tenantId}/v2.0`,
      audience,
      tenantId: simulator.tenantId,
      jwksUri: `${simulator.url}/${simulator.tenantId}/discovery/v2.0/keys`,
    },
  });
  await removeDeadRuns();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o600 });
  if (!forCommandLine) return path;
  await writeFile(defaultConfiguration, text, { mode: 0o600 });
  await chmod(defaultConfiguration, 0o600);
  return path;
}

const defaultConfiguration = join(root, '.rowback', 'rowback.yaml');

/** What a demo that was killed could not take away itself. */
async function removeDeadRuns(): Promise<void> {
  const folder = join(root, '.rowback');
  // The very first run finds no folder.
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = /^run-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function removeConfiguration(folder: string): Promise<void> {
  const own = await readFile(join(folder, 'rowback.yaml'), 'utf8');
  // Another demo that started later has put its own in place.
  if ((await readFile(defaultConfiguration, 'utf8').catch(() => '')) === own)
    await rm(defaultConfiguration, { force: true });
  await rm(folder, { recursive: true, force: true });
}

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { root } from '../../demo/project-folder.ts';
import type { World } from './world.ts';

/** What a run of the command line came to. */
export interface Ran {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

const main = join(root, 'backend/dist/src/main.js');

/** `rowback.yaml` of a world, with some of its keys put in another way; gives its path. */
export function writeConfiguration(
  world: World,
  folder: string,
  change: {
    container?: string;
    every?: string;
    include?: readonly string[];
    exclude?: readonly string[];
    environment?: object;
    api?: object;
    storage?: string;
  } = {},
): string {
  const [environment] = world.settings.environments;
  if (environment?.signIn.kind !== 'secret' || environment.signIn.secret.kind !== 'literal')
    throw new Error('the world signs in with a literal secret');
  const { name, url, tenantId, tokenEndpoint, signIn } = environment;
  const path = join(folder, `${change.container ?? 'rowback'}-${Math.round(performance.now() * 1000)}.yaml`);
  const content = {
    storage: change.storage ?? world.settings.storage,
    container: change.container ?? world.settings.container,
    scratch: join(folder, 'scratch'),
    policy: {
      ...(change.every === undefined ? {} : { every: change.every }),
      tables: {
        ...(change.include === undefined ? {} : { include: change.include }),
        ...(change.exclude === undefined ? {} : { exclude: change.exclude }),
      },
    },
    environments: [
      {
        name,
        url,
        tenantId,
        tokenEndpoint,
        clientId: signIn.clientId,
        clientSecret: environment.signIn.secret.value,
        ...change.environment,
      },
    ],
    api: {
      port: 0,
      issuer: `https://login.local/${tenantId}/v2.0`,
      audience: 'api://rowback',
      jwksUri: `${url}/${tenantId}/discovery/v2.0/keys`,
      ...change.api,
    },
  };
  writeFileSync(path, stringify(content));
  return path;
}

/** The built command as a process of its own; it gets the signal when `after` has come. */
export function runProcess(
  args: readonly string[],
  kill?: { readonly after: () => Promise<unknown>; readonly signal: NodeJS.Signals },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    child.stdout.on('data', (bytes: Buffer) => (said.out += bytes.toString('utf8')));
    child.stderr.on('data', (bytes: Buffer) => (said.err += bytes.toString('utf8')));
    child.once('error', reject);
    kill?.after().then(() => child.kill(kill.signal), reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, ...said });
    });
  });
}

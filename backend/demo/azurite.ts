import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { randomBytes } from 'node:crypto';

export interface Azurite {
  readonly connectionString: string;
  readonly blobUrl: string;
  readonly queueUrl: string;
  /** Ends the process; resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Azure Storage's emulator as a child process on free ports of 127.0.0.1, with an account and a key made for this run.
 * `folder`: where it keeps its data (its own format); without one everything stays in memory.
 */
export async function startAzurite(options: { readonly folder?: string } = {}): Promise<Azurite> {
  const account = 'rowback';
  const key = randomBytes(32).toString('base64');
  const child = spawn(process.execPath, azuriteArguments(options.folder), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, AZURITE_ACCOUNTS: `${account}:${key}` },
  });
  const stop = stopper(child);
  try {
    const { blob, queue } = await addressesOf(child);
    const blobUrl = `${blob}/${account}`;
    const queueUrl = `${queue}/${account}`;
    const connectionString = [
      'DefaultEndpointsProtocol=http',
      `AccountName=${account}`,
      `AccountKey=${key}`,
      `BlobEndpoint=${blobUrl}`,
      `QueueEndpoint=${queueUrl}`,
    ].join(';');
    return { connectionString, blobUrl, queueUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * A parent that is killed closes the channel and can do no more; without this the emulator would outlive it. The channel
 * is unreferenced because listening on it would otherwise keep the emulator alive after its own shutdown.
 */
const endWithParent = [
  '--import',
  'data:text/javascript,process.on("disconnect",()=>process.exit(0));process.channel.unref()',
];

function azuriteArguments(folder: string | undefined): string[] {
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const local = ['--blobHost', '127.0.0.1', '--queueHost', '127.0.0.1', '--tableHost', '127.0.0.1'];
  const ports = ['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'];
  const place = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
  // The storage SDK asks for a newer API version than the emulator knows; without the flag every call fails.
  return [
    ...endWithParent,
    script,
    '--silent',
    '--disableTelemetry',
    '--skipApiVersionCheck',
    ...local,
    ...ports,
    ...place,
  ];
}

/** It says on standard output where it listens; there is no other way to learn a port that it chose itself. */
function addressesOf(child: ChildProcess): Promise<{ blob: string; queue: string }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const onOutput = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      const blob = /Blob service is successfully listening at (http:\S+)/.exec(output)?.[1];
      const queue = /Queue service is successfully listening at (http:\S+)/.exec(output)?.[1];
      if (blob !== undefined && queue !== undefined) resolve({ blob, queue });
    };
    child.stdout?.on('data', onOutput);
    child.stderr?.on('data', onOutput);
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`Azurite ended with code ${code ?? 'none'} before it listened:\n${output}`));
    });
  });
}

function stopper(child: ChildProcess): () => Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // A parent that crashes must not leave the emulator behind.
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  return async () => {
    process.off('exit', killAtExit);
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (child.connected) child.send('shutdown');
    else child.kill('SIGTERM');
    const patience = setTimeout(() => void child.kill('SIGKILL'), 3000);
    await gone;
    clearTimeout(patience);
  };
}

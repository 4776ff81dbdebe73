import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../src/base/clock.ts';
import { openClient, tokenSource, type DataverseClient, type Measure } from '../../src/dataverse/index.ts';

export interface Simulator {
  readonly url: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  /** The real client, signed in with the environment's own application; over another `fetch` where one is given. */
  connect(send?: typeof fetch): { readonly client: DataverseClient; readonly measure: () => Measure };
  close(): Promise<void>;
}

const clock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};
const random = { uuid: () => randomUUID(), fraction: () => Math.random() };

/** The simulator as a process of its own, as it is always run; it was built by `tsc -b simulator`. */
export async function startSimulator(...options: readonly string[]): Promise<Simulator> {
  const main = fileURLToPath(new URL('../../../simulator/dist/src/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, '--child', '--port', '0', ...options], {
    // Its end of stdin closes with us, however we end.
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the simulator ended before it was ready (${code})`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line') as Promise<[string]>, died]);
  // From here on its end is expected.
  died.catch(() => undefined);
  // The line is the simulator's contract.
  const facts = JSON.parse(line) as Omit<Simulator, 'connect' | 'close'>;
  return {
    ...facts,
    connect: (send = fetch) =>
      openClient({ url: facts.url, fetch: send, clock, random, tokens: tokensOf(facts) }),
    close: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function tokensOf(facts: Omit<Simulator, 'connect' | 'close'>) {
  const { clientId, clientSecret, tenantId, tokenUrl, url } = facts;
  return tokenSource({
    credential: { kind: 'secret', clientId, clientSecret },
    tenantId,
    tokenUrl,
    url,
    fetch,
    clock,
  });
}

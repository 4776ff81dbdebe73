import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What the simulator prints when it is ready. */
export interface Announcement {
  readonly url: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly users: readonly {
    readonly systemuserid: string;
    readonly domainname: string;
    readonly roles: readonly string[];
  }[];
}

export interface SimulatorProcess extends Announcement {
  stop(): Promise<void>;
}

/** Starts the simulator as a process of its own, the way anybody starts it, and waits until it is ready. */
export async function startSimulator(...flags: readonly string[]): Promise<SimulatorProcess> {
  const script = join(import.meta.dirname, '..', 'src', 'main.js');
  const child = spawn(process.execPath, [script, '--child', ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), closed.then(() => undefined)]);
  if (first === undefined) throw new Error('The simulator ended before it was ready.');
  const announcement = JSON.parse(String(first[0])) as Announcement; // the one line that it prints
  return {
    ...announcement,
    stop: async () => {
      child.kill();
      await closed;
    },
  };
}

/** A bearer token of the service account, by client credentials like any application's. */
export async function serviceToken(simulator: Announcement): Promise<string> {
  return tokenOf(
    await fetch(simulator.tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: simulator.clientId,
        client_secret: simulator.clientSecret,
        scope: `${simulator.url}/.default`,
      }),
    }),
  );
}

async function tokenOf(response: Response): Promise<string> {
  const body = (await response.json()) as { access_token?: string }; // the shape of token endpoints
  if (body.access_token === undefined)
    throw new Error(`No token: ${response.status} ${JSON.stringify(body)}`);
  return body.access_token;
}

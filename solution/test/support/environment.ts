import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface User {
  readonly systemuserid: string;
  readonly fullname: string;
  readonly roles: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Address of the row that a create made. */
  readonly made: string | null;
}

/** A pretend environment: a process of its own, spoken to over the Web API alone. Build it first: `tsc -b simulator`. */
export interface Environment {
  readonly users: readonly User[];
  send(user: User, method: string, path: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

const main = resolve(import.meta.dirname, '..', '..', '..', 'simulator', 'dist', 'src', 'main.js');

export async function startEnvironment(): Promise<Environment> {
  const child = spawn(process.execPath, [main, '--child', '--port', '0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const died = ended.then(([code]) => {
    throw new Error(`the simulator ended before it was ready (${String(code)})`);
  });
  // A line's event carries one text.
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), died])) as [string];
  // From here on its end is expected.
  died.catch(() => undefined);
  // The first line is the simulator's contract.
  const { url, users } = JSON.parse(line) as { url: string; users: readonly User[] };
  return {
    users,
    send: async (user, method, path, body) => {
      const token = await tokenOf(url, user);
      const response = await fetch(`${url}/api/data/v9.2/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        // Every body of the Web API is an object.
        body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
        made: response.headers.get('odata-entityid')?.split('/').at(-1) ?? null,
      };
    },
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function tokenOf(url: string, user: User): Promise<string> {
  const response = await fetch(`${url}/_simulator/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: user.systemuserid }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token for ${user.fullname}`);
  return token;
}

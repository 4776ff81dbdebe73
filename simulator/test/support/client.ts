import { parse } from 'lossless-json';
import {
  type BulkTable,
  CATALOG_ITEM,
  catalogItems,
  type Extent,
  importSolution,
  withBulkTables,
  type DemoOptions,
} from '../../src/data/index.ts';
import { keyPair, startServer, type RunningSimulator } from '../../src/http/index.ts';
import { sequentialIds } from '../../src/model/guid.ts';
import { createEnvironment } from '../../src/service/index.ts';
import type { Switches } from '../../src/service/switches.ts';
import { demoContents } from './demo.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests reach into answers of many shapes; each names what it expects.
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any
  readonly code: string | undefined;
}

export interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: NonNullable<RequestInit['body']>;
}

export interface Client {
  readonly server: RunningSimulator;
  /** Moves the simulator's clock. */
  advance(ms: number): void;
  call(method: string, path: string, options?: Options): Promise<Answer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  patch(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  delete(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** The same simulator, signed in as somebody else. */
  as(user: string): Promise<Client>;
  close(): Promise<void>;
}

const TOKEN_MS = 30 * 60_000;
const START = Date.UTC(2026, 6, 1, 12);

/** A running simulator with the demo environment, signed in as its service account. */
export async function startClient(
  options: {
    demo?: DemoOptions;
    switches?: Partial<Switches>;
    bulk?: readonly BulkTable[];
    tables?: Extent;
  } = {},
): Promise<Client> {
  const clock = { ms: START };
  void keyPair();
  const environment = createEnvironment({
    ...withBulkTables(demoContents(options.demo, options.tables), options.bulk ?? [], 7),
    identity: { clientSecret: 'secret of the tests' },
    now: () => clock.ms,
    newId: sequentialIds(START),
    importSolution,
    providers: new Map([[CATALOG_ITEM, catalogItems]]),
    switches: options.switches ?? {},
  });
  const server = await startServer(environment, { port: 0, open: false });
  return makeClient(server, clock, () => serviceToken(server));
}

async function serviceToken(server: RunningSimulator): Promise<string> {
  const { clientId, clientSecret } = server.environment.identity;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${server.url}/.default`,
  });
  const response = await fetch(server.tokenUrl, { method: 'POST', body });
  const { access_token: token } = (await response.json()) as { access_token: string }; // the token endpoint's shape
  return token;
}

async function tokenOf(server: RunningSimulator, user: string): Promise<string> {
  const response = await fetch(`${server.url}/_simulator/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string }; // the token endpoint's shape
  return token;
}

/** Signs in when it is first needed, and again when the clock has gone past the life of a token. */
function makeClient(server: RunningSimulator, clock: { ms: number }, signIn: () => Promise<string>): Client {
  let signedIn: { readonly token: Promise<string>; readonly ms: number } | undefined;
  const currentToken = (): Promise<string> => {
    if (signedIn === undefined || clock.ms - signedIn.ms > TOKEN_MS)
      signedIn = { token: signIn(), ms: clock.ms };
    return signedIn.token;
  };
  const call = async (method: string, path: string, options: Options = {}): Promise<Answer> => {
    const url = path.startsWith('http') ? path : `${server.url}/api/data/v9.2/${path}`;
    const json = options.body === undefined ? {} : { 'Content-Type': 'application/json' };
    const response = await fetch(url, {
      method,
      headers: { Authorization: `Bearer ${await currentToken()}`, ...json, ...options.headers },
      body: options.raw ?? (options.body === undefined ? null : JSON.stringify(options.body)),
    });
    return readAnswer(response);
  };
  const withHeaders = (headers: Readonly<Record<string, string>> | undefined) =>
    headers === undefined ? {} : { headers };
  return {
    server,
    advance: (ms) => void (clock.ms += ms),
    call,
    get: (path, headers) => call('GET', path, withHeaders(headers)),
    post: (path, body, headers) => call('POST', path, { body, ...withHeaders(headers) }),
    patch: (path, body, headers) => call('PATCH', path, { body, ...withHeaders(headers) }),
    delete: (path, headers) => call('DELETE', path, withHeaders(headers)),
    as: (user) => Promise.resolve(makeClient(server, clock, () => tokenOf(server, user))),
    close: () => server.close(),
  };
}

async function readAnswer(response: Response): Promise<Answer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString('utf8');
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  // Large numbers stay texts, so that a lost digit shows.
  const json: any = isJson && text !== '' ? parse(text, undefined, { parseNumber: keepLarge }) : undefined; // eslint-disable-line @typescript-eslint/no-explicit-any
  return { status: response.status, headers: response.headers, text, json, code: json?.error?.code };
}

function keepLarge(text: string): unknown {
  return String(Number(text)) === text ? Number(text) : text;
}

import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a process is to die: at its nth call, before the call is passed on or after it took effect without an answer. */
export interface Death {
  readonly atCall: number;
  readonly phase: 'before' | 'after';
}

/** Counts the calls to every service behind it, over all of them together. */
export interface CallCounter {
  /** Starts counting anew; `die` is called once, at the call that `death` names. Null: everything passes. */
  arm(death: Death | null, die: () => void): void;
  readonly count: number;
  /** Method and path of the call at which the process died; null: it made fewer. */
  readonly diedAt: string | null;
  onCall(request: IncomingMessage, pass: () => Promise<void>): Promise<void>;
}

export function openCounter(): CallCounter {
  let armed: Death | null = null;
  let kill: () => void = () => undefined;
  let count = 0;
  let diedAt: string | null = null;
  return {
    arm(death, die) {
      [armed, kill, count, diedAt] = [death, die, 0, null];
    },
    get count() {
      return count;
    },
    get diedAt() {
      return diedAt;
    },
    async onCall(request, pass) {
      count += 1;
      if (armed?.atCall !== count) return pass();
      diedAt = `${request.method} ${(request.url ?? '').split('?')[0]}`;
      // No answer reaches the process: it is gone before this returns.
      if (armed.phase === 'after') await pass();
      kill();
    },
  };
}

export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Passes every call on to `target` as it is (signatures and links hold: the path and `Host` are kept). */
export async function startProxy(target: string, counter: CallCounter): Promise<Proxy> {
  const server = createServer((request, response) => {
    // What cannot be passed on is a broken connection to whoever asked.
    pass(request, response, new URL(target), counter).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // listen() on a port gives an address object.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  target: URL,
  counter: CallCounter,
): Promise<void> {
  const body = await bytesOf(request).catch(() => null);
  // The process died in the middle of a call: what it sent is no call.
  if (body === null) return;
  let answer: Answer | null = null;
  await counter.onCall(request, async () => {
    answer = await ask(request, body, target);
  });
  if (answer === null || counter.diedAt !== null) return void response.destroy();
  const { status, headers, bytes } = answer as Answer;
  response.writeHead(status, headers).end(bytes);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
}

function ask(request: IncomingMessage, body: Buffer, { hostname, port }: URL): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', url = '/', headers } = request;
    const asked = send({ hostname, port, method, path: url, headers }, (response) => {
      bytesOf(response).then(
        (bytes) => resolve({ status: response.statusCode ?? 500, headers: whole(response.headers), bytes }),
        reject,
      );
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

/** It is sent in one piece, so how it came in pieces is no longer true. */
function whole({
  'transfer-encoding': _,
  ...headers
}: IncomingMessage['headers']): IncomingMessage['headers'] {
  return headers;
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

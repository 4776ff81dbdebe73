import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { giveBack } from '../odata/page-memory.ts';
import type { ApiResponse } from './api.ts';
import { cutOf, goesAsGzip, GZIP, isBodiless } from './wire-form.ts';

const gzipBytes = promisify(gzip);
const TRICKLE_PIECES = 10;

export interface SendOptions {
  readonly compress: boolean;
  /** By the service's clock. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Puts an answer on the socket, packed where the client takes that. */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ApiResponse,
  { compress, sleep }: SendOptions,
): Promise<void> {
  const cutAt = cutOf(answer);
  const spreadMs = answer.delivery?.spreadMs;
  if (cutAt === 'head') {
    request.socket.destroy();
    return;
  }
  const body = bytesOf(answer.body ?? '');
  response.once('close', () => giveBack(body));
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const zip = compress && goesAsGzip(body.length, accepted);
  const bytes = zip ? await gzipBytes(body, GZIP) : body;
  const bodiless = isBodiless(answer.status);
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(zip ? { 'Content-Encoding': 'gzip' } : {}),
    ...(bodiless ? {} : { 'Content-Length': String(bytes.length) }),
  });
  if (request.method === 'HEAD' || bodiless) response.end();
  else if (cutAt !== undefined) await cutOff(response, bytes.subarray(0, Math.floor(bytes.length * cutAt)));
  else if (spreadMs !== undefined) await trickle(response, bytes, spreadMs, sleep);
  else response.end(bytes);
}

/** The bytes arrive, and then the connection is gone. */
async function cutOff(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  response.flushHeaders();
  await new Promise((resolve) => response.write(bytes, resolve));
  response.destroy();
}

async function trickle(
  response: ServerResponse,
  bytes: Uint8Array,
  spreadMs: number,
  sleep: SendOptions['sleep'],
): Promise<void> {
  const step = Math.ceil(bytes.length / TRICKLE_PIECES);
  for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
    await sleep(spreadMs / TRICKLE_PIECES);
    response.write(bytes.subarray(at, at + step));
  }
  response.end();
}

/** Bytes are sent as they are: a page of rows is megabytes. */
function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { giveBack } from '../odata/page-memory.ts';
import type { ApiResponse } from './api.ts';

const gzipBytes = promisify(gzip);
const COMPRESS_FROM_BYTES = 1024;

/** Puts an answer on the socket, packed where the client takes that. */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ApiResponse,
  compress: boolean,
): Promise<void> {
  const body = bytesOf(answer.body ?? '');
  response.once('close', () => giveBack(body));
  const zip =
    compress &&
    body.length >= COMPRESS_FROM_BYTES &&
    /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const bytes = zip ? await gzipBytes(body, { level: 1 }) : body;
  const bodiless = answer.status === 204 || answer.status === 304;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(zip ? { 'Content-Encoding': 'gzip' } : {}),
    ...(bodiless ? {} : { 'Content-Length': String(bytes.length) }),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Bytes are sent as they are: a page of rows is megabytes. */
function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

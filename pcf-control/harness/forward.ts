import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

/** Hands the page's Web API calls to Dataverse with the user's token, and nothing else to nobody else. */

const methods = new Set(['GET', 'POST', 'PATCH', 'DELETE']);
const requestHeaders = [
  'accept',
  'content-type',
  'prefer',
  'if-match',
  'if-none-match',
  'odata-version',
  'odata-maxversion',
];
const responseHeaders = [
  'content-type',
  'etag',
  'odata-entityid',
  'odata-version',
  'preference-applied',
  'retry-after',
];
const bodyBytesMax = 5 * 1024 * 1024;

export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { dataverseUrl, tokenFor }: { dataverseUrl: string; tokenFor: () => Promise<string> },
): Promise<void> {
  const method = request.method ?? '';
  const site = request.headers['sec-fetch-site'];
  if (!methods.has(method)) return refuse(response, 405, 'Only GET, POST, PATCH and DELETE are forwarded.');
  // Browsers say where a call comes from: another page must not act as the signed-in user.
  if (site !== undefined && site !== 'same-origin')
    return refuse(response, 403, 'Only the form page may call.');
  const body = method === 'POST' || method === 'PATCH' ? await readBody(request) : null;
  const headers = new Headers({ authorization: `Bearer ${await tokenFor()}` });
  for (const name of requestHeaders) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const answer = await fetch(new URL(dataverseUrl).origin + (request.url ?? ''), {
    method,
    headers,
    body,
    redirect: 'error',
  });
  const passed = responseHeaders.flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  response.writeHead(answer.status, { ...Object.fromEntries(passed), 'cache-control': 'no-store' });
  if (answer.body === null) {
    response.end();
    return;
  }
  // Both are the web's ReadableStream; the two typings do not know of each other.
  Readable.fromWeb(answer.body as ReadableStream).pipe(response);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error('The body is larger than 5 MB.');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { code: '0x80040216', message } }));
}

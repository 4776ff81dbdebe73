import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate } from 'node:zlib';
import { RequestRefused } from './request-refused.ts';

const MAX_BYTES = 160 * 1024 * 1024;
const NOTHING = new Uint8Array();

/** The whole body, unpacked. @throws RequestRefused above 160 MB, and for one that is not packed as its header says */
export async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  try {
    return await wholeBody(request);
  } catch (error) {
    if (error instanceof RequestRefused || !isPackingError(error)) throw error;
    throw new RequestRefused(400, 'The body is not packed as Content-Encoding says.');
  }
}

/** The codes of zlib begin with Z_. */
function isPackingError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^Z_/.test(String(error.code));
}

async function wholeBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpacked(request) as AsyncIterable<Buffer>) {
    // no encoding is set: chunks are buffers
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) throw new RequestRefused(413, `The request is larger than ${MAX_BYTES} bytes.`);
  }
  if (chunks.length === 0) return NOTHING;
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks); // one element
}

function unpacked(request: IncomingMessage): NodeJS.ReadableStream {
  switch (request.headers['content-encoding']?.toLowerCase()) {
    case 'gzip':
      return request.pipe(createGunzip());
    case 'deflate':
      return request.pipe(createInflate());
    default:
      return request;
  }
}

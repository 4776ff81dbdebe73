import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate } from 'node:zlib';

const MAX_BYTES = 160 * 1024 * 1024;
const NOTHING = new Uint8Array();

export class BodyTooLarge extends Error {}

/** The whole body, unpacked. @throws BodyTooLarge above 160 MB */
export async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpacked(request) as AsyncIterable<Buffer>) {
    // no encoding is set: chunks are buffers
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) throw new BodyTooLarge(`The request is larger than ${MAX_BYTES} bytes.`);
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

import { once } from 'node:events';
import { Dicer } from '@fastify/busboy';
import { badRequest } from '../../service/errors.ts';

export interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/**
 * Splits a multipart body. Lines end in CRLF, the one after the closing boundary too; the last CRLF of a nested
 * body belongs to the boundary around it.
 * @throws ServiceError 400 `0x80048d19`
 */
export async function parseMultipart(contentType: string, body: Buffer, nested = false): Promise<Part[]> {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw malformed('The Content-Type header of the batch has no boundary.');
  if (!endsProperly(body, boundary, nested)) {
    throw malformed(
      'Stream was not readable. Every line of a batch ends in CRLF, also after the closing boundary.',
    );
  }
  const parts: Promise<Part>[] = [];
  const dicer = new Dicer({ boundary });
  dicer.on('part', (stream) => parts.push(readPart(stream)));
  const finished = once(dicer, 'finish');
  dicer.end(body);
  try {
    await finished;
    return await Promise.all(parts);
  } catch (error) {
    throw malformed(String(error instanceof Error ? error.message : error));
  }
}

async function readPart(stream: Dicer.PartStream): Promise<Part> {
  const headers = new Map<string, string>();
  const chunks: Buffer[] = [];
  stream.on('header', (found: object) => {
    for (const [name, values] of Object.entries(found)) headers.set(name.toLowerCase(), String(values));
  });
  stream.on('data', (chunk: Buffer | string) => chunks.push(Buffer.from(chunk)));
  await once(stream, 'end');
  return { headers, body: Buffer.concat(chunks) };
}

function endsProperly(body: Buffer, boundary: string, nested: boolean): boolean {
  const text = body.subarray(-(boundary.length + 8)).toString('latin1');
  return text.endsWith(`--${boundary}--\r\n`) || (nested && text.endsWith(`--${boundary}--`));
}

export function malformed(reason: string) {
  return badRequest(`Error identified in Payload provided by the user. ${reason}`, '0x80048d19');
}

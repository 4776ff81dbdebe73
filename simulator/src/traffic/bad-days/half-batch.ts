import type { ApiRequest } from '../../http/api.ts';

/**
 * The same batch with some of its parts only, at least one and, where there are several, not all. A change set is one
 * part. What is no batch comes back as it is, and the service refuses it.
 * @param random 32 bits that decide how many are kept
 */
export function halfOfBatch(
  request: ApiRequest,
  random: number,
): { readonly part: ApiRequest; readonly kept: number; readonly of: number } {
  const boundary = /boundary="?([^";]+)"?/i.exec(request.headers.get('content-type') ?? '')?.[1];
  if (boundary === undefined) return { part: request, kept: 0, of: 0 };
  const delimiter = `--${boundary}\r\n`;
  // Latin 1 keeps every byte as it is, whatever the parts hold.
  const text = Buffer.from(request.body).toString('latin1');
  const parts = text.split(delimiter).slice(1);
  const kept = parts.length < 2 ? parts.length : 1 + (random % (parts.length - 1));
  if (kept === parts.length) return { part: request, kept, of: parts.length };
  const body = `${parts
    .slice(0, kept)
    .map((part) => `${delimiter}${part}`)
    .join('')}--${boundary}--\r\n`;
  return { part: { ...request, body: Buffer.from(body, 'latin1') }, kept, of: parts.length };
}

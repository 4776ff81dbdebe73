import { STATUS_CODES } from 'node:http';
import type { IdSource } from '../../model/guid.ts';
import type { ApiResponse } from '../api.ts';

export interface PrintedPart {
  /** Header lines of the part itself. */
  readonly head: readonly string[];
  readonly body: Buffer;
}

/** An answer as the HTTP response inside a part; there the new row's URL stands in `Location` too, and errors carry an id. */
export function printResponse(response: ApiResponse, newId: IdSource, contentId?: string): PrintedPart {
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`];
  if (response.status >= 400) lines.push(`REQ_ID: ${newId()}`);
  for (const [name, value] of Object.entries(response.headers)) lines.push(`${name}: ${value}`);
  const url = response.headers['OData-EntityId'];
  if (url !== undefined) lines.push(`Location: ${url}`);
  const head = ['Content-Type: application/http', 'Content-Transfer-Encoding: binary'];
  if (contentId !== undefined) head.push(`Content-ID: ${contentId}`);
  const body = Buffer.concat([
    Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'),
    typeof response.body === 'string' ? Buffer.from(response.body, 'utf8') : Buffer.from(response.body ?? []),
  ]);
  return { head, body };
}

export function multipart(boundary: string, parts: readonly PrintedPart[]): Buffer {
  const chunks: Buffer[] = [];
  for (const { head, body } of parts) {
    chunks.push(
      Buffer.from(`--${boundary}\r\n${head.join('\r\n')}\r\n\r\n`, 'utf8'),
      body,
      Buffer.from('\r\n'),
    );
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`, 'utf8'));
  return Buffer.concat(chunks);
}

import { badRequest } from '../../service/errors.ts';
import type { ApiRequest, Call } from '../api.ts';
import { malformed, type Part } from './parse-multipart.ts';

/** Headers of the outer request that hold for its parts unless a part says otherwise. */
const INHERITED = ['callerobjectid', 'mscrmcallerid', 'accept-language', 'consistency'];

/** What a content id stands for: the URL of the row that an earlier part of the change set made. */
export type ContentIds = ReadonlyMap<string, string>;

/** Reads the HTTP request inside a part. `$1` is replaced in the URL, in `@odata.bind` and in `@odata.id`. */
export function parseInnerRequest(call: Call, part: Part, ids: ContentIds): ApiRequest {
  const text = part.body.toString('latin1');
  const lineEnd = text.indexOf('\r\n');
  // Microsoft's own client leaves spaces in the URL of a part.
  const line = /^(\S+) (\S.*) HTTP\/1\.1$/.exec(lineEnd < 0 ? text : text.slice(0, lineEnd));
  if (line === null) throw malformed('The request line of a batch part is not valid.');
  const headEnd = text.indexOf('\r\n\r\n');
  const head = text.slice(lineEnd + 2, headEnd < 0 ? undefined : headEnd);
  const headers = new Map<string, string>();
  for (const name of INHERITED) {
    const value = call.headers.get(name);
    if (value !== undefined) headers.set(name, value);
  }
  for (const header of head.split('\r\n')) {
    const colon = header.indexOf(':');
    if (colon > 0) headers.set(header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).trim());
  }
  const body = headEnd < 0 ? Buffer.alloc(0) : part.body.subarray(headEnd + 4);
  return {
    method: line[1]!.toUpperCase(), // two groups
    resource: resourceOf(line[2]!, ids), // two groups
    serviceRoot: call.context.serviceRoot,
    headers,
    body: ids.size === 0 && !body.includes('"$') ? body : replaceInBody(body, ids),
  };
}

function resourceOf(target: string, ids: ContentIds): string {
  const reference = /^\/?\$(\w+)(.*)$/s.exec(target);
  if (reference !== null && reference[1] !== 'batch' && reference[1] !== 'metadata') {
    return relative(referred(reference[1]!, ids)) + reference[2]!; // two groups
  }
  return relative(target);
}

/** Absolute, from the root, or below the service root: all three are used. */
function relative(target: string): string {
  return target
    .replace(/^https?:\/\/[^/]+/i, '')
    .replace(/^\/?api\/data\/v\d+\.\d+\//i, '')
    .replace(/^\/+/, '');
}

function referred(id: string, ids: ContentIds): string {
  const url = ids.get(id);
  if (url === undefined) {
    throw badRequest(`Content-ID Reference: '$${id}' does not exist in the batch context.`, '0x80048d19');
  }
  return url;
}

function replaceInBody(body: Buffer, ids: ContentIds): Buffer {
  const pattern = /("(?:[^"\\]|\\.)*@odata\.(?:bind|id)"\s*:\s*)(\[[^\]]*\]|"[^"]*")/g;
  const text = body.toString('utf8').replace(pattern, (_all, name: string, value: string) => {
    return (
      name +
      value.replace(
        /"\/?\$(\w+)([^"]*)"/g,
        (_match, id: string, rest: string) => `"${referred(id, ids)}${rest}"`,
      )
    );
  });
  return Buffer.from(text, 'utf8');
}

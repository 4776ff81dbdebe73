import type { BatchRequest } from '../client.ts';

const lineEnd = '\r\n';

export interface BatchBody {
  readonly contentType: string;
  readonly body: string;
}

/** `multipart/mixed` with a CRLF after every line, the last one too: the service refuses anything else. */
export function formatBatch(requests: readonly BatchRequest[], root: string): BatchBody {
  const boundary = unusedBoundary('batch', requests);
  const inner = unusedBoundary('changeset', requests);
  const parts = groupsOf(requests).map((group) => formatGroup(group, root, inner));
  const body = [...parts.map((part) => `--${boundary}${lineEnd}${part}`), `--${boundary}--${lineEnd}`].join(
    '',
  );
  return { contentType: `multipart/mixed; boundary="${boundary}"`, body };
}

/** Requests that stand next to each other with the same group. */
export function groupsOf(requests: readonly BatchRequest[]): BatchRequest[][] {
  const groups: BatchRequest[][] = [];
  for (const request of requests) {
    const last = groups.at(-1);
    if (request.group !== undefined && last?.[0]?.group === request.group) last.push(request);
    else groups.push([request]);
  }
  return groups;
}

function formatGroup(group: readonly BatchRequest[], root: string, boundary: string): string {
  const [first] = group;
  if (first?.group === undefined) return group.map((request) => formatPart(request, root, null)).join('');
  const parts = group.map(
    (request, index) => `--${boundary}${lineEnd}${formatPart(request, root, index + 1)}`,
  );
  const head = `Content-Type: multipart/mixed; boundary="${boundary}"${lineEnd}${lineEnd}`;
  return `${head}${parts.join('')}--${boundary}--${lineEnd}`;
}

function formatPart(request: BatchRequest, root: string, contentId: number | null): string {
  const headers = {
    ...(request.body === undefined ? {} : { 'Content-Type': 'application/json; type=entry' }),
    ...request.headers,
  };
  const path = /^https?:\/\//i.test(request.url) ? request.url : root + request.url;
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(contentId === null ? [] : [`Content-ID: ${contentId}`]),
    '',
    `${request.method} ${path} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    request.body ?? '',
    '',
  ].join(lineEnd);
}

/** A boundary must not be in any body; which one it is does not matter, so no randomness is needed. */
function unusedBoundary(name: string, requests: readonly BatchRequest[]): string {
  for (let number = 1; ; number += 1) {
    const boundary = `${name}_rowback_${number}`;
    if (!requests.some((request) => request.body?.includes(boundary))) return boundary;
  }
}

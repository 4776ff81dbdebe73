import type { ApiRequest } from '../../http/api.ts';

/** What can go wrong on a bad day, and which requests it can hit. */
export const KINDS = {
  /** Refused with 429; `Retry-After` in seconds, as a date, or absent. */
  storm: () => true,
  /** 502, 503 or 504 with an HTML body from what stands before the service. */
  gateway: () => true,
  sqlTimeout: () => true,
  deadlock: isWrite,
  /** The connection ends before anything was done. */
  resetBefore: () => true,
  /** The connection ends in the middle of the body, also where a write that took effect is answered with one. */
  resetMidBody: () => true,
  /** It was done, and the answer is lost with the connection. */
  resetAfterWrite: isWrite,
  /** It was done, nothing is heard for two minutes, and then there is a 504. */
  timeoutAfterWrite: isWrite,
  /** The body trickles. */
  slowBytes: isRead,
  /** A batch stops after some of its parts, and the answer is cut off or lost. */
  halfBatch: isBatch,
  /** The access token counts no longer: 401 with an empty body, until the client brings another. */
  expiredToken: () => true,
  /** 400 0x80044352, for this token ever after. */
  expiredChangeToken: ({ resource }: ApiRequest) => changeTokenOf(resource) !== undefined,
  /** A page of changes without next link or delta link. */
  noDeltaLink: isTracked,
  /** Tombstones of rows that never were. */
  tokenNoise: ({ resource }: ApiRequest) => changeTokenOf(resource) !== undefined,
  /** Somebody else inserts, changes or deletes a row between two pages. */
  otherPeople: isLaterPage,
  /** A page is short or empty although more follow. */
  shortPage: isLaterPage,
} as const;

export type FaultKind = keyof typeof KINDS;

function isBatch({ method, resource }: ApiRequest): boolean {
  return method === 'POST' && resource.startsWith('$batch');
}

function isRead({ method }: ApiRequest): boolean {
  return method === 'GET';
}

function isWrite({ method }: ApiRequest): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function isLaterPage({ method, resource }: ApiRequest): boolean {
  return method === 'GET' && /[?&](\$|%24)skiptoken=/i.test(resource);
}

function isTracked({ method, resource, headers }: ApiRequest): boolean {
  const asked = headers.get('prefer')?.includes('track-changes') === true;
  return method === 'GET' && (asked || changeTokenOf(resource) !== undefined);
}

/** Path and change token, which together name what has expired. */
export function changeTokenOf(resource: string): string | undefined {
  const token = /[?&](?:\$|%24)deltatoken=([^&]*)/i.exec(resource)?.[1];
  return token === undefined ? undefined : `${pathOf(resource)} ${token}`;
}

export function pathOf(resource: string): string {
  return resource.replace(/\?.*$/s, '');
}

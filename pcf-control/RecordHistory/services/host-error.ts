/** What the host's Web API rejects with, as far as it can be relied on: an error number and a sentence. */
export type HostError = { kind: 'not-found' | 'no-privilege' | 'other'; message: string };

// Dataverse error numbers: record or table not there; privilege or access right missing; user not in the environment.
const notFound = new Set([0x80040217, 0x80060888, 0x8006088a]);
const noPrivilege = new Set([0x80040220, 0x80042f09, 0x80048306, 0x80072560]);

/** The host gives the number signed or unsigned, and as `errorCode` or `code`, depending on its version. */
export function readHostError(error: unknown): HostError {
  const fields = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const message = typeof fields.message === 'string' ? fields.message : String(error);
  const number = [fields.errorCode, fields.code]
    .map(Number)
    .find((code) => Number.isInteger(code) && code !== 0);
  const code = (number ?? 0) >>> 0;
  if (notFound.has(code)) return { kind: 'not-found', message };
  if (noPrivilege.has(code)) return { kind: 'no-privilege', message };
  return { kind: 'other', message };
}

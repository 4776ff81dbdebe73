import { AssertionError } from '../base/assert.ts';
import { InputError, RefusedError, RowbackError } from '../base/errors.ts';
import { type ProblemDetails } from '../jobs/contract.ts';
import { UnauthenticatedError } from './authenticate.ts';

/** Codes that say "there is no such thing": 404. */
const notFound = new Set([
  'environment-unknown',
  'table-unknown',
  'column-unknown',
  'unknown-column',
  'record-not-in-backup',
  'record-not-in-snapshot',
  'table-gone',
  'snapshot-missing',
  'no-snapshot-yet',
  'version-missing',
  'restore-missing',
  'backup-missing',
  'route-unknown',
]);
/** Codes that say "not now": 409. */
const conflicts = new Set([
  'backup-running',
  'restore-running',
  'plan-expired',
  'restore-unfinished',
  'nothing-to-undo',
  'commit-lost',
  'stale-writer',
  'lease-lost',
]);
/** Codes of storage or Dataverse being away: 503; the caller may try again. */
const away = new Set([
  'storage-unreachable',
  'storage-busy',
  'storage-refused',
  'storage-full',
  'container-missing',
  'queue-missing',
  'scratch-full',
  'token-keys-unreachable',
  'dataverse-unreachable',
  'dataverse-transient',
  'dataverse-throttled',
  'dataverse-sign-in',
]);

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not now',
  413: 'Too large',
  415: 'Not understood',
  500: 'Unexpected error',
  502: 'Dataverse refused',
  503: 'Unavailable',
};

/** Every error as problem+json (RFC 9457). What is not ours is told without its text: it may hold values. */
export function problemOf(error: unknown): ProblemDetails {
  if (error instanceof RowbackError && !(error instanceof AssertionError)) {
    const status = statusOf(error);
    return problem(status, error.code, error.message, error.hint);
  }
  // A path with a broken percent code is told in the same way as a broken body; only its class differs.
  if (error instanceof URIError)
    return problem(400, 'path-malformed', 'The path cannot be decoded.', 'Encode it as UTF-8, then percent.');
  const status = statusOfBodyParser(error);
  if (status === 413)
    return problem(413, 'body-too-large', 'The request body is too large.', 'Send at most 1 MB.');
  if (status === 415)
    return problem(
      415,
      'body-unsupported',
      'The request body is in a form that is not understood.',
      'Send JSON in UTF-8 as application/json, uncompressed or with gzip.',
    );
  if (status === 400)
    return problem(400, 'body-malformed', 'The request body is not valid JSON.', 'Send a JSON object.');
  return problem(
    500,
    'unexpected',
    'Something went wrong that should not.',
    'Try again. If it stays, look into the log of the backend for this moment.',
  );
}

function problem(status: number, code: string, detail: string, hint: string): ProblemDetails {
  return {
    type: `urn:rowback:problem:${code}`,
    title: titles[status] ?? 'Error',
    status,
    detail,
    code,
    hint,
  };
}

function statusOf(error: RowbackError): number {
  if (error instanceof UnauthenticatedError) return 401;
  if (notFound.has(error.code)) return 404;
  if (conflicts.has(error.code)) return 409;
  if (away.has(error.code)) return 503;
  if (error instanceof RefusedError) return 403;
  if (error instanceof InputError) return 400;
  if (error.code.startsWith('dataverse-')) return 502;
  return 500;
}

/** Express' body parser throws http-errors with a `status`. */
function statusOfBodyParser(error: unknown): number {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : 500;
}

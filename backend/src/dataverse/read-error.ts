import { DataverseError, type DataverseErrorFacts, type DataverseErrorKind } from './errors.ts';
import type { TransportResponse } from './transport/port.ts';

/** What the request was about, for messages that a person understands. */
export interface About {
  readonly table?: string;
  readonly row?: string;
}

/** Translates a refusing answer. Its body may be JSON, an HTML page of a proxy, or empty. */
export async function errorOf(response: TransportResponse, about: About = {}): Promise<DataverseError> {
  const { code, message } = serviceError(await response.text());
  const facts: DataverseErrorFacts = {
    kind: kindOf(response.status, code),
    status: response.status,
    serviceCode: code,
    requestId: response.headers['x-ms-service-request-id'] ?? response.headers['req_id'] ?? null,
    ...about,
  };
  const hint = special[code];
  const said = message === '' ? `HTTP ${response.status} without an explanation` : message;
  const where = about.table === undefined ? '' : `${about.table}${about.row ? ` ${about.row}` : ''}: `;
  return new DataverseError(where + said, facts, hint === undefined ? {} : { hint });
}

/** Code (normalised) and message of an error body; both empty when it is no error body. */
export function serviceError(body: string): { readonly code: string; readonly message: string } {
  const error = errorMember(body);
  if (error === null) return { code: '', message: '' };
  return { code: normalCode(textOf(error.code)), message: textOf(error.message) };
}

function errorMember(body: string): { code?: unknown; message?: unknown } | null {
  if (!body.trimStart().startsWith('{')) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // Cut off or not JSON after all: the status alone has to say what happened.
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const error = 'error' in parsed ? parsed.error : parsed;
  return typeof error === 'object' ? error : null;
}

function textOf(member: unknown): string {
  return typeof member === 'string' || typeof member === 'number' ? String(member) : '';
}

/** Hex in the Web API's bodies, signed decimal in some; any case. */
function normalCode(code: string): string {
  if (/^-?\d+$/.test(code) && code !== '0') return `0x${(Number(code) >>> 0).toString(16).padStart(8, '0')}`;
  return code.toLowerCase();
}

const kinds: Readonly<Record<string, DataverseErrorKind>> = {
  '0x80072321': 'throttled',
  '0x80072322': 'throttled',
  '0x80072326': 'throttled',
  '0x8005f103': 'throttled',
  '0x80048544': 'throttled',
  '0x80048644': 'throttled',
  '0x80048744': 'throttled',
  '0x80048745': 'throttled',
  '0x80044352': 'expired-token',
  '0x80072491': 'not-tracked',
  '0x80072492': 'not-tracked',
  '0x80060882': 'conflict',
  '0x80040237': 'duplicate',
  '0x80060892': 'duplicate',
  '0x80073002': 'duplicate',
  '0x80040333': 'duplicate',
  '0x80040217': 'not-found',
  '0x80060891': 'not-found',
  '0x80040800': 'not-supported',
  '0x80100008': 'not-supported',
  '0x80044822': 'not-supported',
  '0x80050263': 'not-supported',
  '0x8004418a': 'too-large',
  // A Restrict relationship answers with 405, but it is this row that is refused, not the message.
  '0x80040227': 'bad-request',
  '0x80040220': 'forbidden',
  '0x80040225': 'forbidden',
  '0x80048306': 'forbidden',
  '0x80072560': 'forbidden',
  '0x8004022e': 'read-only',
  '0x80040230': 'read-only',
  '0x80043b09': 'read-only',
  '0x80040228': 'read-only',
  '0x80044150': 'transient',
  '0x80044151': 'transient',
  '0x80040251': 'transient',
  '0x80040255': 'transient',
  '0x80071154': 'transient',
  '0x80044171': 'transient',
  '0x80044172': 'transient',
  '0x80044173': 'transient',
  '0x80081111': 'transient',
  '0x80072323': 'transient',
  '0x80072324': 'transient',
};

const special: Readonly<Record<string, string>> = {
  '0x80072560':
    'Add the app registration as an application user of this environment (Power Platform admin center, Settings, ' +
    'Users, Application users) and give it a role.',
  '0x8004a110':
    'Give the application user the role Delegate or System Administrator: it may not act for others.',
  '0x80040225': 'The user who asked is disabled or has no licence; nothing can be done in their name.',
  '0x8004430a':
    'Without a paging cookie the service gives 50,000 rows. Order by columns of the table itself, or ask for less.',
  '0x80072325': "The environment's storage is full. Free some, then go on.",
};

/** What a refusal with this status and (normalised) code means. */
export function kindOf(status: number, code: string): DataverseErrorKind {
  const byCode = kinds[code];
  if (status === 429) return 'throttled';
  if (byCode !== undefined) return byCode;
  if (status < 400) return 'unexpected-answer';
  return byStatus[status] ?? (status >= 500 && code !== '0x80040265' ? 'transient' : 'bad-request');
}

const byStatus: Readonly<Record<number, DataverseErrorKind>> = {
  401: 'unauthorised',
  403: 'forbidden',
  404: 'not-found',
  405: 'not-supported',
  408: 'transient',
  412: 'conflict',
  413: 'too-large',
  414: 'too-large',
  501: 'not-supported',
};

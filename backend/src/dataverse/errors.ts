import { RowbackError } from '../base/errors.ts';

/**
 * What a failure means to the caller.
 *
 * | kind | meaning |
 * | --- | --- |
 * | throttled | 429 for longer than we were ready to wait |
 * | transient | 502, 503, 504, SQL trouble: still so after the retries |
 * | not-found | row, or target of a lookup, does not exist |
 * | conflict | 412 by etag: the row changed since it was read |
 * | duplicate | a row with this id, key or link exists |
 * | forbidden | a privilege or permission is missing |
 * | unauthorised | 401 even with a fresh token |
 * | expired-token | the change token is too old, or the schema moved: read in full |
 * | not-tracked | the table, or a side of the intersect table, has no change tracking |
 * | not-supported | the table (or row) does not take this message: virtual, unreadable, closed to bulk messages, … |
 * | too-large | the request, or the answer to it, is more than the service handles at once |
 * | outcome-unknown | the write may or may not have happened: read and compare |
 * | unreachable | no answer, or it broke off |
 * | unexpected-answer | an answer that the protocol does not allow |
 * | sign-in | no token could be had |
 * | daily-budget | work in the background may ask nothing more today |
 */
export type DataverseErrorKind =
  | 'throttled'
  | 'transient'
  | 'not-found'
  | 'conflict'
  | 'duplicate'
  | 'forbidden'
  | 'bad-request'
  | 'read-only'
  | 'unauthorised'
  | 'expired-token'
  | 'not-tracked'
  | 'not-supported'
  | 'too-large'
  | 'outcome-unknown'
  | 'unreachable'
  | 'unexpected-answer'
  | 'sign-in'
  | 'daily-budget';

export interface DataverseErrorFacts {
  readonly kind: DataverseErrorKind;
  /** 0 when there was no answer. */
  readonly status: number;
  /** Lower-case hex as `0x80040217`; empty when the service gave none. */
  readonly serviceCode: string;
  /** `x-ms-service-request-id`: what Microsoft's support asks for. */
  readonly requestId: string | null;
  readonly table?: string;
  readonly row?: string;
}

/** A request that Dataverse refused or that did not come through. `code` is `dataverse-<kind>`. */
export class DataverseError extends RowbackError {
  readonly kind: DataverseErrorKind;
  readonly status: number;
  readonly serviceCode: string;
  readonly requestId: string | null;
  readonly table: string | null;
  readonly row: string | null;

  constructor(message: string, facts: DataverseErrorFacts, options: { hint?: string; cause?: unknown } = {}) {
    super(`dataverse-${facts.kind}`, message, {
      hint: options.hint ?? hints[facts.kind],
      context: contextOf(facts),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    this.kind = facts.kind;
    this.status = facts.status;
    this.serviceCode = facts.serviceCode;
    this.requestId = facts.requestId;
    this.table = facts.table ?? null;
    this.row = facts.row ?? null;
  }
}

/** What fails while something is done with a table names it, also where the request itself was about something else. */
export async function naming<T>(table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DataverseError ? named(table, error) : error;
  }
}

/** The same error with the table that it is about, where it has none. */
export function named(table: string, error: DataverseError): DataverseError {
  if (error.table !== null) return error;
  const { kind, status, serviceCode, requestId, hint } = error;
  const facts = { kind, status, serviceCode, requestId, table };
  return new DataverseError(`${table}: ${error.message}`, facts, { hint, cause: error });
}

const hints: Readonly<Record<DataverseErrorKind, string>> = {
  throttled: 'The environment is busy. Try again later, or lower the number of requests at once.',
  transient: 'The service had a passing problem. Try again; if it stays, give Microsoft the request id.',
  'not-found': 'Check the table and the id; the row may have been deleted.',
  conflict: 'Somebody changed the row meanwhile. Read it again and decide anew.',
  duplicate: 'Such a row or link is already there. Compare it with the one to be written.',
  forbidden:
    'Give the application user the System Administrator role, or a role with organization-wide rights on the table.',
  'bad-request': 'The service refused the content. Its message names the column or the rule.',
  'read-only': 'The row is locked in its present state. Reopen it first.',
  unauthorised: 'Check that the app registration is an application user of this environment and is enabled.',
  'expired-token': 'Read the table in full; the next run uses changes again.',
  'not-tracked': 'Turn on "Track changes" for the table (both tables of a relationship), or read it in full.',
  'not-supported': 'Leave the table out, or use another message: it does not offer this one.',
  'too-large': 'Send less at once: fewer rows, a smaller page, fewer columns.',
  'outcome-unknown': 'Read the row and compare it with what was to be written.',
  unreachable: 'Check the URL of the environment and the network.',
  'unexpected-answer': 'A proxy may stand in between. If not, report this with the request id.',
  'daily-budget':
    'Backups go on when requests of the last 24 hours are forgotten. Allow more with policy.dailyRequests.',
  'sign-in': 'Check tenant, client id and secret or certificate.',
};

function contextOf(facts: DataverseErrorFacts): Record<string, string | number> {
  const context: Record<string, string | number> = { kind: facts.kind, status: facts.status };
  if (facts.serviceCode !== '') context['serviceCode'] = facts.serviceCode;
  if (facts.requestId !== null) context['requestId'] = facts.requestId;
  if (facts.table !== undefined) context['table'] = facts.table;
  if (facts.row !== undefined) context['row'] = facts.row;
  return context;
}

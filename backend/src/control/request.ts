import { z } from 'zod';
import { InputError, RefusedError } from '../base/errors.ts';
import { isReference, type Values } from '../base/value.ts';
import { requestInput, type RequestInput } from '../jobs/contract.ts';

/** Requests older than this are not run: nobody waits for them any more. */
export const requestLifetimeMs = 10 * 60 * 1000;
/** Servers' clocks disagree by less; a later `createdon` was written by hand, to stay young for ever. */
const clockDriftMs = 60 * 1000;

/** Columns of `rowback_request` that a request is judged by. */
export const requestColumns = [
  'createdby',
  'createdon',
  'createdonbehalfby',
  'rowback_environmentid',
  'rowback_input',
  'rowback_kind',
  'rowback_requeststatus',
  'rowback_targetid',
  'rowback_targettable',
] as const;

export const requestStatus = { working: 714200000, done: 714200001, failed: 714200002 } as const;

const kinds: Readonly<Record<number, RequestInput['kind']>> = {
  714200000: 'history',
  714200001: 'compare',
  714200002: 'plan',
  714200003: 'restore',
  714200004: 'undo',
};

/** A request that may be run. */
export interface Request {
  readonly id: string;
  readonly table: string;
  readonly row: string;
  /** Who made the row; the service itself says so. */
  readonly userId: string;
  readonly input: RequestInput;
}

const target = z.object({
  table: z.string().regex(/^[a-z][a-z0-9_]{0,127}$/),
  row: z.guid().transform((id) => id.toLowerCase()),
});

/**
 * Judges a request row. `now` is the service's own instant. Throws `request-too-old`, `request-other-environment`,
 * `request-on-behalf`, `request-malformed`.
 */
export function readRequest(
  id: string,
  values: Values,
  at: { readonly environmentId: string; readonly now: string },
): Request {
  const createdOn = values['createdon'];
  const age = typeof createdOn === 'string' ? Date.parse(at.now) - Date.parse(createdOn) : Number.NaN;
  if (age < -clockDriftMs)
    throw refused('request-too-old', 'The request says that it comes from the future.');
  if (!(age <= requestLifetimeMs)) throw refused('request-too-old', 'The request is older than ten minutes.');
  const madeFor = values['rowback_environmentid'];
  if (typeof madeFor !== 'string' || madeFor.toLowerCase() !== at.environmentId.toLowerCase()) {
    throw refused('request-other-environment', 'The request was made for another environment.');
  }
  const { createdby: author, createdonbehalfby: onBehalf } = values;
  if (onBehalf !== null || !isReference(author)) {
    throw refused('request-on-behalf', 'Requests made on behalf of somebody else are not run.');
  }
  const { table, row } = readTarget(values);
  return { id, table, row, userId: author.id, input: readInput(values) };
}

function readTarget(values: Values): z.output<typeof target> {
  const read = target.safeParse({ table: values['rowback_targettable'], row: values['rowback_targetid'] });
  if (!read.success) throw malformed('it names no record');
  return read.data;
}

function readInput(values: Values): RequestInput {
  const kind = kinds[Number(values['rowback_kind'])];
  if (kind === undefined) throw malformed('its kind is not known');
  const read = requestInput.safeParse(parseJson(values['rowback_input']));
  if (!read.success) throw malformed(z.prettifyError(read.error));
  if (read.data.kind !== kind) throw malformed('its kind and its input say different things');
  return read.data;
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : '');
  } catch {
    throw malformed('its input is no JSON');
  }
}

const refused = (code: string, message: string): RefusedError =>
  new RefusedError(code, message, { hint: 'Open the record again and repeat what you did.' });

const malformed = (why: string): InputError =>
  new InputError('request-malformed', `The request cannot be understood: ${why.slice(0, 500)}.`, {
    hint: 'The form and the backend may be of different versions: bring both up to date.',
  });

import { BackupError, type BackupClient, type RecordRef } from './backup-client';
import { abortReason, type Clock } from './clock';
import type { RequestInput, RequestResult } from './contract';
import { readHostError } from './host-error';
import type { Text } from './text';

/**
 * The way to the backend through Dataverse itself: a request row is created with the user's own rights, the backend
 * answers in two columns that only it may write, and this client polls them.
 */

type WebApi = Pick<ComponentFramework.WebApi, 'createRecord' | 'retrieveRecord'>;
type Answer<Kind extends RequestInput['kind']> = Extract<RequestResult, { ok: true; kind: Kind }>['data'];

const requestTable = 'rowback_request';
const heartbeatTable = 'rowback_heartbeat';
/** The one row that every backup run rewrites. */
const heartbeatId = '5d1f6a3c-2b7e-4c90-9a51-3e8f0c7d2b64';

const kindValue = {
  history: 714200000,
  compare: 714200001,
  plan: 714200002,
  restore: 714200003,
  undo: 714200004,
} as const satisfies Record<RequestInput['kind'], number>;
const statusDone = 714200001;
const statusFailed = 714200002;

/** An idle backend looks every two seconds: until then the answer is asked for often, afterwards less and less. */
const firstWaitsMs = [400, 400, 600, 600, 600, 600, 1000, 2000, 4000, 8000];
const laterWaitMs = 10_000;
const giveUpAfterMs = 120_000;

export type RequestRowsOptions = {
  webAPI: WebApi;
  clock: Clock;
  text: Text;
  /** Resolves at once while the control is visible, else when it is again: a hidden tab asks nothing. */
  whenVisible: () => Promise<void>;
};

export function requestRowsClient(options: RequestRowsOptions): BackupClient {
  const ask = <Kind extends RequestInput['kind']>(
    record: RecordRef,
    input: Extract<RequestInput, { kind: Kind }>,
    signal: AbortSignal,
  ): Promise<Answer<Kind>> => request(options, record, input, signal);
  return {
    history: (record, signal) => ask<'history'>(record, { kind: 'history' }, signal),
    compare: (record, version, signal) =>
      ask<'compare'>(record, { kind: 'compare', from: version, to: 'live' }, signal),
    plan: (record, input, signal) => ask<'plan'>(record, { kind: 'plan', ...input }, signal),
    restore: (record, restoreId, signal) => ask<'restore'>(record, { kind: 'restore', restoreId }, signal),
    undo: (record, restoreId, signal) => ask<'undo'>(record, { kind: 'undo', restoreId }, signal),
  };
}

async function request<Kind extends RequestInput['kind']>(
  options: RequestRowsOptions,
  record: RecordRef,
  input: Extract<RequestInput, { kind: Kind }>,
  signal: AbortSignal,
): Promise<Answer<Kind>> {
  const environmentId = await readEnvironmentId(options, signal);
  const created = await fromHost(options.text, signal, () =>
    options.webAPI.createRecord(requestTable, {
      rowback_name: `${input.kind} ${record.table} ${record.id}`.slice(0, 200),
      rowback_kind: kindValue[input.kind],
      rowback_targettable: record.table,
      rowback_targetid: record.id,
      rowback_environmentid: environmentId,
      rowback_input: JSON.stringify(input),
    }),
  );
  const result = parseResult(await poll(options, rowId(created), signal), input.kind, options.text);
  if (!result.ok) throw new BackupError(result.error);
  // The kind was compared above, and the backend validates its answers against the contract.
  return result.data as Answer<Kind>;
}

async function readEnvironmentId(options: RequestRowsOptions, signal: AbortSignal): Promise<string> {
  const { text, webAPI } = options;
  const row = await fromHost(text, signal, async () => {
    try {
      return await webAPI.retrieveRecord(heartbeatTable, heartbeatId, '?$select=rowback_environmentid');
    } catch (error) {
      if (readHostError(error).kind === 'not-found') return null;
      throw error;
    }
  });
  const id: unknown = row?.rowback_environmentid;
  if (typeof id === 'string' && id !== '') return id;
  throw new BackupError({
    code: 'not-reported',
    message: text.say('Error_NotReported'),
    hint: text.say('Error_NotReported_Hint'),
  });
}

async function poll(options: RequestRowsOptions, requestId: string, signal: AbortSignal): Promise<string> {
  const query = '?$select=rowback_requeststatus,rowback_result';
  let waitedMs = 0;
  for (let attempt = 0; waitedMs < giveUpAfterMs; attempt += 1) {
    const waitMs = firstWaitsMs[attempt] ?? laterWaitMs;
    await options.clock.wait(waitMs, signal);
    waitedMs += waitMs;
    await options.whenVisible();
    const row = await readAnswer(options, signal, () =>
      options.webAPI.retrieveRecord(requestTable, requestId, query),
    );
    const status = Number(row?.rowback_requeststatus);
    if (status === statusDone || status === statusFailed) return String(row?.rowback_result);
  }
  throw new BackupError({
    code: 'no-answer',
    message: options.text.say('Error_NoAnswer'),
    hint: options.text.say('Error_NoAnswer_Hint'),
  });
}

/** One look at the row; null when the host could not say. A lost connection is not the end of what the backend does. */
async function readAnswer(
  options: RequestRowsOptions,
  signal: AbortSignal,
  look: () => Promise<ComponentFramework.WebApi.Entity>,
): Promise<Record<string, unknown> | null> {
  try {
    return await fromHost(options.text, signal, look);
  } catch (error) {
    if (!(error instanceof BackupError) || error.code === 'no-permission') throw error;
    if (error.code === 'host-other') return null;
    throw new BackupError({ code: 'answer-lost', message: error.message, hint: error.hint });
  }
}

function parseResult(json: string, kind: RequestInput['kind'], text: Text): RequestResult {
  try {
    const parsed: unknown = JSON.parse(json);
    if (isResult(parsed) && (!parsed.ok || parsed.kind === kind)) return parsed;
  } catch {
    // Not JSON: the same sentence as for JSON of another shape.
  }
  throw new BackupError({
    code: 'unreadable-answer',
    message: text.say('Error_Unreadable'),
    hint: text.say('Error_Unreadable_Hint'),
  });
}

function isResult(parsed: unknown): parsed is RequestResult {
  if (typeof parsed !== 'object' || parsed === null || !('ok' in parsed)) return false;
  if (parsed.ok === true) return 'data' in parsed && typeof parsed.data === 'object' && parsed.data !== null;
  return 'error' in parsed && typeof parsed.error === 'object' && parsed.error !== null;
}

/** Runs one call of the host; an answer that comes after the abort is dropped. */
async function fromHost<T>(text: Text, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  let outcome: { value: T } | { error: unknown };
  try {
    if (signal.aborted) throw abortReason();
    outcome = { value: await call() };
  } catch (error) {
    outcome = { error };
  }
  if (signal.aborted) throw abortReason();
  if ('value' in outcome) return outcome.value;
  const { kind, message } = readHostError(outcome.error);
  throw new BackupError(
    kind === 'no-privilege'
      ? {
          code: 'no-permission',
          message: text.say('NoPermission_Role'),
          // The name of the privilege is what an administrator needs of the host's long sentence.
          hint: text.say('NoPermission_Ask', /\bprv\w+/.exec(message)?.[0] ?? message),
        }
      : { code: `host-${kind}`, message: text.say('Error_Host'), hint: message },
  );
}

/** Hosts answer a create with `id` as text or, in older versions, as an object with `guid`. */
function rowId(created: ComponentFramework.LookupValue): string {
  const id: unknown = created.id;
  if (typeof id === 'string') return id;
  return String((id as { guid?: unknown }).guid);
}

import type { BackgroundOutcome } from '../service/background-operations.ts';
import type { Environment } from '../service/environment.ts';
import { ServiceError } from '../service/errors.ts';
import { json, type ApiResponse, type Call } from './api.ts';
import { textOf } from './error-response.ts';
import { COLLECTION_ACTIONS, OPERATIONS, ROW_FUNCTIONS } from './operations/index.ts';

const TYPE_PREFIX = 'Microsoft.Dynamics.CRM.';

/** Does the caller want to be answered before the action is over? */
export function wantsBackground(call: Call): boolean {
  if (call.method !== 'POST' || !/\brespond-async\b/.test(call.headers.get('prefer') ?? '')) return false;
  const last = call.url.segments.at(-1)?.name ?? '';
  const name = last.startsWith(TYPE_PREFIX) ? last.slice(TYPE_PREFIX.length) : last;
  return OPERATIONS.has(name) || COLLECTION_ACTIONS.has(name) || ROW_FUNCTIONS.has(name);
}

/** Runs the action and keeps what became of it; the answer only says where to look. */
export async function runInBackground(call: Call, run: () => Promise<ApiResponse>): Promise<ApiResponse> {
  const { environment, serviceRoot } = call.context;
  const id = environment.newId();
  environment.backgroundOperations.add(id, await outcomeOf(environment, run));
  return {
    status: 202,
    headers: {
      Location: `${serviceRoot.replace(/data\/[^/]+\/$/, '')}backgroundoperation/${id}`,
      'x-ms-dyn-backgroundoperationid': id,
      'Preference-Applied': 'respond-async',
    },
    body: undefined,
  };
}

async function outcomeOf(
  { switches }: Environment,
  run: () => Promise<ApiResponse>,
): Promise<BackgroundOutcome> {
  try {
    return { state: 3, status: 30, output: outputOf(await run()), error: undefined };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const code = parseInt(error.code, 16) | 0;
    return {
      state: 3,
      status: 31,
      output: {},
      error: { code, message: textOf(error, switches.messageLanguage) },
    };
  }
}

function outputOf({ body }: ApiResponse): Record<string, unknown> {
  if (typeof body !== 'string' || body === '') return {};
  const value: unknown = JSON.parse(body);
  return Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => !name.includes('@')));
}

/** `/api/backgroundoperation/<id>`: GET tells the state, DELETE asks to cancel; what is over stays as it ended. */
export function statusMonitor(environment: Environment, method: string, id: string): ApiResponse {
  const outcome = environment.backgroundOperations.get(id.toLowerCase());
  if (outcome === undefined) throw new ServiceError(404, '0x80040217', `Could not find item '${id}'.`);
  if (method !== 'GET' && method !== 'DELETE')
    throw new ServiceError(405, '0x80060888', 'Method not allowed.');
  const error =
    outcome.error === undefined
      ? {}
      : {
          backgroundOperationErrorCode: outcome.error.code,
          backgroundOperationErrorMessage: outcome.error.message,
        };
  return json(
    200,
    JSON.stringify({
      ...error,
      backgroundOperationStateCode: outcome.state,
      backgroundOperationStatusCode: outcome.status,
      ...outcome.output,
    }),
  );
}

import type { Caller } from '../security/rights.ts';
import { parseResource } from '../odata/url.ts';
import { parsePreferences, quotesLongNumbers, type RequestContext } from '../service/context.ts';
import type { Environment } from '../service/environment.ts';
import { ServiceError } from '../service/errors.ts';
import type { ApiRequest, ApiResponse, Call } from './api.ts';
import { callerOf } from './authorise.ts';
import { json, JSON_TYPE } from './api.ts';
import { route } from './route.ts';
import { refuseLongPart, refuseLongUrl } from './url-limits.ts';

/** The systemuserid of the account that a bearer token stands for; a 401 or 403 otherwise. */
export type Authenticate = (headers: ReadonlyMap<string, string>) => Promise<string>;

/**
 * The way of every request: authenticate (who signed in), authorise (whose rights count), handle (routing and the
 * operation). A refusal anywhere becomes the service's error body. Faults and limits can be put between the steps.
 */
export async function answer(
  environment: Environment,
  authenticate: Authenticate,
  request: ApiRequest,
): Promise<ApiResponse> {
  environment.statistics.requests += 1;
  const tooLong = refuseLongUrl(request);
  if (tooLong !== undefined) return tooLong;
  try {
    const accountId = await authenticate(request.headers);
    return await environment.inTurn(() =>
      handle(environment, request, callerOf(environment, accountId, request.headers), accountId),
    );
  } catch (error) {
    return errorResponse(request, error);
  }
}

/** The part after sign-in; the parts of a batch begin here. */
export async function handle(
  environment: Environment,
  request: ApiRequest,
  caller: Caller,
  accountId: string,
): Promise<ApiResponse> {
  const call = contextCall(environment, request, caller);
  const response = await route(call, (inner) => handleInner(environment, inner, accountId, caller));
  return {
    ...response,
    headers: { 'OData-Version': '4.0', ...response.headers, ...numberFormat(call, response) },
  };
}

/** An answer with quoted numbers says so. */
function numberFormat(call: Call, { headers }: ApiResponse): Record<string, string> {
  if (headers['Content-Type'] !== JSON_TYPE || !quotesLongNumbers(call.context)) return {};
  return { 'Content-Type': `${JSON_TYPE}; IEEE754Compatible=true` };
}

/** A part of a batch: it may name another user to act for; its errors are its own. */
async function handleInner(
  environment: Environment,
  request: ApiRequest,
  accountId: string,
  outer: Caller,
): Promise<ApiResponse> {
  const tooLong = refuseLongPart(request);
  if (tooLong !== undefined) return tooLong;
  try {
    const names = ['callerobjectid', 'mscrmcallerid'].some((name) => request.headers.has(name));
    const caller = names ? callerOf(environment, accountId, request.headers) : outer;
    return await handle(environment, request, caller, accountId);
  } catch (error) {
    return errorResponse(request, error);
  }
}

function contextCall(environment: Environment, request: ApiRequest, caller: Caller): Call {
  const { headers, serviceRoot, method, body } = request;
  const context: RequestContext = {
    environment,
    caller,
    serviceRoot,
    preferences: parsePreferences(headers.get('prefer')),
    headers,
  };
  return { context, method, url: parseResource(request.resource), headers, body };
}

/** Anything but a refusal is a fault of ours: 500, with the text, so that it is seen. */
export function errorResponse(request: ApiRequest, error: unknown): ApiResponse {
  const refusal =
    error instanceof ServiceError
      ? error
      : new ServiceError(
          500,
          '0x80040216',
          `An unexpected error occurred. ${String(error instanceof Error ? error.stack : error)}`,
        );
  if (refusal.status === 401) return { status: 401, headers: refusal.headers, body: undefined };
  const wants = parsePreferences(request.headers.get('prefer')).annotation;
  const annotations: Record<string, string> = {
    '@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus': '0',
    '@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode': '-2146233088',
    '@Microsoft.PowerApps.CDS.HelpLink': `http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a${refusal.code.slice(2)}&client=platform`,
    '@Microsoft.PowerApps.CDS.InnerError.Message': refusal.message,
    ...refusal.annotations,
  };
  const shown = Object.entries(annotations).filter(([name]) => wants(name.slice(1)));
  const body = JSON.stringify({
    error: { code: refusal.code, message: refusal.message, ...Object.fromEntries(shown) },
  });
  return json(refusal.status, body, { 'OData-Version': '4.0', ...refusal.headers });
}

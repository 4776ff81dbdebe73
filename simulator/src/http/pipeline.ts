import type { Caller } from '../security/rights.ts';
import { parseResource } from '../odata/url.ts';
import { parsePreferences, quotesLongNumbers, type RequestContext } from '../service/context.ts';
import type { Environment } from '../service/environment.ts';
import type { ServiceError } from '../service/errors.ts';
import type { PageCut } from '../service/page-cut.ts';
import { disturb, type BadDay, type Ground, type Traffic, type Visit } from '../traffic/index.ts';
import { JSON_TYPE, type ApiRequest, type ApiResponse, type Call } from './api.ts';
import { callerOf } from './authorise.ts';
import { errorResponse } from './error-response.ts';
import { route, type Inner } from './route.ts';
import { writeAsSomebodyElse } from './somebody-else.ts';
import { refuseLongPart, refuseLongUrl } from './url-limits.ts';

/** The systemuserid of the account that a bearer token stands for; a 401 or 403 otherwise. */
export type Authenticate = (request: Pick<ApiRequest, 'headers' | 'serviceRoot'>) => Promise<string>;

export interface Authenticator {
  readonly authenticate: Authenticate;
  /** Refuses the token of this request from now on; the 401 that says so. */
  expire(request: Parameters<Authenticate>[0]): ServiceError;
}

/** What answers Web API requests. */
export interface Service {
  readonly environment: Environment;
  readonly traffic: Traffic;
  readonly authenticator: Authenticator;
}

/**
 * The way of every request: arrive at a web server, authenticate (who signed in), pass its limits, authorise (whose
 * rights count), handle (routing and the operation). A refusal anywhere becomes the service's error body.
 */
export function answer(service: Service, request: ApiRequest): Promise<ApiResponse> {
  service.environment.statistics.requests += 1;
  const tooLong = refuseLongUrl(request);
  if (tooLong !== undefined) return Promise.resolve(tooLong);
  return service.traffic.pass(request, (visit) => {
    const { day } = service.traffic;
    const fault = day?.draw(request);
    if (day === undefined || fault === undefined) return served(service, request, visit);
    return disturb(fault, request, groundOf(service, day, request, visit));
  });
}

async function served(
  service: Service,
  request: ApiRequest,
  visit: Visit,
  cut?: PageCut,
): Promise<ApiResponse> {
  try {
    return await admitted(service, request, visit, cut);
  } catch (error) {
    return errorResponse(request, error, service.environment.switches.messageLanguage);
  }
}

function groundOf(service: Service, day: BadDay, request: ApiRequest, visit: Visit): Ground {
  const { environment, traffic, authenticator } = service;
  const refuse = (error: ServiceError) => errorResponse(request, error, environment.switches.messageLanguage);
  return {
    day,
    refuse,
    serve: (changed, cut) => served(service, changed, visit, cut),
    sleep: (ms) => traffic.sleep(ms),
    now: () => traffic.serviceNow(),
    limits: traffic.limits,
    throttlingCode: environment.switches.throttlingCode,
    expireToken: () => refuse(authenticator.expire(request)),
    writeBetweenPages: () =>
      environment.inTurn(() => Promise.resolve(writeAsSomebodyElse(environment, request, day.random))),
  };
}

async function admitted(
  service: Service,
  request: ApiRequest,
  visit: Visit,
  cut: PageCut | undefined,
): Promise<ApiResponse> {
  const { environment, authenticator } = service;
  const accountId = await authenticator.authenticate(request);
  visit.admit(accountId);
  return environment.inTurn(() => {
    const caller = callerOf(environment, accountId, request.headers);
    const work = () =>
      handle(environment, request, caller, (part) =>
        handlePart(environment, part, { accountId, caller, visit }),
      );
    return cut === undefined ? work() : withPageCut(environment, cut, work);
  });
}

/** For as long as this request has its turn. */
async function withPageCut<T>(environment: Environment, cut: PageCut, work: () => Promise<T>): Promise<T> {
  environment.pageCut = cut;
  try {
    return await work();
  } finally {
    environment.pageCut = undefined;
  }
}

/** The part after sign-in and limits; the parts of a batch begin here. */
async function handle(
  environment: Environment,
  request: ApiRequest,
  caller: Caller,
  inner: Inner,
): Promise<ApiResponse> {
  const call = contextCall(environment, request, caller);
  const response = await route(call, inner);
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
async function handlePart(
  environment: Environment,
  part: ApiRequest,
  outer: { readonly accountId: string; readonly caller: Caller; readonly visit: Visit },
): Promise<ApiResponse> {
  const { accountId, visit } = outer;
  const tooLong = refuseLongPart(part);
  if (tooLong !== undefined) return tooLong;
  try {
    visit.admitPart();
    const names = ['callerobjectid', 'mscrmcallerid'].some((name) => part.headers.has(name));
    const caller = names ? callerOf(environment, accountId, part.headers) : outer.caller;
    const response = await handle(environment, part, caller, noBatch);
    visit.addPart(part, response);
    return response;
  } catch (error) {
    return errorResponse(part, error, environment.switches.messageLanguage);
  }
}

/** Batches refuse batches before they get here. */
function noBatch(): Promise<ApiResponse> {
  throw new Error('A part of a batch was a batch.');
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

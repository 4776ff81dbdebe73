import type { Environment } from '../service/environment.ts';
import { readSwitches, SWITCHES, switchesWith } from '../service/switches.ts';
import { BadDay, DAY_USAGE, readDay, Traffic } from '../traffic/index.ts';
import type { ApiRequest, ApiResponse } from './api.ts';
import { authenticator } from './auth/authenticate.ts';
import { createSigner, keyPair } from './auth/signer.ts';
import { tokenRoute } from './auth/token-routes.ts';
import { besideApi } from './beside-api.ts';
import { checkpointRoute } from './checkpoint-routes.ts';
import { hookRoute } from './hook-routes.ts';
import { answer, type Service } from './pipeline.ts';
import { jsonOf, readJson, type SiteRequest } from './site-request.ts';

const EXPOSED =
  'Preference-Applied,OData-EntityId,Location,ETag,OData-Version,Content-Encoding,Transfer-Encoding,Content-Length,Retry-After';

/**
 * Everything that answers at the environment's address: the Web API, the sign-in service, and the control endpoints.
 * It knows nothing of sockets: the HTTP server and the in-process fetch are two edges of it.
 */
export interface Site {
  readonly environment: Environment;
  readonly traffic: Traffic;
  answer(request: SiteRequest): Promise<ApiResponse>;
}

export interface SiteOptions {
  /** Takes any bearer token as the administrator's. */
  readonly open: boolean;
  /** Limits, latency and bad days; without it there are none. */
  readonly traffic?: Traffic;
}

export async function createSite(environment: Environment, options: SiteOptions): Promise<Site> {
  const signer = createSigner(
    environment.identity.tenantId,
    // Sign-ins outlive a leap of the environment's time.
    () => environment.now() - environment.aheadMs,
  );
  // Now, since a driven clock would run ahead while somebody waits for a thread.
  if (!options.open) await keyPair();
  const traffic = options.traffic ?? new Traffic(() => environment.switches);
  const service: Service = {
    environment,
    traffic,
    authenticator: authenticator(environment, signer, options.open),
  };
  return {
    environment,
    traffic,
    answer: async (request) => {
      const { target } = request;
      const response = target.startsWith('/api/data')
        ? await answerApi(service, request)
        : ((await besideApi(service, request)) ??
          (await tokenRoute(environment, signer, request)) ??
          hookRoute(environment, request) ??
          (await checkpointRoute(environment, request)) ??
          control(service, request));
      return {
        ...response,
        headers: {
          Date: new Date(traffic.serviceNow() + environment.aheadMs).toUTCString(),
          ...response.headers,
        },
      };
    },
  };
}

async function answerApi(service: Service, request: SiteRequest): Promise<ApiResponse> {
  const match = /^\/api\/data\/(v9\.[0-2])(?:\/(.*))?$/s.exec(request.target);
  if (match === null) return { status: 404, headers: {}, body: undefined };
  const { method, origin, headers, body } = request;
  const api: ApiRequest = {
    method,
    resource: match[2] ?? '',
    serviceRoot: `${origin}/api/data/${match[1]!}/`, // group 1 always matches
    headers,
    body,
  };
  const response = await answer(service, api);
  const requestId = service.environment.newId();
  return {
    ...response,
    headers: {
      'Cache-Control': 'no-cache',
      'x-ms-service-request-id': requestId,
      REQ_ID: requestId,
      'Access-Control-Expose-Headers': EXPOSED,
      ...echoed(headers, 'x-ms-client-request-id'),
      ...echoed(headers, 'x-ms-correlation-id'),
      ...response.headers,
    },
  };
}

function echoed(headers: ReadonlyMap<string, string>, name: string): Record<string, string> {
  const value = headers.get(name);
  return value === undefined ? {} : { [name]: value };
}

/** What the process has taken so far, for whoever measures it. */
function spent(): { readonly cpuSeconds: number; readonly residentBytes: number } {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
}

/** What is not part of the service: statistics and switches, for tests. */
function control({ environment, traffic }: Service, request: SiteRequest): ApiResponse {
  switch (`${request.method} ${request.path}`) {
    case 'GET /_simulator/statistics':
      return jsonOf(200, { ...environment.statistics, ...spent() });
    case 'GET /_simulator/traffic':
      return jsonOf(200, traffic.counts);
    case 'GET /_simulator/faults':
      return jsonOf(200, {
        day: traffic.day?.plan ?? null,
        over: traffic.day?.over ?? true,
        faults: traffic.day?.faults ?? [],
      });
    case 'PUT /_simulator/bad-day':
      return putBadDay(traffic, readJson(request));
    case 'DELETE /_simulator/bad-day':
      traffic.day?.stop();
      return { status: 204, headers: {}, body: undefined };
    case 'PUT /_simulator/switches':
      return putSwitches(environment, readJson(request));
    case 'POST /_simulator/clock':
      return advanceClock(environment, readJson(request));
    default:
      return { status: 404, headers: {}, body: undefined };
  }
}

/** Begins another day; answers with what it will be like. */
function putBadDay(traffic: Traffic, body: unknown): ApiResponse {
  const options = readDay(body);
  if (options === undefined) return jsonOf(400, { error: DAY_USAGE });
  traffic.day = new BadDay(options);
  return jsonOf(200, traffic.day.plan);
}

/** Lets time pass; answers with the environment's time. */
function advanceClock(environment: Environment, body: unknown): ApiResponse {
  const ms = typeof body === 'object' && body !== null ? Number(Reflect.get(body, 'advanceMs')) : NaN;
  if (!(ms >= 0)) return jsonOf(400, { error: 'Give advanceMs: milliseconds, not below 0.' });
  environment.advance(ms);
  return jsonOf(200, { now: new Date(environment.now()).toISOString() });
}

/** Turns behaviours on and off while running; answers with all of them. */
function putSwitches(environment: Environment, body: unknown): ApiResponse {
  const read = typeof body === 'object' && body !== null ? readSwitches({ ...body }) : undefined;
  if (read === undefined) {
    return jsonOf(400, { error: 'Give switches with one of their values.', switches: SWITCHES });
  }
  environment.switches = switchesWith(read, environment.switches);
  return jsonOf(200, environment.switches);
}

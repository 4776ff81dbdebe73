import { ServiceError } from '../service/errors.ts';
import type { ApiRequest, ApiResponse } from './api.ts';
import { statusMonitor } from './background.ts';
import { errorResponse } from './error-response.ts';
import { answer, type Service } from './pipeline.ts';
import { SEARCH_PATH, toAction, toLegacy } from './search/search-endpoint.ts';
import type { SiteRequest } from './site-request.ts';

const MONITOR_PATH = /^\/api\/backgroundoperation\/([0-9a-f-]{36})$/i;

/** What stands beside the Web API at the same address: search, and the status of background operations. */
export async function besideApi(service: Service, request: SiteRequest): Promise<ApiResponse | undefined> {
  const { method, origin, headers, body, path } = request;
  const api: ApiRequest = { method, resource: '', serviceRoot: `${origin}/api/data/v9.2/`, headers, body };
  const search = SEARCH_PATH.exec(path);
  if (search !== null) {
    const [, version, verb] = search as unknown as [string, string, string]; // the pattern has two groups
    const response = await answer(service, toAction(api, version, verb));
    return version === '2' ? response : toLegacy(response, verb);
  }
  const monitored = MONITOR_PATH.exec(path)?.[1];
  return monitored === undefined ? undefined : monitor(service, api, monitored);
}

async function monitor(service: Service, request: ApiRequest, id: string): Promise<ApiResponse> {
  try {
    await service.authenticator.authenticate(request);
    return statusMonitor(service.environment, request.method, id);
  } catch (error) {
    if (error instanceof ServiceError)
      return errorResponse(request, error, service.environment.switches.messageLanguage);
    throw error;
  }
}

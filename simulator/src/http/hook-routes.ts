import type { Environment } from '../service/environment.ts';
import { ServiceError } from '../service/errors.ts';
import { readHook } from '../service/hooks/read-hook.ts';
import { parseJson, type Json } from '../service/json.ts';
import type { ApiResponse } from './api.ts';
import { jsonOf, type SiteRequest } from './site-request.ts';

const PATH = '/_simulator/hooks';

/** `/_simulator/hooks`: the organization's own plug-ins and flows, with how often each ran. */
export function hookRoute(environment: Environment, request: SiteRequest): ApiResponse | undefined {
  const { method, path } = request;
  if (method === 'GET' && path === PATH) return listed(environment);
  if (method === 'POST' && path === PATH) return added(environment, request);
  if (method !== 'DELETE' || !path.startsWith(`${PATH}/`)) return undefined;
  const removed = environment.hooks.remove(path.slice(PATH.length + 1).toLowerCase());
  return { status: removed ? 204 : 404, headers: {}, body: undefined };
}

function listed(environment: Environment): ApiResponse {
  const value = environment.hooks.list().map(({ hook, counts }) => {
    const { effect, ...shown } = hook;
    return { ...shown, effect: effect.kind, ...counts };
  });
  return jsonOf(200, { value });
}

function added(environment: Environment, request: SiteRequest): ApiResponse {
  const hook = readHook(bodyOf(request), environment.newId);
  if (typeof hook === 'string') return jsonOf(400, { error: hook });
  environment.hooks.add(hook);
  return jsonOf(201, { id: hook.id });
}

/** Null for what is no JSON, which is no hook either. */
function bodyOf({ body }: SiteRequest): Json {
  try {
    return parseJson(Buffer.from(body).toString('utf8'), 'hooks');
  } catch (error) {
    if (error instanceof ServiceError) return null;
    throw error;
  }
}

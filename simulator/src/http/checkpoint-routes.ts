import { returnTo, takeCheckpoint } from '../service/checkpoints.ts';
import type { Environment } from '../service/environment.ts';
import type { ApiResponse } from './api.ts';
import { jsonOf, readJson, type SiteRequest } from './site-request.ts';

/**
 * `/_simulator/checkpoints`: what an administrator does with a whole environment, outside the Web API. Undefined
 * where the request means something else.
 */
export async function checkpointRoute(
  environment: Environment,
  request: SiteRequest,
): Promise<ApiResponse | undefined> {
  const match = /^\/_simulator\/checkpoints(?:\/([^/]+)\/(restore|copy))?$/.exec(request.path);
  if (match === null || request.method !== 'POST') return undefined;
  const [, id, way] = match;
  if (id !== undefined) return goBack(environment, id.toLowerCase(), way === 'copy', readJson(request));
  const checkpoint = await environment.inTurn(() => Promise.resolve(takeCheckpoint(environment)));
  return jsonOf(201, { id: checkpoint.id, takenAt: checkpoint.takenAt });
}

/** A restore keeps the ids of organization and environment, a copy has new ones; the body can say otherwise. */
async function goBack(
  environment: Environment,
  id: string,
  asCopy: boolean,
  body: unknown,
): Promise<ApiResponse> {
  const checkpoint = environment.checkpoints.get(id);
  if (checkpoint === undefined) return jsonOf(404, { error: 'There is no such checkpoint.' });
  const ids = {
    newOrganization: flag(body, 'newOrganization') ?? asCopy,
    newEnvironment: flag(body, 'newEnvironment') ?? asCopy,
  };
  await environment.inTurn(() => Promise.resolve(returnTo(environment, checkpoint, ids)));
  const { organizationId, environmentId } = environment.identity;
  return jsonOf(200, { organizationId, environmentId });
}

function flag(body: unknown, name: string): boolean | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value: unknown = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === 'boolean' ? value : undefined;
}

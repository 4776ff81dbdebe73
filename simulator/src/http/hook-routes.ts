import { Router, text } from 'express';
import type { Environment } from '../service/environment.ts';
import { ServiceError } from '../service/errors.ts';
import { parseJson, type Json } from '../service/json.ts';
import { readHook } from '../service/hooks/read-hook.ts';

/** `/_simulator/hooks`: the organization's own plug-ins and flows, with how often each ran. */
export function hookRoutes(environment: Environment): Router {
  const router = Router();
  router.get('/_simulator/hooks', (_request, response) => {
    const value = environment.hooks.list().map(({ hook, counts }) => {
      const { effect, ...shown } = hook;
      return { ...shown, effect: effect.kind, ...counts };
    });
    response.json({ value });
  });
  router.post('/_simulator/hooks', text({ type: () => true }), (request, response) => {
    const hook = readHook(bodyOf(request.body), environment.newId);
    if (typeof hook === 'string') {
      response.status(400).json({ error: hook });
      return;
    }
    environment.hooks.add(hook);
    response.status(201).json({ id: hook.id });
  });
  router.delete('/_simulator/hooks/:id', (request, response) => {
    response.status(environment.hooks.remove(request.params.id.toLowerCase()) ? 204 : 404).end();
  });
  return router;
}

/** Null for what is no JSON, which is no hook either. */
function bodyOf(body: unknown): Json {
  try {
    return parseJson(typeof body === 'string' ? body : '', 'hooks');
  } catch (error) {
    if (error instanceof ServiceError) return null;
    throw error;
  }
}

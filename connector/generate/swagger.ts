import type { z } from 'zod';
import { errorTexts } from '../../backend/src/api/openapi.ts';
import type { Operation } from '../../backend/src/api/operation.ts';
import { basePath, operations } from '../../backend/src/api/operations.ts';
import { problemDetails } from '../../backend/src/jobs/contract.ts';
import { about } from './about.ts';
import { parametersOf } from './parameters.ts';
import { swaggerSchema, type SwaggerSchema } from './swagger-schema.ts';

/** The connector's definition, Swagger 2.0. The same contract always gives the same text. */
export function swagger(): Record<string, unknown> {
  // What needs no sign-in is for probes, not for flows.
  const shown: readonly Operation[] = Object.values(operations).filter(
    (o: Operation) => o.roles !== 'public',
  );
  return {
    swagger: '2.0',
    info: {
      title: about.title,
      description: about.description,
      version: about.version,
      contact: about.contact,
    },
    host: about.host,
    // The policy that sets the host replaces a base path too, so the version stands in the paths.
    basePath: '/',
    schemes: ['https'],
    consumes: ['application/json'],
    produces: ['application/json'],
    paths: paths(shown),
    definitions: definitions(shown),
    parameters: {},
    responses: {},
    securityDefinitions: {
      entra: {
        type: 'oauth2',
        flow: 'accessCode',
        authorizationUrl: `${about.loginUri}/common/oauth2/authorize`,
        tokenUrl: `${about.loginUri}/common/oauth2/token`,
        scopes: { [about.scope]: 'Use Rowback as the signed-in user.' },
      },
    },
    security: [{ entra: [about.scope] }],
    tags: [],
    'x-ms-capabilities': { testConnection: { operationId: 'ListEnvironments' } },
    'x-ms-connector-metadata': about.metadata,
  };
}

function paths(shown: readonly Operation[]): Record<string, Record<string, unknown>> {
  const items: Record<string, Record<string, unknown>> = {};
  for (const operation of shown) {
    const item = (items[`${basePath}${operation.path}`] ??= {});
    item[operation.method] = describe(operation);
  }
  return items;
}

function describe(operation: Operation): Record<string, unknown> {
  const success = Object.entries(operation.responses).map(([status, answer]) => [
    status,
    { description: answer.description, schema: { $ref: `#/definitions/${definitionName(answer.schema)}` } },
  ]);
  const errors = operation.errors.map((status) => [
    String(status),
    { description: errorTexts[status], schema: { $ref: `#/definitions/${definitionName(problemDetails)}` } },
  ]);
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    description: operation.description,
    ...(operation.visibility !== 'normal' && { 'x-ms-visibility': operation.visibility }),
    parameters: parametersOf(operation),
    responses: Object.fromEntries([...success, ...errors]),
  };
}

function definitions(shown: readonly Operation[]): Record<string, SwaggerSchema> {
  const answers = shown.flatMap((operation) =>
    Object.values(operation.responses).map((answer) => answer.schema),
  );
  const named = new Map<string, SwaggerSchema>();
  for (const schema of [...answers, problemDetails]) {
    const flat = swaggerSchema(schema, 'output');
    if (flat === undefined) throw new Error(`${definitionName(schema)} has no one type in Swagger.`);
    named.set(definitionName(schema), flat);
  }
  return Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `Record History` is `RecordHistory`. */
function definitionName(schema: z.ZodType): string {
  const title = schema.meta()?.title;
  if (title === undefined) throw new Error('A schema that an operation answers with has no title.');
  return title.replaceAll(' ', '');
}

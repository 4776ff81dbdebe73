import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { z } from 'zod';
import { InputError, RefusedError, RowbackError } from '../base/errors.ts';
import type { Caller } from '../jobs/environment.ts';
import type { Authenticate, Principal } from './authenticate.ts';
import type { Handlers } from './handlers.ts';
import { queryOf, type Operation } from './operation.ts';
import { basePath, operations, type OperationName } from './operations.ts';
import { problemOf } from './problems.ts';

/** Told of every answer; values never are. */
export type RequestLog = (line: {
  readonly operation: string;
  readonly status: number;
  readonly code: string | null;
  readonly caller: string | null;
}) => void;

export interface RunningApi {
  /** Origin, such as http://127.0.0.1:8080. */
  readonly url: string;
  /** Takes no more requests, lets running ones end, then resolves. */
  close(): Promise<void>;
}

/** Mounts every operation of the list: authenticate, check the role, validate, handle, answer. */
export function createApp(handlers: Handlers, authenticate: Authenticate, log: RequestLog): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    next();
  });
  app.use(express.json({ limit: '1mb', strict: true }));
  // Names and operations come from one object: every operation has its handler, held by the type of Handlers.
  for (const name of Object.keys(operations) as OperationName[])
    mount(app, name, handlers, authenticate, log);
  app.use(() => {
    throw new InputError('route-unknown', 'There is no such operation.', {
      hint: 'See docs/api.md for the operations.',
    });
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    sendProblem(response, error, 'none', null, log);
  });
  return app;
}

function mount(
  app: Express,
  name: OperationName,
  handlers: Handlers,
  authenticate: Authenticate,
  log: RequestLog,
): void {
  const operation: Operation = operations[name];
  const path = basePath + operation.path.replace(/\{(\w+)\}/g, ':$1');
  app[operation.method](path, async (request: Request, response: Response) => {
    let caller: Caller | null = null;
    try {
      caller =
        operation.roles === 'public'
          ? anonymous
          : allow(operation.roles, await authenticate(request.headers.authorization));
      // The handler's input type follows from the same schemas that parse here.
      const handle = handlers[name] as (
        input: unknown,
        caller: Caller,
      ) => Promise<{ status: number; body: unknown } | { status: number; csv: string }>;
      const answer = await handle(inputOf(operation, request), caller);
      response.status(answer.status);
      if (operation.csv !== undefined) response.vary('accept');
      if ('csv' in answer) response.type('text/csv').send(answer.csv);
      else response.json(answer.body);
      log({ operation: operation.operationId, status: answer.status, code: null, caller: nameOf(caller) });
    } catch (error) {
      sendProblem(response, error, operation.operationId, caller === null ? null : nameOf(caller), log);
    }
  });
}

const anonymous: Caller = { kind: 'operator', name: 'anonymous' };
const nameOf = (caller: Caller): string => (caller.kind === 'operator' ? caller.name : caller.systemuserid);

function allow(roles: readonly string[], principal: Principal): Caller {
  if (principal.kind === 'operator' && principal.roles.some((role) => roles.includes(role)))
    return { kind: 'operator', name: principal.name };
  throw new RefusedError('role-missing', `This operation needs one of the roles ${roles.join(', ')}.`, {
    hint: 'Assign the app role to the caller in Entra ID. People without a role work through the form.',
  });
}

/** The parts that the operation takes, validated; its headers under the names of the schema, whatever case came. */
function inputOf(operation: Operation, request: Request): Record<string, unknown> {
  const headers = Object.fromEntries(
    Object.keys(operation.headers?.shape ?? {}).flatMap((name) => {
      const value = request.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const query = parsePart(queryOf(operation), request.query, 'query');
  return {
    params: parsePart(operation.params, request.params, 'path'),
    query,
    wantsCsv: wantsCsv(operation, query, request),
    headers: parsePart(operation.headers, headers, 'headers'),
    // A request without a body means the operation's defaults. express leaves it undefined.
    body: parsePart(operation.body, (request.body as unknown) ?? {}, 'body'),
  };
}

/** The query decides; without it the Accept header, and who accepts anything gets JSON. */
function wantsCsv({ csv }: Operation, query: unknown, request: Request): boolean {
  if (csv === undefined) return false;
  const asked = typeof query === 'object' && query !== null && 'format' in query ? query.format : undefined;
  return (asked ?? request.accepts(['json', 'csv'])) === 'csv';
}

function parsePart(schema: z.ZodType | undefined, value: unknown, part: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const text = parsed.error.issues
    .map((issue) => `${[part, ...issue.path].join('.')}: ${issue.message}`)
    .join('; ');
  throw new InputError('input-invalid', `The request is not as the operation takes it. ${text}.`, {
    hint: 'Correct the named parts; docs/api.md describes them.',
  });
}

function sendProblem(
  response: Response,
  error: unknown,
  operation: string,
  caller: string | null,
  log: RequestLog,
): void {
  const problem = problemOf(error);
  if (problem.status === 401) response.set('www-authenticate', 'Bearer');
  if (error instanceof RowbackError && typeof error.context['retryAfterSeconds'] === 'number')
    response.set('retry-after', String(error.context['retryAfterSeconds']));
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  log({ operation, status: problem.status, code: problem.code, caller });
}

/** Listens; port 0 takes any free one. A port in use is `port-in-use`. */
export async function listen(app: Express, host: string, port: number): Promise<RunningApi> {
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  // A TCP server's address is an object.
  const address = server.address() as AddressInfo;
  return { url: `http://${host}:${address.port}`, close: () => closeServer(server) };
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new InputError('port-in-use', `Port ${port} on ${host} is in use by another program.`, {
      hint: 'Choose another port (api.port in rowback.yaml, ROWBACK_API_PORT), or end the other program.',
      cause: error,
    });
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL')
    return new InputError('port-refused', `The backend may not listen on ${host}:${port}.`, {
      hint: 'Choose a port above 1023 and an address of this machine.',
      cause: error,
    });
  return error;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

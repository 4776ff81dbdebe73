import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import express, { type Express, type Request, type Response } from 'express';
import type { Environment } from '../service/environment.ts';
import { giveBack } from '../odata/page-memory.ts';
import { readSwitches, SWITCHES, switchesWith } from '../service/switches.ts';
import { authenticator } from './auth/authenticate.ts';
import { createSigner } from './auth/signer.ts';
import { tokenRoutes } from './auth/token-routes.ts';
import type { ApiRequest, ApiResponse } from './api.ts';
import { hookRoutes } from './hook-routes.ts';
import { answer, type Authenticate } from './pipeline.ts';

const gzipBytes = promisify(gzip);
const MAX_BODY = '160mb';
const COMPRESS_FROM_BYTES = 1024;

export interface RunningSimulator {
  readonly url: string;
  readonly tokenUrl: string;
  readonly jwksUrl: string;
  readonly environment: Environment;
  close(): Promise<void>;
}

/** Starts listening on 127.0.0.1. Port 0 takes a free one. Rejects with EADDRINUSE where the port is taken. */
export async function startServer(
  environment: Environment,
  options: {
    readonly port: number;
    readonly open: boolean;
    /** False: no answer is compressed, whatever the client accepts. The service compresses. */
    readonly gzip?: boolean;
  },
): Promise<RunningSimulator> {
  const { tenantId } = environment.identity;
  const signer = await createSigner(tenantId, environment.now);
  let origin = '';
  const authenticate = authenticator(environment, signer, () => origin, options.open);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // Behind a local proxy that ends TLS, links carry the scheme that the client called.
  app.set('trust proxy', 'loopback');
  app.use(tokenRoutes(environment, signer, () => origin));
  app.get('/_simulator/statistics', (_request, response) => void response.json(environment.statistics));
  app.put('/_simulator/switches', express.json(), (request, response) =>
    putSwitches(environment, request.body, response),
  );
  app.use(hookRoutes(environment));
  addApi(app, environment, authenticate, options.gzip ?? true);
  const server = createServer({ maxHeaderSize: 128 * 1024 }, app);
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server has a TCP address
  origin = `http://127.0.0.1:${port}`;
  return {
    url: origin,
    tokenUrl: `${origin}/${tenantId}/oauth2/v2.0/token`,
    jwksUrl: `${origin}/${tenantId}/discovery/v2.0/keys`,
    environment,
    close: () => close(server),
  };
}

/** Turns behaviours on and off while running; answers with all of them. */
function putSwitches(environment: Environment, body: unknown, response: Response): void {
  const read = typeof body === 'object' && body !== null ? readSwitches({ ...body }) : undefined;
  if (read === undefined) {
    response.status(400).json({ error: 'Give switches with one of their values.', switches: SWITCHES });
    return;
  }
  environment.switches = switchesWith(read, environment.switches);
  response.json(environment.switches);
}

function addApi(app: Express, environment: Environment, authenticate: Authenticate, compress: boolean): void {
  app.use('/api/data', express.raw({ type: () => true, limit: MAX_BODY }), async (request, response) => {
    const match = /^\/api\/data\/(v9\.[0-2])(?:\/(.*))?$/s.exec(request.originalUrl);
    if (match === null) {
      response.status(404).end();
      return;
    }
    const api = toApiRequest(request, match[1]!, match[2] ?? ''); // group 1 always matches
    await send(environment, request, response, await answer(environment, authenticate, api), compress);
  });
}

function toApiRequest(request: Request, version: string, resource: string): ApiRequest {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name.toLowerCase(), Array.isArray(value) ? value.join(',') : value);
  }
  const body: unknown = request.body;
  return {
    method: request.method,
    resource,
    serviceRoot: `${request.protocol}://${request.headers.host ?? '127.0.0.1'}/api/data/${version}/`,
    headers,
    body: body instanceof Uint8Array ? body : new Uint8Array(),
  };
}

async function send(
  environment: Environment,
  request: Request,
  response: Response,
  answer: ApiResponse,
  compress: boolean,
): Promise<void> {
  const requestId = environment.newId();
  const echoed = ['x-ms-client-request-id', 'x-ms-correlation-id'].flatMap((name) => {
    const value = request.headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const headers = {
    'Cache-Control': 'no-cache',
    'x-ms-service-request-id': requestId,
    REQ_ID: requestId,
    'Access-Control-Expose-Headers':
      'Preference-Applied,OData-EntityId,Location,ETag,OData-Version,Content-Encoding,Transfer-Encoding,Content-Length,Retry-After',
    ...Object.fromEntries(echoed),
    ...answer.headers,
  };
  const body = bytesOf(answer.body ?? '');
  response.once('close', () => giveBack(body));
  const zip =
    compress &&
    body.length >= COMPRESS_FROM_BYTES &&
    /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const bytes = zip ? await gzipBytes(body, { level: 1 }) : body;
  const bodiless = answer.status === 204 || answer.status === 304;
  const length = bodiless ? {} : { 'Content-Length': String(bytes.length) };
  response.writeHead(answer.status, {
    ...headers,
    ...(zip ? { 'Content-Encoding': 'gzip' } : {}),
    ...length,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Bytes are sent as they are: a page of rows is megabytes. */
function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Environment } from '../service/environment.ts';
import type { Traffic } from '../traffic/index.ts';
import { readBody } from './read-body.ts';
import { RequestRefused } from './request-refused.ts';
import { sendAnswer } from './send-answer.ts';
import { createSite, type Site, type SiteOptions } from './site.ts';
import { siteRequest } from './site-request.ts';

export interface RunningSimulator {
  readonly url: string;
  readonly tokenUrl: string;
  readonly jwksUrl: string;
  readonly environment: Environment;
  readonly traffic: Traffic;
  /** What answers; `localFetch` reaches it without a socket. */
  readonly site: Site;
  close(): Promise<void>;
}

/** Starts listening on 127.0.0.1. Port 0 takes a free one. Rejects with EADDRINUSE where the port is taken. */
export async function startServer(
  environment: Environment,
  options: SiteOptions & {
    readonly port: number;
    /** False: no answer is compressed, whatever the client accepts. The service compresses. */
    readonly gzip?: boolean;
  },
): Promise<RunningSimulator> {
  const { tenantId } = environment.identity;
  const site = await createSite(environment, options);
  // A client may work on a page for longer than Node's five seconds before it asks for the next one.
  const settings = { maxHeaderSize: 128 * 1024, keepAliveTimeout: 120_000 };
  const server = createServer(settings, (request, response) => {
    respond(site, request, response, options.gzip ?? true).catch((error: unknown) => fail(response, error));
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server has a TCP address
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    tokenUrl: `${url}/${tenantId}/oauth2/v2.0/token`,
    jwksUrl: `${url}/${tenantId}/discovery/v2.0/keys`,
    environment,
    traffic: site.traffic,
    site,
    close: () => close(server),
  };
}

async function respond(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  compress: boolean,
): Promise<void> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(',') : value);
  }
  const answer = await site.answer(
    siteRequest({
      method: request.method ?? 'GET',
      origin: originOf(headers),
      target: request.url ?? '/',
      headers,
      body: await readBody(request),
    }),
  );
  await sendAnswer(request, response, answer, { compress, sleep: (ms) => site.traffic.clock.sleep(ms) });
}

/**
 * Behind a local proxy that ends TLS, links carry the scheme that the client called.
 * @throws RequestRefused for a host that is none
 */
function originOf(headers: ReadonlyMap<string, string>): string {
  const scheme = /^\s*https\b/i.test(headers.get('x-forwarded-proto') ?? '') ? 'https' : 'http';
  const origin = `${scheme}://${headers.get('host') ?? '127.0.0.1'}`;
  if (!URL.canParse(origin)) throw new RequestRefused(400, 'Bad Request - Invalid Hostname');
  return origin;
}

/** Anything thrown here is a fault of ours, shown to whoever called; but a caller who has left is none. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refused = error instanceof RequestRefused;
  response.writeHead(refused ? error.status : 500, { 'Content-Type': 'text/plain', Connection: 'close' });
  response.end(refused ? error.message : String(error instanceof Error ? error.stack : error));
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface TlsProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Ends TLS on 127.0.0.1 for clients that speak nothing else; everything goes on to `target` as it came. */
export async function startTlsProxy(target: string, cert: Buffer, key: Buffer): Promise<TlsProxy> {
  const server = createServer({ cert, key }, (incoming, outgoing) => forward(target, incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server has a TCP address
  return {
    url: `https://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The host stays the one that the client called, so links lead back through the proxy. */
function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url, headers } = incoming;
  const onward = httpRequest(`${target}${url}`, {
    method,
    headers: { ...headers, 'x-forwarded-proto': 'https' },
  });
  onward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(outgoing);
  });
  onward.on('error', (error) => outgoing.destroy(error));
  incoming.pipe(onward);
}

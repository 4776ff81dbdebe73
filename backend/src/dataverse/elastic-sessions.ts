import type { Transport, TransportRequest, TransportResponse } from './transport/port.ts';

/**
 * Elastic tables are consistent only within a session: a read that does not show the token of the last write may miss
 * what was just written. The newest token of each entity set is kept, and sent with everything that goes there; tables
 * of the other kinds give no tokens, so nothing happens to them.
 */
export class ElasticSessions {
  readonly #tokens = new Map<string, string>();

  /** For the requests inside a batch, which have headers of their own. */
  headersFor(url: string): Readonly<Record<string, string>> {
    const token = this.#tokens.get(entitySetIn(url));
    return token === undefined ? {} : { 'MSCRM.SessionToken': token };
  }

  learn(url: string, headers: Readonly<Record<string, string>>): void {
    const token = headers['x-ms-session-token'];
    if (token !== undefined) this.#tokens.set(entitySetIn(url), token);
  }

  wrap(inner: Transport): Transport {
    return { send: (request) => this.#send(inner, request) };
  }

  async #send(inner: Transport, request: TransportRequest): Promise<TransportResponse> {
    const headers = this.headersFor(request.url);
    const none = Object.keys(headers).length === 0;
    const response = await inner.send(
      none ? request : { ...request, headers: { ...headers, ...request.headers } },
    );
    this.learn(request.url, response.headers);
    return response;
  }
}

/** `logs` of `logs(…)`, `logs?$select=…`, `logs/Microsoft.Dynamics.CRM.CreateMultiple`, and of links to them. */
function entitySetIn(url: string): string {
  const below = url.replace(/^(https?:\/\/[^/]+)?\/?(.*?api\/data\/v[\d.]+\/)?/i, '');
  return /^[A-Za-z0-9_]*/.exec(below)?.[0] ?? '';
}

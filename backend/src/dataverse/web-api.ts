import { isObject, parseDefinitions, parseLossless } from './json/lossless.ts';
import { DataverseError } from './errors.ts';
import { errorOf, type About } from './read-error.ts';
import { LinkTrail } from './read/link-trail.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport/port.ts';

/** A parsed JSON object; numbers are `LosslessNumber`s, or plain ones where {@link GetOptions.definitions} allowed it. */
export type Json = Readonly<Record<string, unknown>>;

export interface GetOptions {
  readonly prefer?: string;
  readonly about?: About;
  /** Metadata: numbers that JavaScript prints the same way come as numbers, which is many times quicker. */
  readonly definitions?: boolean;
}

/** Sends and insists on a good answer; everything else is a `DataverseError` that says what it was about. */
export class WebApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async send(request: TransportRequest, about: About = {}): Promise<TransportResponse> {
    const response = await this.exchange(request, about);
    if (response.status >= 200 && response.status < 300) return response;
    throw await errorOf(response, about);
  }

  async get(url: string, options: GetOptions = {}): Promise<Json> {
    const headers = options.prefer === undefined ? {} : { prefer: options.prefer };
    const response = await this.send({ method: 'GET', url, headers }, options.about);
    return jsonOf(response, options.definitions === true ? parseDefinitions : parseLossless);
  }

  /** The rows of a collection, all pages. For small answers: everything is held. */
  async list(url: string, options: GetOptions = {}): Promise<Json[]> {
    const rows: Json[] = [];
    const trail = new LinkTrail(options.about?.table);
    for (let next: string | undefined = url; next !== undefined;) {
      const page: Json = await this.get(trail.follow(next), options);
      for (const row of rowsOf(page)) rows.push(row);
      const link: unknown = page['@odata.nextLink'];
      if (link !== undefined && typeof link !== 'string') throw notThat('a link is not a text');
      next = link;
    }
    return rows;
  }

  /** Like {@link get}; null where the row is not there. */
  async find(
    url: string,
    options: { readonly prefer?: string; readonly about?: About } = {},
  ): Promise<Json | null> {
    try {
      return await this.get(url, options);
    } catch (error) {
      if (error instanceof DataverseError && error.kind === 'not-found') return null;
      throw error;
    }
  }

  /** JSON with the instant at which the service gave it; null where the row is not there. */
  async request(request: TransportRequest, about: About): Promise<{ json: Json; date: string } | null> {
    const response = await this.exchange(request, about);
    if (response.status < 300)
      return { json: await jsonOf(response), date: response.receivedAt.toISOString() };
    const error = await errorOf(response, about);
    if (error.kind === 'not-found') return null;
    throw error;
  }

  /** Any answer, refusals too. What the wrappers throw gets table and row, which they do not know. */
  async exchange(request: TransportRequest, about: About = {}): Promise<TransportResponse> {
    try {
      return await this.#transport.send(request);
    } catch (error) {
      if (!(error instanceof DataverseError) || about.table === undefined) throw error;
      const { kind, status, serviceCode, requestId, hint, cause } = error;
      throw new DataverseError(
        error.message,
        { kind, status, serviceCode, requestId, ...about },
        { hint, cause },
      );
    }
  }
}

export async function jsonOf(response: TransportResponse, parse = parseLossless): Promise<Json> {
  const text = await response.text();
  const parsed = text === '' ? {} : tryParse(text, parse);
  if (isObject(parsed)) return parsed;
  throw new DataverseError(
    `The service answered ${response.status} with ${text.length} characters that are not JSON.`,
    {
      kind: 'unexpected-answer',
      status: response.status,
      serviceCode: '',
      requestId: response.headers['x-ms-service-request-id'] ?? null,
    },
  );
}

function tryParse(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    // Whatever it is, it is not JSON; the caller says so with the beginning of it.
    return undefined;
  }
}

/**
 * The rows of a collection's answer.
 * @throws DataverseError `unexpected-answer` where it has none: taken for an empty table, it would be a gap.
 */
export function rowsOf(page: Json): Json[] {
  const value = page['value'];
  if (!Array.isArray(value)) throw notThat('it has no list of rows');
  return value.map((row: unknown) => {
    if (isObject(row)) return row;
    throw notThat('a row is not an object');
  });
}

function notThat(what: string): DataverseError {
  return new DataverseError(`The service's answer cannot be read: ${what}.`, {
    kind: 'unexpected-answer',
    status: 200,
    serviceCode: '',
    requestId: null,
  });
}

/** A text in an OData filter or key. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * A query option's value, safe in a URL. The quote is escaped too: `fetch` would do so, and what it does is not ours. Half
 * a surrogate pair, which UTF-8 has no form for, becomes U+FFFD.
 */
export function encode(expression: string): string {
  return encodeURIComponent(expression.replace(/\p{Surrogate}/gu, '\ufffd')).replaceAll("'", '%27');
}

/**
 * The port through which everything goes to the Web API. Policies (sign-in, retry, limits, measuring, acting for
 * somebody) are wrappers of this same port, each in a file of its own.
 */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** A path below the API root (`accounts?$select=name`) or an absolute URL of the same origin, sent verbatim. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /**
   * May the request be sent again when nobody knows whether it took effect? GET always may. Everything else only when
   * this says so; otherwise an unknown outcome is an error (`outcome-unknown`) and the caller reads and compares.
   */
  readonly repeatable?: boolean;
  /** A read by another method than GET, or preparation that nobody sees: always repeatable, and never unknown. */
  readonly changesNothing?: boolean;
  /**
   * The caller reads the body while it arrives, and deals with a connection that breaks meanwhile. Otherwise the
   * wrappers see the whole exchange, body included, before `send` resolves.
   */
  readonly streamed?: boolean;
  readonly signal?: AbortSignal;
  /** Nobody waits for it: not sent when the requests of a day are used up (`daily-budget`). */
  readonly background?: boolean;
  /** Set by the wrappers for those below them: which try this is, from 1, … */
  readonly attempt?: number;
  /** … and how long the limits have held it back. */
  readonly waitedMs?: number;
}

export interface TransportResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the service answered: its `Date` header, our clock where it has none. */
  readonly receivedAt: Date;
  /** The body, read once: as bytes when they arrive, … */
  stream(): AsyncIterable<Uint8Array>;
  /** … whole, … */
  bytes(): Promise<Uint8Array>;
  /** … or whole as UTF-8 text. Empty where there is none. */
  text(): Promise<string>;
}

/**
 * Answers with whatever status the service gave, 4xx and 5xx included. Throws a `DataverseError` when there is no
 * answer (`unreachable`), and, below the retrying wrapper, when the outcome of a write is unknown.
 */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>;
}

/** Requests and bytes so far; bytes are those of bodies, received ones counted after decompression. */
export interface Measure {
  readonly requests: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Answers that said "wait" (429). */
  readonly throttled: number;
  /** Milliseconds that requests were held back for the service's limits, all together. */
  readonly waitedMs: number;
}

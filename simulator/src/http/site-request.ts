import type { ApiResponse } from './api.ts';

/** A request as it reaches the machine, from a socket or from the same process. */
export interface SiteRequest {
  readonly method: string;
  /** Scheme and host as the client called them; links in answers repeat them. */
  readonly origin: string;
  /** Path and query as sent. */
  readonly target: string;
  /** The path of `target`. */
  readonly path: string;
  /** Lower-case names; repeated headers joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export function siteRequest(parts: Omit<SiteRequest, 'path'>): SiteRequest {
  return { ...parts, path: parts.target.replace(/[?#].*$/s, '') };
}

/** The body as JSON, or undefined where it is none. */
export function readJson({ body }: SiteRequest): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function jsonOf(status: number, value: unknown): ApiResponse {
  const headers = { 'Content-Type': 'application/json; charset=utf-8' };
  return { status, headers, body: JSON.stringify(value) };
}

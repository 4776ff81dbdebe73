import type { RequestContext } from '../service/context.ts';
import type { ResourceUrl } from '../odata/url.ts';

/** A request below the service root, from the wire or out of a batch. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query below `/api/data/v9.2/`, still encoded. */
  readonly resource: string;
  /** Absolute, with the trailing slash. */
  readonly serviceRoot: string;
  /** Lower-case names; repeated headers joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  /** How it goes over the wire; whole and at once unless a bad day says otherwise. */
  readonly delivery?: Delivery;
}

export interface Delivery {
  /** The connection ends after this share of the body, or before anything is answered. */
  readonly cutAt?: number | 'head';
  /** The body trickles over so many milliseconds. */
  readonly spreadMs?: number;
}

/** A request after sign-in and parsing: what handlers work with. */
export interface Call {
  readonly context: RequestContext;
  readonly method: string;
  readonly url: ResourceUrl;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export const JSON_TYPE = 'application/json; odata.metadata=minimal';

export function json(
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  return { status, headers: { 'Content-Type': JSON_TYPE, ...headers }, body };
}

export function noContent(headers: Readonly<Record<string, string>> = {}): ApiResponse {
  return { status: 204, headers, body: undefined };
}

export function bodyText(call: Call): string {
  return Buffer.from(call.body)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

/** `Preference-Applied` for the preferences that took effect. */
export function applied(...preferences: readonly (string | undefined | false)[]): Record<string, string> {
  const list = preferences.filter((one) => typeof one === 'string');
  return list.length === 0 ? {} : { 'Preference-Applied': list.join(',') };
}

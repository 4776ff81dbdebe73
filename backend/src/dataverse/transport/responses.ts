import type { TransportResponse } from './port.ts';

/** The same answer with its body already read; the body may then be asked for more than once. */
export function bufferedResponse(response: TransportResponse, body: Uint8Array): TransportResponse {
  return {
    status: response.status,
    headers: response.headers,
    receivedAt: response.receivedAt,
    bytes: () => Promise.resolve(body),
    text: () => Promise.resolve(new TextDecoder().decode(body)),
    stream: async function* () {
      if (body.length > 0) yield await Promise.resolve(body);
    },
  };
}

/**
 * `Retry-After` in seconds or as an HTTP date; null when absent or unreadable. A date is the service's, so it is compared
 * with the `Date` of the same answer: our clocks may differ.
 */
export function retryAfterMs(response: TransportResponse): number | null {
  const text = response.headers['retry-after']?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  // Date.parse takes much for a date that is none, such as "-5".
  const date = /GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - response.receivedAt.getTime());
}

/** `x-ms-dop-hint`: how many requests at once the service advises; null where it does not. */
export function parallelismHint(response: TransportResponse): number | null {
  const hint = Number(response.headers['x-ms-dop-hint'] ?? NaN);
  return Number.isInteger(hint) && hint > 0 ? hint : null;
}

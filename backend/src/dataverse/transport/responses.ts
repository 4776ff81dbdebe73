import type { TransportResponse } from './port.ts';

/** The same answer with its body already read; the body may then be asked for more than once. */
export function bufferedResponse(
  response: Pick<TransportResponse, 'status' | 'headers' | 'receivedAt'>,
  body: Uint8Array,
): TransportResponse {
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

/** Nobody waits so long; a number of any size would be beyond what a date can say. */
const longestMs = 366 * 24 * 3_600_000;

/**
 * `Retry-After` in seconds or as an HTTP date; null when absent or unreadable. A date is the service's, so it is compared
 * with the `Date` of the same answer: our clocks may differ. More than a year counts as a year.
 */
export function retryAfterMs(response: Pick<TransportResponse, 'headers' | 'receivedAt'>): number | null {
  const ms = askedMs(response);
  return ms === null ? null : Math.min(ms, longestMs);
}

function askedMs(response: Pick<TransportResponse, 'headers' | 'receivedAt'>): number | null {
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

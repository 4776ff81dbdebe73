import { serviceError } from '../read-error.ts';
import type { TransportResponse } from './port.ts';

/** Which limit a 429 is about; `unknown`: it does not say, or not in words that we know. */
export type LimitKind = 'requests' | 'execution-time' | 'concurrency' | 'unknown';

export interface Throttling {
  readonly kind: LimitKind;
  /** The limit that the message names: requests, milliseconds or requests at once. */
  readonly limit: number | null;
}

const kinds: Readonly<Record<string, LimitKind>> = {
  '0x80072321': 'execution-time',
  '0x80072322': 'requests',
  '0x80072326': 'concurrency',
};

/** What a 429 says. The code may be hex or decimal, the message in the user's language. */
export async function throttlingOf(response: TransportResponse): Promise<Throttling> {
  const { code, message } = serviceError(await response.text());
  return { kind: kinds[code] ?? 'unknown', limit: greatestNumber(message) };
}

/** No limit is as high: a number beyond this is an id, or a mistake. */
const greatestLimit = 100_000_000;

/** The message names the limit and the 300 seconds, both with or without separators between thousands. */
function greatestNumber(message: string): number | null {
  const numbers = message.match(/\d{1,3}(?:[.,’'\u00a0\u202f ]\d{3})+|\d+/g) ?? [];
  const amounts = numbers.map((text) => Number(text.replace(/\D/g, '')));
  const greatest = Math.max(0, ...amounts.filter((amount) => amount <= greatestLimit));
  return greatest > 0 ? greatest : null;
}

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { authenticated, type TokenSource } from './authenticated.ts';
import { fetchTransport } from './fetch-transport.ts';
import { limited } from './limited.ts';
import { measured } from './measured.ts';
import type { Measure, Transport } from './port.ts';
import { retrying } from './retrying.ts';

export interface OpenTransport {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly tokens: TokenSource;
  /** At most so many requests at once, whatever the service advises. */
  readonly parallelism?: number;
  readonly tries?: number;
}

/** The whole chain as the product uses it: `retrying(limited(authenticated(measured(fetch))))`. */
export function openTransport(options: OpenTransport): {
  readonly transport: Transport;
  readonly measure: () => Measure;
} {
  const { clock, random, tries, parallelism } = options;
  const counting = measured(fetchTransport(options));
  const signedIn = authenticated(counting.transport, options.tokens);
  const polite = limited(signedIn, { clock, ...(parallelism === undefined ? {} : { most: parallelism }) });
  const transport = retrying(polite, { clock, random, ...(tries === undefined ? {} : { tries }) });
  return { transport, measure: counting.measure };
}

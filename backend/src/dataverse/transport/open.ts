import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { authenticated, type TokenSource } from './authenticated.ts';
import { fetchTransport } from './fetch-transport.ts';
import { limited, type Limited } from './limited.ts';
import { measured } from './measured.ts';
import type { Measure, Transport } from './port.ts';
import { retrying } from './retrying.ts';
import type { Slot } from './slot.ts';
import { spread } from './spread.ts';
import { traced, type Trace } from './traced.ts';

export interface OpenTransport {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly tokens: TokenSource;
  /** Further application users, which only read. They must see all that the first sees. */
  readonly readers?: readonly TokenSource[];
  /** At most so many requests at once by each user, whatever the service advises. */
  readonly parallelism?: number;
  /** Part of each user's limits that may be used, above 0; 1, all of it, where nothing is said. */
  readonly share?: number;
  /** Where other processes use the same users: our part of the share of each of them. */
  readonly slot?: Slot;
  readonly tries?: number;
  /** Is told of every request. */
  readonly trace?: Trace;
}

/**
 * The whole chain as the product uses it: `retrying(spread(user, …))`, where each application user has
 * `limited(authenticated(traced(measured(fetch))))`.
 */
export function openTransport(options: OpenTransport): {
  readonly transport: Transport;
  readonly measure: () => Measure;
} {
  const { clock, random, tries, readers = [] } = options;
  const counting = measured(fetchTransport(options));
  const first = userChain(counting.transport, options.tokens, 0, options);
  const others = readers.map((tokens, at) => userChain(counting.transport, tokens, at + 1, options));
  const transport = retrying(spread(first, others, clock), {
    clock,
    random,
    ...(tries === undefined ? {} : { tries }),
  });
  return { transport, measure: counting.measure };
}

function userChain(wire: Transport, tokens: TokenSource, user: number, options: OpenTransport): Limited {
  const { clock, trace, share, parallelism, slot } = options;
  const told = trace === undefined ? wire : traced(wire, { clock, trace, user });
  return limited(authenticated(told, tokens), {
    clock,
    ...(share === undefined ? {} : { share }),
    ...(slot === undefined ? {} : { slot }),
    ...(parallelism === undefined ? {} : { most: parallelism }),
  });
}

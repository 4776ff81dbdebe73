import { DynamicsWebApi, type Config } from 'dynamics-web-api';
import type { Bench } from '../bench.ts';

/** The npm package `dynamics-web-api`, unchanged, and what was called of it. */
export interface ClientBench extends Bench {
  readonly client: DynamicsWebApi;
  /** Names of the client's methods that were called so far, by any of its instances. */
  readonly called: Set<string>;
  readonly make: (config: Config) => DynamicsWebApi;
}

export function clientBench(bench: Bench): ClientBench {
  const called = new Set<string>();
  const make = (config: Config) =>
    recording(
      new DynamicsWebApi({
        serverUrl: bench.simulator.url,
        onTokenRefresh: () => Promise.resolve(bench.token),
        ...config,
      }),
      called,
    );
  return { ...bench, client: make({}), called, make };
}

/** Every public method, so that the last check can tell which of them no check has called. */
export const METHODS: readonly string[] = Object.entries(
  new DynamicsWebApi({ serverUrl: 'http://127.0.0.1' }),
)
  .filter(([, value]) => typeof value === 'function')
  .map(([name]) => name);

function recording(client: DynamicsWebApi, called: Set<string>): DynamicsWebApi {
  return new Proxy(client, {
    get(target, name, receiver): unknown {
      if (typeof name === 'string' && METHODS.includes(name)) called.add(name);
      return Reflect.get(target, name, receiver);
    },
  });
}

/** The error that the client throws for a refusal. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What the call is refused with; throws where it is not refused. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    return error as Refusal; // the client's RequestError
  }
  throw new Error('The call was expected to be refused, and was not.');
}

import {
  builtInSchema,
  createEnvironment,
  createSite,
  demoEnvironment,
  DrivenClock,
  importSolution,
  localFetch,
  sequentialIds,
  Traffic,
  type TrafficOptions,
} from '@rowback/simulator';
import type { Clock } from '../../src/base/clock.ts';
import { openClient, type DataverseClient } from '../../src/dataverse/index.ts';
import { RefusalWatch } from './refusal-watch.ts';

const startMs = Date.UTC(2026, 6, 1, 12);
const url = 'http://dataverse.test';

/** A client of ours against limits of its own, and what was seen of both on the wire between them. */
export interface LimitedVisit {
  readonly client: DataverseClient;
  readonly traffic: Traffic;
  readonly watch: RefusalWatch;
  /** The same user's requests by other hands: `count` of the cheapest, none of which may be refused. */
  useUp(count: number): Promise<void>;
  /** Lets time pass until the work has ended. */
  run<T>(work: Promise<T>): Promise<T>;
}

/** The demo's environment in this process, on a clock that jumps over the waits. */
export interface LimitedService {
  /** Asks the same environment where nothing is limited. */
  readonly outsider: DataverseClient;
  turn(settings: Readonly<Record<string, string | number | boolean>>): Promise<void>;
  /** A fresh client, which knows nothing of the limits yet, and fresh budgets. Requests take as long as the model says. */
  visit(options: Pick<TrafficOptions, 'limits' | 'dopHint'>): Promise<LimitedVisit>;
}

export async function openLimitedService(): Promise<LimitedService> {
  const clock = new DrivenClock(startMs);
  const environment = createEnvironment({
    ...demoEnvironment(builtInSchema(), { size: 1, seed: 7 }),
    identity: { clientSecret: 'of the limited service' },
    now: clock.now,
    newId: sequentialIds(startMs),
    importSolution,
  });
  const quiet = localFetch(await createSite(environment, { open: true }), { gzip: false });
  return {
    outsider: clientOf(quiet, clock),
    async turn(settings) {
      const body = JSON.stringify(settings);
      const headers = { 'content-type': 'application/json' };
      const { status } = await quiet(`${url}/_simulator/switches`, { method: 'PUT', headers, body });
      if (status !== 200) throw new Error(`the switches do not turn: ${status}`);
    },
    async visit(options) {
      const traffic = new Traffic(() => environment.switches, { clock, latency: 1, ...options });
      const wire = localFetch(await createSite(environment, { open: true, traffic }), { gzip: false });
      const watch = new RefusalWatch(clock.now);
      return {
        client: clientOf(watch.around(wire), clock),
        traffic,
        watch,
        useUp: (count) => clock.run(useUp(wire, count)),
        run: (work) => clock.run(work),
      };
    },
  };
}

function clientOf(send: typeof fetch, clock: DrivenClock): DataverseClient {
  const ours: Clock = { now: () => new Date(clock.now()), sleep: clock.sleep };
  const random = { uuid: () => '', fraction: () => 0 };
  const tokens = { token: () => Promise.resolve('any') };
  return openClient({ url, fetch: send, clock: ours, random, tokens }).client;
}

async function useUp(wire: typeof fetch, count: number): Promise<void> {
  const atOnce = 40;
  let left = count;
  const work = async () => {
    while (left-- > 0) {
      const { status } = await wire(`${url}/api/data/v9.2/WhoAmI`, {
        headers: { authorization: 'Bearer any' },
      });
      if (status !== 200) throw new Error(`somebody else was refused already: ${status}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

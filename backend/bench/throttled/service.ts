import {
  builtInSchema,
  createEnvironment,
  DrivenClock,
  importSolution,
  localFetch,
  sequentialIds,
  startServer,
  Traffic,
  type Switches,
} from '@rowback/simulator';

const startMs = Date.UTC(2026, 6, 1, 12);
/** The first window teaches; the three after it count. */
const fromMs = 300_000;
const usualUntilMs = 1_200_000;

export interface Condition {
  readonly servers: number;
  readonly headers: Switches['rateLimitHeaders'];
  readonly seed: number;
}

/** What a client did with what was allowed. */
export interface Usage {
  /** Accepted requests of those that all servers together allow in the time that counts. */
  readonly usedOfAllowed: number;
  /** Refused requests of those sent. */
  readonly refused: number;
}

export interface LimitedService {
  readonly url: string;
  readonly clock: DrivenClock;
  /** Reaches the service without sockets. */
  readonly fetch: typeof fetch;
  /** Is the time of the run not over yet? */
  isOpen(): boolean;
  /**
   * Lets the workers run until the time of the driven clock is over. Through sockets time moves only when every one of them
   * sleeps, in the service or by itself: bytes on their way cannot be seen.
   */
  measure(workers: readonly (() => Promise<void>)[], options?: { readonly sockets: boolean }): Promise<Usage>;
  close(): Promise<void>;
}

/** The simulator with the documented limits and its latency, on a clock that jumps over the waits. */
export async function startService(
  { servers, headers, seed }: Condition,
  untilMs = usualUntilMs,
): Promise<LimitedService> {
  const clock = new DrivenClock(startMs);
  const environment = createEnvironment({
    schema: builtInSchema(),
    seed: { rows: [], links: [], users: [] },
    identity: { clientSecret: 'of the benchmark' },
    now: clock.now,
    newId: sequentialIds(startMs),
    importSolution,
    switches: { rateLimitHeaders: headers, dopHintHeader: headers === 'hidden' ? 'absent' : 'present' },
  });
  const traffic = new Traffic(() => environment.switches, { clock, servers, seed, limits: true, latency: 1 });
  const server = await startServer(environment, { port: 0, open: true, traffic, gzip: false });
  const count = () => ({ accepted: traffic.counts.accepted, refused: traffic.counts.refused.requests });
  return {
    url: server.url,
    clock,
    fetch: localFetch(server.site, { gzip: false }),
    isOpen: () => clock.now() < startMs + untilMs,
    async measure(workers, { sockets } = { sockets: false }) {
      let asleep = workers.length + 1;
      const counted = (async () => {
        await clock.sleep(fromMs);
        const before = count();
        await clock.sleep(untilMs - fromMs);
        asleep -= 1;
        return usage(before, count(), (6000 * servers * (untilMs - fromMs)) / 300_000);
      })();
      const running = workers.map(async (work) => {
        await work();
        asleep -= 1;
      });
      await clock.run(Promise.all([counted, ...running]), sockets ? { workers: () => asleep } : {});
      return counted;
    },
    close: () => server.close(),
  };
}

interface Count {
  readonly accepted: number;
  readonly refused: number;
}

function usage(before: Count, after: Count, allowed: number): Usage {
  const accepted = after.accepted - before.accepted;
  const refused = after.refused - before.refused;
  return { usedOfAllowed: accepted / allowed, refused: refused / (accepted + refused) };
}

import { seededRandom } from '@rowback/simulator';
import { DynamicsWebApi } from 'dynamics-web-api';
import type { Clock } from '../../src/base/clock.ts';
import { openTransport } from '../../src/dataverse/transport/open.ts';
import { startService, type Condition, type LimitedService, type Usage } from './service.ts';

/** More than could ever be under way: there is always more to do than is allowed. */
const workersOfOurs = 64;
/** What loops of this kind usually begin with. */
const workersOfOthers = 8;
/** The others do in every window what they did in the one before: for them one counts instead of three. */
const othersUntilMs = 600_000;

/** Each runs under a condition and tells what it used. */
export const clients = { ours, fixedConcurrency, dynamicsWebApi };
export type ClientName = keyof typeof clients;

/** Our own chain, all of it. */
function ours(condition: Condition): Promise<Usage> {
  return within(condition, (service) => {
    const clock: Clock = {
      now: () => new Date(service.clock.now()),
      sleep: (ms, signal) => service.clock.sleep(ms, signal),
    };
    const draw = seededRandom(condition.seed);
    const { transport } = openTransport({
      url: service.url,
      fetch: service.fetch,
      clock,
      random: { uuid: () => '', fraction: () => draw() / 2 ** 32 },
      tokens: { token: () => Promise.resolve('any') },
    });
    const work = async () => {
      while (service.isOpen()) {
        const { status } = await transport.send({ method: 'GET', url: 'WhoAmI' });
        if (status !== 200) throw new Error(`our client gave up with ${status}`);
      }
    };
    return service.measure(Array.from({ length: workersOfOurs }, () => work));
  });
}

/** So many at once; whoever is refused waits for `Retry-After` and goes on. */
function fixedConcurrency(condition: Condition): Promise<Usage> {
  const run = (service: LimitedService) => {
    const work = async () => {
      while (service.isOpen()) {
        const response = await service.fetch(`${service.url}/api/data/v9.2/WhoAmI`, {
          headers: { authorization: 'Bearer any' },
        });
        await response.arrayBuffer();
        if (response.status === 429)
          await service.clock.sleep(retryAfterMs(response.headers.get('retry-after')));
      }
    };
    return service.measure(Array.from({ length: workersOfOthers }, () => work));
  };
  return within(condition, run, othersUntilMs);
}

/** The same loop around the npm package, which has no retry of its own and speaks only through sockets. */
function dynamicsWebApi(condition: Condition): Promise<Usage> {
  return within(
    condition,
    (service) => {
      const client = new DynamicsWebApi({
        serverUrl: service.url,
        onTokenRefresh: () => Promise.resolve('any'),
      });
      const work = async () => {
        while (service.isOpen()) {
          try {
            await client.callFunction('WhoAmI');
          } catch (error) {
            await service.clock.sleep(waitOf(error));
          }
        }
      };
      return service.measure(
        Array.from({ length: workersOfOthers }, () => work),
        { sockets: true },
      );
    },
    othersUntilMs,
  );
}

/** The package throws the answer's status and headers; anything but a refusal ends the benchmark. */
function waitOf(error: unknown): number {
  if (!(error instanceof Error) || !('status' in error) || error.status !== 429) throw error;
  const headers = 'headers' in error && typeof error.headers === 'object' ? { ...error.headers } : {};
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after');
  const text: unknown = found?.[1];
  return retryAfterMs(typeof text === 'string' ? text : null);
}

function retryAfterMs(text: string | null): number {
  return Math.max(1, Number(text ?? 1)) * 1000;
}

async function within(
  condition: Condition,
  run: (service: LimitedService) => Promise<Usage>,
  untilMs?: number,
): Promise<Usage> {
  const service = await startService(condition, untilMs);
  try {
    return await run(service);
  } finally {
    await service.close();
  }
}

import fc from 'fast-check';
import { DrivenClock } from '../../../test/support/driven-clock.ts';
import { ProtectedService } from '../../../test/support/protected-service.ts';
import { limited } from './limited.ts';
import type { TransportRequest } from './port.ts';
import { retrying } from './retrying.ts';

/** The most requests that any 300 seconds saw. */
function greatestWindow(times: readonly number[]): number {
  let from = 0;
  return times.reduce((greatest, at, index) => {
    while ((times[from] ?? at) <= at - 300_000) from += 1;
    return Math.max(greatest, index - from + 1);
  }, 0);
}

/** A tenth of the real ones: the same curves with a tenth of the work. */
const limits = { requests: 600, seconds: 120, atOnce: 52 };

/** Of the machine's time: a slow one tries fewer cases, and does not run into the time that a test may take. */
const withinTime = { interruptAfterTimeLimit: 25_000 };

const service = fc.record({
  servers: fc.integer({ min: 1, max: 4 }),
  requests: fc.integer({ min: 50, max: 800 }),
  durationMs: fc.integer({ min: 5, max: 3000 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

test('any 300 seconds hold at most the share of what is known, whatever the service and its headers say', async () => {
  await fc.assert(
    fc.asyncProperty(
      service,
      fc.double({ min: 0.01, max: 0.6, noNaN: true }),
      fc.dictionary(
        fc.constantFrom('x-ms-dop-hint', 'x-ms-ratelimit-burst-remaining-xrm-requests'),
        fc.constantFrom('0', '1', '5,999', '100000'),
      ),
      async ({ seed, durationMs, ...figures }, share, headers) => {
        const clock = new DrivenClock();
        const endMs = clock.now().getTime() + 350_000;
        const random = seeded(seed);
        const inner = new ProtectedService({
          ...figures,
          clock,
          random,
          durationMs: () => durationMs * (0.5 + random()),
          headers: () => headers,
        });
        const client = limited(inner, { clock, share, limits });
        const work = async () => {
          while (clock.now().getTime() < endMs) await client.send({ method: 'GET', url: 'accounts' });
        };
        await clock.run(Promise.all(Array.from({ length: 20 }, work)));
        const accepted = inner.log.filter(({ status }) => status === 200).map(({ atMs }) => atMs);
        expect(greatestWindow(accepted)).toBeLessThanOrEqual(Math.max(1, share * 600));
        expect(inner.early).toBe(0);
      },
    ),
    { numRuns: 25, ...withinTime },
  );
});

test('every request is answered, in about the order in which they came, and work goes on when the service recovers', async () => {
  await fc.assert(
    fc.asyncProperty(
      service,
      fc.integer({ min: 10, max: 200 }),
      fc.integer({ min: 1, max: 120 }),
      async ({ seed, servers }, count, downSeconds) => {
        const clock = new DrivenClock();
        const startMs = clock.now().getTime();
        const random = seeded(seed);
        const inner = new ProtectedService({ servers, clock, random, durationMs: () => 50 });
        const refusal = inner.refusal({ 'retry-after': '3' });
        const sent: number[] = [];
        const down = {
          send: async (request: TransportRequest) => {
            const isDown = clock.now().getTime() < startMs + downSeconds * 1000;
            if (!isDown) sent.push(Number(request.url));
            if (isDown) await clock.sleep(20);
            return isDown ? refusal : inner.send(request);
          },
        };
        const client = retrying(limited(down, { clock }), {
          clock,
          random: { uuid: () => '', fraction: random },
        });
        const answers = Array.from({ length: count }, (_, at) =>
          client.send({ method: 'GET', url: String(at) }),
        );
        for (const answer of await clock.run(Promise.all(answers))) expect(answer.status).toBe(200);
        expect(new Set(sent).size).toBe(count);
        // Nobody is passed by more than those that were under way together, and those that wait to come again.
        const later = sent.map((at, index) => index - at);
        expect(Math.max(...later)).toBeLessThan(count);
        expect(clock.now().getTime() - startMs).toBeLessThan((downSeconds + 60) * 1000 + 100 * count);
      },
    ),
    { numRuns: 40, ...withinTime },
  );
});

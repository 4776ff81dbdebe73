import fc from 'fast-check';
import { TickingClock } from '../../../test/support/ticking-clock.ts';
import { limited } from './limited.ts';
import type { Transport, TransportResponse } from './port.ts';
import { bufferedResponse } from './responses.ts';

function answer(status: number, headers: Record<string, string>, at: Date): TransportResponse {
  return bufferedResponse({ status, headers, receivedAt: at }, new Uint8Array());
}

test('never more at once than allowed, never before Retry-After is over, and every request is answered', async () => {
  const step = fc.record({
    throttled: fc.boolean(),
    waitSeconds: fc.integer({ min: 0, max: 9 }),
    hint: fc.integer({ min: 1, max: 20 }),
    turns: fc.integer({ min: 0, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      async (steps, most) => {
        const clock = new TickingClock();
        let [running, greatest, notBefore, at] = [0, 0, 0, 0];
        const inner: Transport = {
          send: async () => {
            const { throttled, waitSeconds, hint, turns } = steps[at++ % steps.length]!;
            expect(clock.now().getTime()).toBeGreaterThanOrEqual(notBefore);
            greatest = Math.max(greatest, ++running);
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
            running -= 1;
            const headers = {
              'x-ms-dop-hint': String(hint),
              ...(throttled ? { 'retry-after': String(waitSeconds) } : {}),
            };
            return answer(throttled ? 429 : 200, headers, clock.now());
          },
        };
        const transport = limited(inner, { clock, most });
        const request = { method: 'GET', url: 'accounts' } as const;
        const ask = async () => {
          const response = await transport.send(request);
          const waitMs = Number(response.headers['retry-after'] ?? 0) * 1000;
          // Now that the answer is known, nobody may come before its time is over.
          notBefore = Math.max(notBefore, response.receivedAt.getTime() + waitMs);
          return response;
        };
        const answers = await Promise.all(steps.map(ask));
        expect(answers).toHaveLength(steps.length);
        expect(greatest).toBeLessThanOrEqual(Math.min(most, 20));
      },
    ),
  );
});

import fc from 'fast-check';
import { fakeHost } from '../../test-support/fake-host';
import { abortReason, type Clock } from './clock';
import { requestRowsClient } from './request-rows';
import { createText } from './text';

const record = { table: 'account', id: '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34' };
const text = createText(() => null);

/** Everything that takes time is handed out by the scheduler, in any order. */
function setUp(scheduler: fc.Scheduler) {
  const host = fakeHost();
  const { createRecord, retrieveRecord } = host.context.webAPI;
  const clock: Clock = {
    now: () => 0,
    wait: (_waitMs, signal) =>
      scheduler.schedule(Promise.resolve(), 'wait').then(() => {
        if (signal.aborted) throw abortReason();
      }),
  };
  const webAPI = {
    createRecord: scheduler.scheduleFunction(createRecord),
    retrieveRecord: scheduler.scheduleFunction(retrieveRecord),
  };
  const client = requestRowsClient({ webAPI, clock, text, whenVisible: () => Promise.resolve() });
  return { host, client };
}

test('whenever it is aborted, no answer comes and no further call is made', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.nat({ max: 6 }), async (scheduler, steps) => {
      const { host, client } = setUp(scheduler);
      const controller = new AbortController();
      const outcome = client.history(record, controller.signal).then(
        () => 'answer',
        (error: Error) => error.name,
      );
      for (let step = 0; step < steps && scheduler.count() > 0; step += 1) await scheduler.waitOne();
      const wasAnswered = host.calls.includes('read rowback_request') && scheduler.count() === 0;
      controller.abort();
      const callsBefore = host.calls.length;
      // The call that was on its way when it was aborted may still reach the server.
      const underway = scheduler.count();
      await scheduler.waitAll();
      const ended = await outcome;
      expect(host.calls.length - callsBefore).toBeLessThanOrEqual(underway);
      if (!wasAnswered) expect(ended).toBe('AbortError');
    }),
  );
});

test('answers of questions asked at once are never mixed up', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.uniqueArray(fc.nat(), { minLength: 2, maxLength: 4 }),
      async (scheduler, versions) => {
        const { client } = setUp(scheduler);
        const { signal } = new AbortController();
        const asked = Promise.all(versions.map((version) => client.compare(record, String(version), signal)));
        await scheduler.waitFor(asked);
        const answered = (await asked).map(({ from }) => from.version);
        expect(answered).toEqual(versions.map(String));
      },
    ),
  );
});

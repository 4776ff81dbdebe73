import { DrivenClock } from './driven-clock.ts';

test('sleepers wake in the order of their times, and see that time', async () => {
  const clock = new DrivenClock(1000);
  const seen: string[] = [];
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms);
    seen.push(`${name} ${clock.now()}`);
  };
  void sleeper('c', 30);
  void sleeper('a', 10);
  void sleeper('b', 10).then(() => sleeper('d', 5));
  await clock.advance(20);
  expect([...seen, clock.now(), clock.sleeping]).toEqual(['a 1010', 'b 1010', 'd 1015', 1020, 1]);
  await clock.advance(10);
  expect(seen.at(-1)).toBe('c 1030');
});

test('a sleep that is aborted rejects with the reason and does not hold the others up', async () => {
  const clock = new DrivenClock(0);
  const stop = new AbortController();
  const sleeping = clock.sleep(1e9, stop.signal);
  stop.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
  await expect(clock.sleep(1, stop.signal)).rejects.toThrow('enough');
  expect(clock.sleeping).toBe(0);
});

test('a run goes from event to event and ends with the work, in no real time', async () => {
  const clock = new DrivenClock(0);
  const worker = async (ms: number) => {
    for (let turn = 0; turn < 1000; turn++) await clock.sleep(ms);
    return clock.now();
  };
  const began = performance.now();
  const ends = await clock.run(Promise.all([worker(3600_000), worker(1)]));
  expect(ends).toEqual([3600_000_000, 1000]);
  expect(performance.now() - began).toBeLessThan(5000);
});

test('time stands still while work is under way that the event loop does not show', async () => {
  const clock = new DrivenClock(0);
  let busy = true;
  clock.holdWhile(() => busy);
  const woken = clock.sleep(5).then(() => busy);
  setTimeout(() => (busy = false), 50);
  expect(await clock.run(woken)).toBe(false);
});

test('with a number of workers time moves only when all of them sleep', async () => {
  const clock = new DrivenClock(0);
  const order: string[] = [];
  // One of them does something for a while that the clock cannot see.
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push(`slow lies down at ${clock.now()}`);
    await clock.sleep(1);
  };
  const quick = async () => {
    await clock.sleep(10);
    order.push(`quick wakes at ${clock.now()}`);
  };
  let workers = 2;
  const work = [slow(), quick()].map((one) => one.finally(() => workers--));
  await clock.run(Promise.all(work), { workers: () => workers });
  expect(order).toEqual(['slow lies down at 0', 'quick wakes at 10']);
});

import { Budget, type Rules } from './budget.ts';
import { DOCUMENTED_LIMITS } from './limits.ts';

const RULES: Rules = { refusedRequestsCount: false, earlyRequestsRefused: false };
const WINDOW = DOCUMENTED_LIMITS.windowMs;

function budget() {
  const own = new Budget(WINDOW);
  return {
    ask: (now: number, rules: Partial<Rules> = {}) =>
      own.admit(now, DOCUMENTED_LIMITS, { ...RULES, ...rules }),
    done: (now: number, executionMs: number) => own.finish(now, executionMs),
    left: (now: number) => own.remaining(now, DOCUMENTED_LIMITS),
  };
}

/** `count` short requests that all end at `now`. */
function spend(of: ReturnType<typeof budget>, count: number, now: number, executionMs = 0): void {
  for (let at = 0; at < count; at++) {
    expect(of.ask(now)).toBeUndefined();
    of.done(now, executionMs);
  }
}

test('the 6,000th request passes, the 6,001st is refused until the window has slid [R8]', () => {
  const one = budget();
  spend(one, 1, 0);
  spend(one, 5999, 10_000);
  expect(one.left(10_000).requests).toBe(0);
  expect(one.ask(10_000)).toEqual({ facet: 'requests', retryAfterMs: WINDOW - 10_000 });
  expect(one.ask(WINDOW - 1)).toMatchObject({ facet: 'requests' });
  expect(one.ask(WINDOW)).toBeUndefined();
  expect(one.ask(WINDOW)).toMatchObject({ facet: 'requests' });
  expect(one.ask(WINDOW + 10_000)).toBeUndefined();
});

test('1,200 seconds of execution: what ends is booked, and the next is refused until enough has left [R8]', () => {
  const one = budget();
  spend(one, 2, 0, 400_000);
  spend(one, 1, 50_000, 399_999);
  expect(one.left(50_000).executionMs).toBe(1);
  spend(one, 1, 60_000, 1);
  expect(one.ask(60_000)).toEqual({ facet: 'executionTime', retryAfterMs: WINDOW - 60_000 });
  expect(one.ask(WINDOW)).toBeUndefined();
});

test('the 53rd request at the same time is refused at once, and passes when one has ended [R8]', () => {
  const one = budget();
  for (let at = 0; at < 52; at++) expect(one.ask(0)).toBeUndefined();
  expect(one.ask(0)).toEqual({ facet: 'concurrency', retryAfterMs: 1000 });
  one.done(0, 5);
  expect(one.ask(0)).toBeUndefined();
});

test('Retry-After grows while somebody keeps coming before it is over, but not for what was on its way [R8]', () => {
  const one = budget();
  spend(one, 6000, 0);
  const first = one.ask(100_000)!.retryAfterMs;
  expect(first).toBe(200_000);
  expect(one.ask(100_500)!.retryAfterMs).toBe(199_500);
  const again = [102_000, 104_000, 106_000].map((now) => one.ask(now)!.retryAfterMs);
  expect(again).toEqual([203_000, 206_000, 209_000]);
  expect(one.ask(WINDOW)).toBeUndefined();
});

test('a request that comes before Retry-After is over can be refused although there is room [R8]', () => {
  const one = budget();
  spend(one, 6000, 0);
  one.ask(100_000);
  one.ask(110_000);
  const rules = { earlyRequestsRefused: true };
  expect(one.ask(WINDOW + 1, rules)).toMatchObject({ facet: 'requests' });
  expect(one.ask(WINDOW + 20_000, rules)).toBeUndefined();
});

test('refused requests can use up the number of requests: whoever keeps coming never gets in [R8]', () => {
  const rules = { refusedRequestsCount: true };
  const counting = budget();
  const generous = budget();
  for (const one of [counting, generous]) spend(one, 6000, 0);
  for (let now = 10; now < WINDOW; now += 40) {
    counting.ask(now, rules);
    generous.ask(now);
  }
  expect(generous.ask(WINDOW)).toBeUndefined();
  expect(counting.ask(WINDOW, rules)).toMatchObject({ facet: 'requests' });
});

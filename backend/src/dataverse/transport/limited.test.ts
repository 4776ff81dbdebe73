import { DrivenClock } from '../../../test/support/driven-clock.ts';
import { ProtectedService, type ProtectedServiceOptions } from '../../../test/support/protected-service.ts';
import { limited } from './limited.ts';
import { bufferedResponse } from './responses.ts';
import { retrying } from './retrying.ts';

/** Small and repeatable: Park and Miller's generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A tenth of the real limits: the same curves with a tenth of the work. */
const limits = { requests: 600, seconds: 120, atOnce: 52 };

interface Trial extends Partial<Omit<ProtectedServiceOptions, 'clock' | 'random'>> {
  readonly seconds: number;
  readonly share?: number;
  readonly workers?: number;
  readonly most?: number;
  /** What was sent by others before we begin. */
  readonly before?: number;
  /** Changes the service while it runs, by the second. */
  readonly change?: readonly (readonly [second: number, change: (service: ProtectedService) => void])[];
}

/** Workers that always want more, against the service; what came through is in its log. */
async function trial({ seconds, share = 1, workers = 30, most, before = 0, change = [], ...rest }: Trial) {
  const clock = new DrivenClock();
  const random = seeded(7);
  const service = new ProtectedService({
    clock,
    random,
    durationMs: () => 70 + 60 * random(),
    requests: 600,
    executionMs: 120_000,
    ...rest,
  });
  const request = { method: 'GET', url: 'accounts' } as const;
  const others = async () => {
    for (let sent = 0; sent < before; sent += 1) await service.send(request);
  };
  await clock.run(others());
  const startMs = clock.now().getTime();
  const options = { clock, share, limits, ...(most === undefined ? {} : { most }) };
  const client = retrying(limited(service, options), { clock, random: { uuid: () => '', fraction: random } });
  const left = () => startMs + seconds * 1000 - clock.now().getTime();
  const work = async () => {
    while (left() > 0) await client.send(request);
  };
  const changes = change.map(async ([second, act]) => {
    await clock.sleep(second * 1000);
    act(service);
  });
  await clock.run(Promise.all([...changes, ...Array.from({ length: workers }, work)]));
  return {
    service,
    used: (from: number, to: number, limit = 600) =>
      service.count(startMs, from, to).accepted / ((limit * (to - from)) / 300),
    refused: (from: number, to: number) => service.count(startMs, from, to).refused,
    greatestGapMs: (from: number, to: number) => {
      const times = service.log
        .map(({ atMs }) => atMs - startMs)
        .filter((at) => at >= from * 1000 && at < to * 1000);
      return Math.max(...times.map((at, index) => at - (times[index - 1] ?? at)));
    },
  };
}

test.each([1, 3])(
  'what %i servers take is found out by the first refusal, and used evenly',
  async (servers) => {
    const { used, refused, greatestGapMs, service } = await trial({ seconds: 1200, servers });
    expect(used(300, 1200, 600 * servers)).toBeGreaterThan(0.9);
    expect(refused(300, 1200)).toBeLessThan(0.02 * 1800 * servers);
    expect(service.early).toBe(0);
    expect(greatestGapMs(330, 1200)).toBeLessThan(20_000);
  },
);

test.each([
  ['in another language, with separators', { message: 'Grenzwert von 1.600 in 300 Sekunden überschritten.' }],
  ['with a decimal code', { code: '-2147015902' }],
  ['without a number', { message: 'Too many.' }],
])('a refusal %s teaches as much', async (_, refusal) => {
  const { used, refused } = await trial({ seconds: 900, requests: 1600, executionMs: 600_000, refusal });
  expect(used(300, 900, 1600)).toBeGreaterThan(0.93);
  expect(refused(300, 900)).toBeLessThan(32);
});

test('servers that go are noticed at once, and servers that come after some time', async () => {
  const { used, refused } = await trial({
    seconds: 2700,
    servers: 3,
    change: [
      [600, (service) => (service.options.servers = 1)],
      [1200, (service) => (service.options.servers = 3)],
    ],
  });
  expect(used(900, 1200, 600)).toBeGreaterThan(0.7);
  expect(refused(600, 1200)).toBeLessThan(60);
  expect(used(2400, 2700, 1800)).toBeGreaterThan(0.6);
});

test('a limit that others have used up before us does not keep us down', async () => {
  const { used, refused } = await trial({ seconds: 900, before: 590 });
  expect(used(300, 900)).toBeGreaterThan(0.9);
  expect(refused(300, 900)).toBeLessThan(30);
});

test('where execution time is short, measured seconds are what is paced', async () => {
  const { used, refused } = await trial({ seconds: 900, executionMs: 30_000 });
  // 300 requests of a tenth of a second each.
  expect(used(300, 900, 300)).toBeGreaterThan(0.9);
  expect(refused(300, 900)).toBeLessThan(20);
});

test('a share is kept from the first request on, and is even after the first half', async () => {
  const { used, greatestGapMs } = await trial({ seconds: 900, share: 0.5, servers: 3 });
  expect(used(0, 300)).toBeLessThanOrEqual(0.5);
  expect(used(300, 900)).toBeGreaterThan(0.48);
  expect(greatestGapMs(0, 900)).toBeLessThan(6000);
});

test('a share of execution time holds back requests that take long', async () => {
  const { used } = await trial({ seconds: 300, workers: 10, share: 0.5, durationMs: () => 4000 });
  // 60 s of execution within 300 s, and those under way when the last of it was given away.
  const seconds = used(0, 300) * 600 * 4;
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThanOrEqual(60 + 4);
});

test('too many at once halves what is sent at once and nothing else', async () => {
  const { refused, used } = await trial({
    seconds: 120,
    atOnce: 10,
    requests: 6000,
    executionMs: 1_200_000,
    durationMs: () => 1000,
    headers: () => ({ 'x-ms-dop-hint': '40' }),
  });
  expect(refused(20, 120)).toBeLessThan(60);
  // Ten at once, a second each, are ten a second.
  expect(used(20, 120, 3000)).toBeGreaterThan(0.6);
});

test.each(['1', '5000', 'many'])('advice of %s to begin with does no harm', async (hint) => {
  const { used } = await trial({ seconds: 600, servers: 3, headers: () => ({ 'x-ms-dop-hint': hint }) });
  expect(used(300, 600, 1800)).toBeGreaterThan(0.85);
});

test('requests do not pile up where the environment becomes slow', async () => {
  let atOnce = 0;
  let greatest = 0;
  let slow = false;
  const durationMs = () => (slow ? 5000 : 100);
  const headers = () => ({ 'x-ms-dop-hint': '6' });
  const { service } = await trial({
    seconds: 200,
    requests: 60_000,
    executionMs: 12_000_000,
    durationMs,
    headers,
    change: [
      [60, () => (slow = true)],
      [120, (one) => (atOnce = one.log.length)],
      [180, (one) => (greatest = one.log.length - atOnce)],
    ],
  });
  // Six at once for five seconds each are 72 in a minute; 48 at once would be 576.
  expect(greatest).toBeLessThan(120);
  expect(service.log.length).toBeGreaterThan(1000);
});

test.each(['86400', '9'.repeat(400)])(
  'a wait of %s s is an error at once, for whoever comes',
  async (asked) => {
    const clock = new DrivenClock();
    const service = new ProtectedService({ clock, random: () => 0, requests: 0, headers: () => ({}) });
    const waitsLong = {
      send: async (request: Parameters<typeof service.send>[0]) => {
        const answer = await service.send(request);
        return { ...answer, headers: { 'retry-after': asked } };
      },
    };
    const client = limited(waitsLong, { clock });
    const read = { method: 'GET', url: 'accounts' } as const;
    expect((await clock.run(client.send(read))).status).toBe(429);
    await expect(client.send(read)).rejects.toMatchObject({ code: 'dataverse-throttled' });
  },
);

test('who gives up while waiting is let go at once and holds up nobody', async () => {
  const clock = new DrivenClock();
  const startMs = clock.now().getTime();
  const service = new ProtectedService({ clock, random: () => 0 });
  const client = limited(service, { clock, most: 1 });
  const leave = new AbortController();
  const read = { method: 'GET', url: 'accounts' } as const;
  const [first, second] = [client.send(read), client.send({ ...read, signal: leave.signal })];
  const third = client.send(read);
  leave.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  expect(clock.now().getTime()).toBe(startMs);
  await clock.run(Promise.all([first, third]));
  expect(service.log).toHaveLength(2);
});

test('a clock that is set back by an hour holds up nobody', async () => {
  const clock = new DrivenClock();
  let setBackMs = 0;
  const wrong = {
    now: () => new Date(clock.now().getTime() - setBackMs),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
  };
  const service = new ProtectedService({ clock, random: () => 0, requests: 600 });
  const client = limited(service, { clock: wrong, share: 0.5, limits });
  const startMs = clock.now().getTime();
  const send = async (count: number) => {
    for (let sent = 0; sent < count; sent += 1) await client.send({ method: 'GET', url: 'accounts' });
  };
  // More than half of the share: from here on requests are paced.
  await clock.run(send(200));
  setBackMs = 3_600_000;
  await clock.run(send(50));
  expect(clock.now().getTime() - startMs).toBeLessThan(300_000);
});

test('a clock that jumps an hour ahead, or a number that is no limit, costs refusals at most', async () => {
  const clock = new DrivenClock();
  let aheadMs = 0;
  const wrong = {
    now: () => new Date(clock.now().getTime() + aheadMs),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
  };
  const random = seeded(3);
  const message = 'Limit exceeded. Trace 638751518483842799.';
  const service = new ProtectedService({ clock, random, requests: 600, refusal: { message } });
  const client = retrying(limited(service, { clock: wrong, limits }), {
    clock: wrong,
    random: { uuid: () => '', fraction: random },
  });
  const startMs = clock.now().getTime();
  const work = async () => {
    while (clock.now().getTime() < startMs + 900_000) await client.send({ method: 'GET', url: 'accounts' });
  };
  const jump = clock.sleep(400_000).then(() => (aheadMs = 3_600_000));
  await clock.run(Promise.all([jump, ...Array.from({ length: 20 }, work)]));
  expect(service.count(startMs, 300, 900).accepted).toBeGreaterThan(0.85 * 1200);
});

test.each([
  ['one part', ['200 OK', '429 X'], 7000],
  ['every part', ['429 X', '429 X'], 7000],
  ['no part', ['200 OK', '204 X'], 0],
] as const)(
  'a batch of which %s was refused holds back the requests of others as long as was asked for',
  async (_, statuses, heldMs) => {
    const clock = new DrivenClock();
    const part = (status: string, at: number) =>
      `--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 ${status}\r\nRetry-After: ${7 - at}\r\n\r\n{}\r\n`;
    const body = new TextEncoder().encode(`${statuses.toReversed().map(part).join('')}--b--\r\n`);
    const headers = { 'content-type': 'multipart/mixed; boundary=b' };
    const sent: number[] = [];
    const client = limited(
      {
        send: () => {
          sent.push(clock.now().getTime());
          return Promise.resolve(bufferedResponse({ status: 200, headers, receivedAt: clock.now() }, body));
        },
      },
      { clock },
    );
    const answer = await clock.run(client.send({ method: 'POST', url: '$batch' }));
    expect(await answer.text()).toContain(`HTTP/1.1 ${statuses[1]}`);
    await clock.run(client.send({ method: 'GET', url: 'WhoAmI' }));
    expect(sent[1]! - sent[0]!).toBe(heldMs);
  },
);

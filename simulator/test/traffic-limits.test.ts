import { API, errorOf, startWorld, type World } from './support/traffic.ts';

const BURST = 'x-ms-ratelimit-burst-remaining-xrm-requests';
const TIME = 'x-ms-ratelimit-time-remaining-xrm-requests';

/** Statuses of `count` calls, all at once or one after the other. */
async function statuses(world: World, count: number, init?: RequestInit): Promise<number[]> {
  const list: number[] = [];
  for (let at = 0; at < count; at++) list.push((await world.call('WhoAmI', init)).status);
  return list;
}

/** Sends `count` requests at the same moment. */
function atOnce(world: World, count: number, init?: RequestInit): Promise<Response[]> {
  return world.clock.run(
    Promise.all(Array.from({ length: count }, () => world.fetch(`${API}WhoAmI`, { ...init }))),
  );
}

const OPEN = { open: true, headers: { Authorization: 'Bearer x' } };

test('without limits no answer speaks of them', async () => {
  const world = await startWorld();
  const { headers } = await world.call('WhoAmI');
  expect([BURST, TIME, 'set-cookie'].map((name) => headers.get(name))).toEqual(Array(3).fill(null));
});

test('6,000 requests in five minutes, then 429 0x80072322 until Retry-After is over [R8]', async () => {
  const world = await startWorld({ limits: true });
  const first = await world.call('WhoAmI');
  expect(first.headers.get(BURST)).toBe('5999');
  expect(first.headers.get(TIME)).toMatch(/^1,199\.\d\d$/);
  expect(first.headers.get('x-ms-dop-hint')).toBe('4');
  expect(new Set(await statuses(world, 5999))).toEqual(new Set([200]));
  const refused = await world.call('WhoAmI');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('300');
  expect(refused.headers.get(BURST)).toBe('0');
  expect(await errorOf(refused)).toEqual({
    code: '0x80072322',
    message: 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.',
  });
  await world.clock.advance(300_000);
  expect(await statuses(world, 1)).toEqual([200]);
  expect(world.traffic.counts).toEqual({
    accepted: 6001,
    refused: { requests: 1, executionTime: 0, concurrency: 0 },
  });
});

test('some environments let 8,000 through [R8]', async () => {
  const world = await startWorld({ limits: true, switches: { requestLimit: 8000 } });
  expect((await world.call('WhoAmI')).headers.get(BURST)).toBe('7999');
  expect(new Set(await statuses(world, 7999))).toEqual(new Set([200]));
  expect(await errorOf(await world.call('WhoAmI'))).toMatchObject({
    message: 'Number of requests exceeded the limit of 8000 over time window of 300 seconds.',
  });
});

test('each user has limits of his own; acting for somebody counts for whoever signed in [R8]', async () => {
  const world = await startWorld({ limits: { requests: 3 } });
  const other = await world.token('mira.falk@lindqvist.example');
  const [user] = world.site.environment.database
    .store('systemuser')
    .referrers('domainname', 'mira.falk@lindqvist.example');
  expect(await statuses(world, 3, { headers: { MSCRMCallerID: user! } })).toEqual([200, 200, 200]);
  expect(await statuses(world, 1)).toEqual([429]);
  expect(await statuses(world, 4, { headers: { Authorization: `Bearer ${other}` } })).toEqual([
    200, 200, 200, 429,
  ]);
});

test('each web server has limits of its own; the affinity cookie stays with one [R8]', async () => {
  const world = await startWorld({ limits: { requests: 20 }, servers: 3, seed: 5 });
  const first = await world.call('WhoAmI');
  const cookie = first.headers.get('set-cookie')!;
  expect(cookie).toMatch(/^ARRAffinity=[0-9a-f]{64};Path=\/;HttpOnly$/);
  const headers = { Cookie: `other=1; ${cookie.split(';')[0]}` };
  const stays = await world.call('WhoAmI', { headers });
  expect([stays.headers.get('set-cookie'), stays.headers.get(BURST)]).toEqual([null, '18']);
  expect(await statuses(world, 19, { headers })).toEqual([...Array<number>(18).fill(200), 429]);
  // Two servers have room for forty more; requests without a cookie find them by chance.
  const spread = await statuses(world, 400);
  expect(spread.filter((status) => status === 200)).toHaveLength(40);
});

test('52 requests at the same time, the 53rd is refused at once with 0x80072326 [R8]', async () => {
  const world = await startWorld({ limits: true, latency: 1, open: OPEN.open });
  const responses = await atOnce(world, 53, { headers: OPEN.headers });
  expect(responses.map(({ status }) => status)).toEqual([...Array<number>(52).fill(200), 429]);
  const refused = responses.at(-1)!;
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await errorOf(refused)).toEqual({
    code: '0x80072326',
    message: 'Number of concurrent requests exceeded the limit of 52.',
  });
  expect((await atOnce(world, 1, { headers: OPEN.headers }))[0]!.status).toBe(200);
});

test('execution time adds up, a batch is one request with the time of its parts: 0x80072321 [R8]', async () => {
  const world = await startWorld({ limits: { executionMs: 1000 } });
  const part = (at: number) =>
    `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ${at}\r\n\r\nGET /api/data/v9.2/accounts HTTP/1.1\r\n\r\n\r\n`;
  const batch = {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/mixed; boundary=b' },
    body: `${Array.from({ length: 40 }, (_, at) => part(at)).join('')}--b--\r\n`,
  };
  const passed = await world.call('$batch', batch);
  expect([passed.status, passed.headers.get(BURST), passed.headers.get(TIME)]).toEqual([200, '5999', '0.00']);
  const refused = await world.call('$batch', batch);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '300']);
  expect(await errorOf(refused)).toEqual({
    code: '0x80072321',
    message:
      'Combined execution time of incoming requests exceeded limit of 1,000 milliseconds over time window of 300 seconds. ' +
      'Decrease number of concurrent requests or reduce the duration of requests and try again later.',
  });
  world.site.environment.switches = { ...world.site.environment.switches, throttledBatch: 'parts' };
  const parts = await world.call('$batch', {
    ...batch,
    headers: { ...batch.headers, Prefer: 'odata.continue-on-error' },
  });
  const text = await parts.text();
  expect([parts.status, text.match(/HTTP\/1\.1 429/g)?.length]).toEqual([200, 40]);
  await world.clock.advance(300_000);
  const partly = await world.call('$batch', {
    ...batch,
    headers: { ...batch.headers, Prefer: 'odata.continue-on-error' },
  });
  const statusLines = (await partly.text()).match(/HTTP\/1\.1 \d+/g) ?? [];
  expect(statusLines[0]).toBe('HTTP/1.1 200');
  expect(statusLines.at(-1)).toBe('HTTP/1.1 429');
});

test.each([
  ['honest', '99', '1,1'],
  ['hidden', null, null],
  ['false', '1', '0.'],
] as const)('the headers of the limits can be %s', async (rateLimitHeaders, burst, time) => {
  const world = await startWorld({ limits: { requests: 100 }, switches: { rateLimitHeaders } });
  const { headers } = await world.call('WhoAmI');
  expect([headers.get(BURST), headers.get(TIME)?.slice(0, 3) ?? null]).toEqual([
    burst,
    time === null ? null : expect.stringContaining(time),
  ]);
});

test('x-ms-dop-hint can be absent', async () => {
  const world = await startWorld({ limits: true, switches: { dopHintHeader: 'absent' } });
  expect((await world.call('WhoAmI')).headers.get('x-ms-dop-hint')).toBeNull();
});

test.each([
  ['seconds', '1'],
  ['date', 'Wed, 01 Jul 2026 12:00:01 GMT'],
  ['absent', null],
] as const)('Retry-After of a refusal for concurrency can be given as %s', async (form, expected) => {
  const world = await startWorld({
    limits: { concurrent: 1 },
    latency: 1,
    open: OPEN.open,
    switches: { concurrencyRetryAfter: form },
  });
  const [, refused] = await atOnce(world, 2, { headers: OPEN.headers });
  expect([refused!.status, refused!.headers.get('retry-after')]).toEqual([429, expected]);
});

test('the code of a 429 can be decimal', async () => {
  const world = await startWorld({ limits: { requests: 0 }, switches: { throttlingCode: 'decimal' } });
  expect((await errorOf(await world.call('WhoAmI'))).code).toBe('-2147015902');
});

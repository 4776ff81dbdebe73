import { DrivenClock } from '../../../test/support/driven-clock.ts';
import { openTransport } from './open.ts';
import type { TransportRequest } from './port.ts';

/** What each of three users was asked, by their tokens; the first `slow` requests of `a` take long. */
function threeUsers(answer: (user: string) => Response = () => new Response('{}')) {
  const clock = new DrivenClock();
  const seen: { readonly user: string; readonly method: string }[] = [];
  const answering: typeof fetch = async (_url, init) => {
    const user = (new Headers(init?.headers).get('authorization') ?? '').replace('Bearer ', '');
    seen.push({ user, method: init?.method ?? '' });
    await clock.sleep(100);
    return answer(user);
  };
  const tokens = ['a', 'b', 'c'].map((user) => ({ token: () => Promise.resolve(user) }));
  const { transport } = openTransport({
    url: 'https://x.crm4.dynamics.com',
    fetch: answering,
    clock,
    random: { uuid: () => '', fraction: () => 0 },
    tokens: tokens[0]!,
    readers: tokens.slice(1),
  });
  const send = (count: number, request: TransportRequest) =>
    clock.run(Promise.all(Array.from({ length: count }, () => transport.send(request))));
  const by = (user: string, method: string) =>
    seen.filter((one) => one.user === user && one.method === method).length;
  return { clock, send, by };
}

const read = { method: 'GET', url: 'accounts' } as const;

test('reads spread over all users', async () => {
  const { send, by } = threeUsers();
  await send(300, read);
  for (const user of ['a', 'b', 'c']) expect(by(user, 'GET')).toBeGreaterThan(70);
});

test('writes, and what is done for somebody, go by the first alone', async () => {
  const { send, by } = threeUsers();
  await send(40, { method: 'PATCH', url: 'accounts(1)', body: '{}' });
  await send(10, { method: 'POST', url: '$batch', body: '' });
  await send(10, { ...read, headers: { callerobjectid: 'somebody' } });
  expect([by('a', 'PATCH'), by('a', 'POST'), by('a', 'GET')]).toEqual([40, 10, 10]);
  for (const user of ['b', 'c']) expect(by(user, 'PATCH') + by(user, 'POST') + by(user, 'GET')).toBe(0);
});

test('a user who is told to wait is spared, and the others read on', async () => {
  const refuses = (user: string) =>
    user === 'b' ? new Response('', { status: 429, headers: { 'retry-after': '200' } }) : new Response('{}');
  const { clock, send, by } = threeUsers(refuses);
  const startMs = clock.now().getTime();
  await send(8, { method: 'PATCH', url: 'accounts(1)', body: '{}' });
  // Each is one after another: whoever has room now is asked.
  for (let at = 0; at < 60; at += 1)
    await send(1, { method: at % 2 === 0 ? 'GET' : 'PATCH', url: 'accounts', repeatable: true });
  expect(by('b', 'GET')).toBeLessThanOrEqual(2);
  expect(by('a', 'GET') + by('c', 'GET')).toBeGreaterThanOrEqual(30);
  expect(clock.now().getTime() - startMs).toBeLessThan(430_000);
});

test.each([401, 403])(
  'a reader that is refused with %i is spared, and the others read on',
  async (status) => {
    const refuses = (user: string) => new Response('{}', { status: user === 'b' ? status : 200 });
    const { clock, send, by } = threeUsers(refuses);
    for (const { status: given } of await send(60, read)) expect(given).toBe(200);
    const before = by('b', 'GET');
    for (const { status: given } of await send(60, read)) expect(given).toBe(200);
    expect(by('b', 'GET')).toBe(before);
    await clock.run(clock.sleep(301_000));
    await send(60, read);
    expect(by('b', 'GET')).toBeGreaterThan(before);
  },
);

test('what the first is refused too is refused', async () => {
  const { send } = threeUsers(() => new Response('{}', { status: 403 }));
  for (const { status } of await send(30, read)) expect(status).toBe(403);
});

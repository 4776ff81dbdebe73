import { TickingClock } from '../../../test/support/ticking-clock.ts';
import { DataverseError } from '../errors.ts';
import type { Transport, TransportRequest, TransportResponse } from './port.ts';
import { bufferedResponse } from './responses.ts';
import { retrying } from './retrying.ts';

const random = { uuid: () => '', fraction: () => 0 };
const read: TransportRequest = { method: 'GET', url: 'accounts' };
const write: TransportRequest = { method: 'POST', url: 'accounts', body: '{}' };

function answer(status: number, body = '', headers: Record<string, string> = {}): TransportResponse {
  const bare = {
    status,
    headers,
    receivedAt: new Date(Date.UTC(2026, 0, 1)),
    stream: () => [] as never,
    bytes: () => Promise.resolve(new Uint8Array()),
    text: () => Promise.resolve(''),
  };
  return bufferedResponse(bare, new TextEncoder().encode(body));
}

function broken(code: string): DataverseError {
  const cause = Object.assign(new Error(code), { code });
  const facts = { kind: 'unreachable', status: 0, serviceCode: '', requestId: null } as const;
  return new DataverseError('broken', facts, { cause: new TypeError('fetch failed', { cause }) });
}

const error = (code: string, message = '') => JSON.stringify({ error: { code, message } });

/** Gives the answers one after another; the rest stays to be counted. */
function scripted(...answers: (TransportResponse | DataverseError)[]) {
  const clock = new TickingClock();
  const inner: Transport = {
    send: async () => {
      const next = answers.shift();
      if (next === undefined) throw new Error('asked more often than expected');
      if (next instanceof DataverseError) throw next;
      return Promise.resolve(next);
    },
  };
  return { clock, left: answers, transport: retrying(inner, { clock, random, tries: 4 }) };
}

test('a throttled request waits for what the service asks, seconds or date', async () => {
  const date = new Date(Date.UTC(2026, 0, 1, 0, 1)).toUTCString();
  const { transport, clock } = scripted(
    answer(429, '', { 'retry-after': '7' }),
    answer(429, '', { 'retry-after': date }),
    answer(200),
  );
  expect((await transport.send(write)).status).toBe(200);
  expect(clock.slept).toEqual([7000, 60_000]);
});

test('throttling without a time is waited for all the same, and not for ever', async () => {
  const storm = Array.from({ length: 4000 }, () => answer(429));
  const { transport, clock } = scripted(...storm);
  expect((await transport.send(read)).status).toBe(429);
  expect(clock.slept.slice(0, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  const minutes = clock.slept.reduce((sum, ms) => sum + ms, 0) / 60_000;
  expect(minutes).toBeGreaterThan(29);
  expect(minutes).toBeLessThanOrEqual(30);
});

test('a read is asked again after 503 and after a reset', async () => {
  const { transport } = scripted(answer(503, '<html>'), broken('ECONNRESET'), answer(200));
  expect((await transport.send(read)).status).toBe(200);
});

test.each([
  ['502', answer(502)],
  ['an SQL timeout', answer(500, error('0x80044151', 'SQL timeout expired.'))],
  ['a reset', broken('ECONNRESET')],
])('a write that meets %s has an unknown outcome and is not sent again', async (_, trouble) => {
  const { transport, left } = scripted(trouble, answer(204));
  await expect(transport.send(write)).rejects.toMatchObject({ code: 'dataverse-outcome-unknown' });
  expect(left).toHaveLength(1);
});

test('a write that is safe to repeat is repeated', async () => {
  const { transport } = scripted(answer(504), answer(204));
  expect((await transport.send({ ...write, repeatable: true })).status).toBe(204);
});

test('a write whose connection never came about is sent again', async () => {
  const { transport } = scripted(broken('ECONNREFUSED'), answer(204));
  expect((await transport.send(write)).status).toBe(204);
});

test('a deadlock was rolled back, so even a write is sent again', async () => {
  const { transport } = scripted(answer(500, error('0x80044150', 'Sql Number: 1205')), answer(204));
  expect((await transport.send(write)).status).toBe(204);
});

test('another SQL error is an answer', async () => {
  const { transport } = scripted(answer(500, error('0x80044150', 'Sql Number: 547')));
  expect((await transport.send(read)).status).toBe(500);
});

test('a decimal code means the same as its hex', async () => {
  const { transport } = scripted(answer(500, error('-2147204784', 'Sql Number: 1205')), answer(204));
  expect((await transport.send(write)).status).toBe(204);
});

test('trouble that stays is given up after some tries', async () => {
  const { transport, clock } = scripted(answer(503), answer(503), answer(503), answer(503));
  expect((await transport.send(read)).status).toBe(503);
  expect(clock.slept).toEqual([500, 1000, 2000]);
});

test('a refusal is passed on at once', async () => {
  const { transport, clock } = scripted(answer(403, error('0x80040220')));
  expect((await transport.send(read)).status).toBe(403);
  expect(clock.slept).toEqual([]);
});

test.each(['0x80048544', '0x80048644', '0x80048744', '-2147186875'])(
  'a query that is throttled (%s) is asked again, whatever its status',
  async (code) => {
    const { transport } = scripted(answer(400, error(code)), answer(200));
    expect((await transport.send(read)).status).toBe(200);
  },
);

test.each([
  ['a service clock that is a day ahead', Date.UTC(2026, 0, 2)],
  ['a service clock that is a day behind', Date.UTC(2025, 11, 31)],
])('%s does not change the wait: a date is compared with the answer’s own', async (_, serviceMs) => {
  const throttled = answer(429, '', { 'retry-after': new Date(serviceMs + 9000).toUTCString() });
  const { transport, clock } = scripted({ ...throttled, receivedAt: new Date(serviceMs) }, answer(200));
  await transport.send(read);
  expect(clock.slept).toEqual([9000]);
});

test.each(['-5', 'soon', ''])('a Retry-After of "%s" is none', async (text) => {
  const { transport, clock } = scripted(answer(429, '', { 'retry-after': text }), answer(200));
  await transport.send(read);
  expect(clock.slept).toEqual([500]);
});

test('an unexpected 500 is asked again for a read, and is the answer to a write', async () => {
  const unexpected = () => answer(500, error('0x80040216', 'An unexpected error occurred.'));
  expect((await scripted(unexpected(), answer(200)).transport.send(read)).status).toBe(200);
  expect((await scripted(unexpected()).transport.send(write)).status).toBe(500);
});

test.each(['31536000', '1' + '0'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
  'a 503 or 429 that asks to wait for %s is the answer',
  async (asked) => {
    for (const status of [503, 429]) {
      const { transport, clock } = scripted(answer(status, '', { 'retry-after': asked }));
      expect((await transport.send(read)).status).toBe(status);
      expect(clock.slept).toEqual([]);
    }
  },
);

test('a repeatable write that may have taken effect once is unknown when it gets no good answer to its end', async () => {
  const repeatable = { ...write, repeatable: true };
  for (const end of [answer(401), answer(500, error('0x80040216')), broken('ECONNRESET')]) {
    const { transport } = scripted(broken('ECONNRESET'), answer(503), broken('ECONNRESET'), end);
    await expect(transport.send(repeatable)).rejects.toMatchObject({ kind: 'outcome-unknown' });
  }
});

test('what a repeated write is told about its row is passed on, and what was never begun stays a refusal', async () => {
  const repeatable = { ...write, repeatable: true };
  const { transport } = scripted(broken('ECONNRESET'), answer(404, error('0x80040217')));
  expect((await transport.send(repeatable)).status).toBe(404);
  const never = scripted(...Array.from({ length: 4 }, () => broken('ECONNREFUSED')));
  await expect(never.transport.send(repeatable)).rejects.toMatchObject({ kind: 'unreachable' });
});

test('a read by POST is sent again and never unknown', async () => {
  const query = { ...write, changesNothing: true };
  const { transport } = scripted(...Array.from({ length: 4 }, () => broken('ECONNRESET')));
  await expect(transport.send(query)).rejects.toMatchObject({ kind: 'unreachable' });
});

import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { deliver, type Message } from './webhook.ts';

const key = randomBytes(24);
const secret = `whsec_${key.toString('base64')}`;
const now = new Date('2026-11-26T14:05:09.750Z');
const message: Message = {
  id: '20261126T140500Z-bbbb.many-deleted.contact',
  type: 'alert.many-deleted',
  timestamp: '2026-11-26T14:05:07Z',
  data: { environment: 'contoso', rows: 512 },
};

interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const servers: Server[] = [];
const closeAll = () => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
};
afterEach(closeAll);

/** A receiver that answers with this status; gives its address and what it got. */
async function receiver(status: number, headers: Record<string, string> = {}) {
  const received: Received[] = [];
  const listening = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(status, headers).end('thanks');
    });
  });
  servers.push(listening);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new TypeError('it listens on no port');
  return { url: `http://127.0.0.1:${address.port}/hook`, received };
}

describe('a delivery', () => {
  test('is signed as the specification of Standard Webhooks computes it', async () => {
    const { url, received } = await receiver(204);
    expect(await deliver({ url, secret }, message, { fetch, now })).toEqual({ kind: 'delivered' });
    const [{ headers, body }] = received as [Received];
    expect(headers['webhook-id']).toBe(message.id);
    expect(headers['webhook-timestamp']).toBe('1795701909');
    const signed = createHmac('sha256', key).update(`${message.id}.1795701909.${body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signed}`);
    const { id: _, ...payload } = message;
    expect(JSON.parse(body)).toEqual(payload);
  });

  test.each([
    [500, false],
    [404, false],
    [410, true],
  ])('that is answered %i has failed (for good: %s)', async (status, final) => {
    const { url } = await receiver(status);
    const outcome = await deliver({ url, secret }, message, { fetch, now });
    expect(outcome).toEqual({ kind: 'failed', final, why: `answered ${status}` });
  });

  test('does not follow a redirect: what is signed is for one receiver', async () => {
    const other = await receiver(200);
    const { url } = await receiver(307, { location: other.url });
    expect(await deliver({ url, secret }, message, { fetch, now })).toMatchObject({ kind: 'failed' });
    expect(other.received).toEqual([]);
  });

  test('to nobody says so, and shows no secret', async () => {
    const { url } = await receiver(200);
    closeAll();
    const outcome = await deliver({ url, secret }, message, { fetch, now });
    expect(outcome).toMatchObject({ kind: 'failed', final: false, why: expect.stringContaining('ECONN') });
    expect(JSON.stringify(outcome)).not.toContain(secret);
  });
});

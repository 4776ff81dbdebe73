import { authenticated } from './authenticated.ts';
import type { Transport, TransportRequest } from './port.ts';
import { bufferedResponse } from './responses.ts';

/** Answers with one status after another, and keeps what was sent. */
function service(...statuses: number[]) {
  const sent: TransportRequest[] = [];
  const inner: Transport = {
    send: (request) => {
      sent.push(request);
      const empty = new Uint8Array();
      const bare = {
        status: statuses.shift() ?? 200,
        headers: {},
        receivedAt: new Date(0),
        stream: () => [] as never,
        bytes: () => Promise.resolve(empty),
        text: () => Promise.resolve(''),
      };
      return Promise.resolve(bufferedResponse(bare, empty));
    },
  };
  let made = 0;
  const transport = authenticated(inner, {
    token: (options) => Promise.resolve(options?.fresh ? `fresh-${++made}` : 'kept'),
  });
  return { transport, tokens: () => sent.map(({ headers }) => headers?.['authorization']) };
}

test.each(['GET', 'PATCH'] as const)(
  'a %s that is refused with 401 goes once more with a fresh token',
  async (method) => {
    const { transport, tokens } = service(401, 204);
    expect((await transport.send({ method, url: 'accounts' })).status).toBe(204);
    expect(tokens()).toEqual(['Bearer kept', 'Bearer fresh-1']);
  },
);

test('a second 401 is the answer', async () => {
  const { transport, tokens } = service(401, 401, 200);
  expect((await transport.send({ method: 'GET', url: 'accounts' })).status).toBe(401);
  expect(tokens()).toHaveLength(2);
});

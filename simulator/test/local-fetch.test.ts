import { localFetch, startServer } from '../src/http/index.ts';
import { startWorld } from './support/traffic.ts';

const BEARER = { Authorization: 'Bearer any' };
/** Of the connection itself, or different for every answer. */
const OWN = new Set(['connection', 'keep-alive', 'date', 'req_id', 'x-ms-service-request-id']);

function lasting(response: Response): Record<string, string> {
  return Object.fromEntries([...response.headers].filter(([name]) => !OWN.has(name)));
}

test('answers in the same process have the headers and bodies that they have over sockets', async () => {
  const world = await startWorld({ open: true });
  const server = await startServer(world.site.environment, { port: 0, open: true });
  const paths = [
    'WhoAmI',
    'accounts?$select=name&$top=50',
    'accounts?$nonsense=1',
    'EntityDefinitions?$top=9',
  ];
  for (const path of paths) {
    for (const headers of [BEARER, { ...BEARER, 'Accept-Encoding': 'identity' }]) {
      const url = `${server.url}/api/data/v9.2/${path}`;
      const [near, far] = await Promise.all([world.fetch(url, { headers }), fetch(url, { headers })]);
      expect([near.status, lasting(near)]).toEqual([far.status, lasting(far)]);
      expect(await near.text()).toBe(await far.text());
    }
  }
  await server.close();
});

test('a large body goes as gzip: its length is not that of what is read, unless compression is off', async () => {
  const world = await startWorld({ open: true });
  const url = 'http://simulator.test/api/data/v9.2/accounts?$select=name';
  const packed = await world.fetch(url, { headers: BEARER });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  const bytes = Buffer.from(await packed.arrayBuffer());
  expect(Number(packed.headers.get('content-length'))).toBeLessThan(bytes.length);
  const plain = await localFetch(world.site, { gzip: false })(url, { headers: BEARER });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(plain.headers.get('content-length')).toBe(String(bytes.length));
  expect(Buffer.from(await plain.arrayBuffer()).equals(bytes)).toBe(true);
});

test('who gives up while a body is on its way gets the reason, and time does not wait for the rest', async () => {
  const world = await startWorld({ open: true, badDay: { seed: 3, kinds: ['slowBytes'], endsAfter: 500 } });
  for (let turn = 0; turn < 100 && world.traffic.day!.faults.length === 0; turn++) {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const response = await world.call('accounts', { signal });
    if (world.traffic.day!.faults.length === 0) continue;
    const began = world.clock.now();
    const reading = response.text();
    giveUp.abort(new Error('no longer needed'));
    await expect(world.clock.run(reading)).rejects.toThrow('no longer needed');
    expect([world.clock.now() - began, world.clock.sleeping]).toEqual([0, 0]);
  }
  expect(world.traffic.day!.faults).toHaveLength(1);
});

test('a body that nobody wants to read on stops to come', async () => {
  const world = await startWorld({ open: true, badDay: { seed: 3, kinds: ['slowBytes'], endsAfter: 500 } });
  let response = await world.call('accounts');
  while (world.traffic.day!.faults.length === 0) response = await world.call('accounts');
  await response.body!.cancel();
  expect(world.clock.sleeping).toBe(0);
});

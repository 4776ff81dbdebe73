import { startServer } from '../src/http/index.ts';
import { KINDS, planDay, type FaultKind } from '../src/traffic/index.ts';
import { errorOf, startWorld, type World } from './support/traffic.ts';

const NEW_ROW = { method: 'POST', headers: { 'Content-Type': 'application/json' } };

/** A world in which only this kind of fault happens, to one request in six or more. */
function dayOf(kind: FaultKind, seed = 3): Promise<World> {
  return startWorld({ badDay: { seed, kinds: [kind], endsAfter: 500 } });
}

interface Hit {
  readonly response: Response | undefined;
  readonly error: unknown;
  readonly detail: string;
}

/** Repeats a call until the fault hits it. */
async function untilHit(
  world: World,
  path: string,
  init: (at: number) => RequestInit = () => ({}),
): Promise<Hit> {
  const { faults } = world.traffic.day!;
  const before = faults.length;
  for (let at = 0; at < 300; at++) {
    const [response, error] = await world.call(path, init(at)).then(
      (value) => [value, undefined] as const,
      (reason: unknown) => [undefined, reason] as const,
    );
    if (faults.length > before) return { response, error, detail: faults.at(-1)!.detail };
    await response?.arrayBuffer();
  }
  throw new Error('The fault was never reached.');
}

function accounts(world: World, name: string): number {
  const rows = [...world.site.environment.database.store('account').values()];
  return rows.filter(({ values }) => values['name'] === name).length;
}

const account = (at: number) => ({ ...NEW_ROW, body: JSON.stringify({ name: `bad day ${at}` }) });

test('the same seed gives the same day and, for the same requests, the same faults', async () => {
  expect(planDay({ seed: 11 })).toEqual(planDay({ seed: 11 }));
  expect(planDay({ seed: 11 })).not.toEqual(planDay({ seed: 12 }));
  const days = [];
  for (let turn = 0; turn < 2; turn++) {
    const world = await startWorld({ badDay: { seed: 11 } });
    for (let at = 0; at < 60; at++) {
      // Bodies may trickle, so that reading them needs the clock too; lost connections are part of the day.
      const read = async () => world.clock.run((await world.call('accounts?$top=2')).text());
      await read().catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
    }
    days.push(world.traffic.day!.faults);
  }
  expect(days[0]).toEqual(days[1]);
  expect(days[0]!.length).toBeGreaterThan(0);
});

test('nobody else writes unless that is switched on', () => {
  const kinds = Array.from({ length: 50 }, (_, seed) =>
    planDay({ seed }).kinds.map(({ kind }) => kind),
  ).flat();
  expect(new Set(kinds)).toEqual(new Set(Object.keys(KINDS).filter((kind) => kind !== 'otherPeople')));
});

test('a 429 storm gives Retry-After in seconds, as a date, or not at all [R8]', async () => {
  const world = await dayOf('storm');
  const forms = new Set<string>();
  for (let turn = 0; turn < 25; turn++) {
    const { response } = await untilHit(world, 'WhoAmI');
    expect(response!.status).toBe(429);
    const after = response!.headers.get('retry-after');
    forms.add(after === null ? 'absent' : /^\d+$/.test(after) ? 'seconds' : 'date');
  }
  expect(forms).toEqual(new Set(['seconds', 'date', 'absent']));
});

test('the code of a storm can be decimal, and its text can name 8,000 requests', async () => {
  const world = await startWorld({
    badDay: { seed: 3, kinds: ['storm'], endsAfter: 500 },
    switches: { throttlingCode: 'decimal', requestLimit: 8000 },
  });
  const errors = new Map<string, string>();
  for (let turn = 0; turn < 25; turn++) {
    const { code, message } = await errorOf((await untilHit(world, 'WhoAmI')).response!);
    errors.set(code, message);
  }
  expect(new Set(errors.keys())).toEqual(new Set(['-2147015902', '-2147015903', '-2147015898']));
  expect(errors.get('-2147015902')).toContain('exceeded the limit of 8000 over');
});

test('a page is short or empty although more follow, which counts as a fault [R14]', async () => {
  const world = await dayOf('shortPage');
  const paged = { headers: { Prefer: 'odata.maxpagesize=4' } };
  const seen = new Set<number>();
  const ids: string[] = [];
  let details = 0;
  for (let round = 0; round < 20 && !(seen.has(0) && seen.size > 1); round++) {
    for (let next: string | undefined = 'accounts?$select=accountid'; next !== undefined;) {
      const { faults } = world.traffic.day!;
      const before = faults.length;
      const page = (await (await world.call(next, paged)).json()) as AccountPage;
      ids.push(...page.value.map((row) => row.accountid));
      next = page['@odata.nextLink'];
      if (faults.length === before || next === undefined) continue;
      expect(faults.at(-1)!.detail).toBe(`${page.value.length} of 4 rows`);
      expect(page.value.length).toBeLessThan(4);
      seen.add(page.value.length);
      details++;
    }
    // However uneven the pages were: each row once.
    expect(new Set(ids.splice(0)).size).toBe(world.site.environment.database.store('account').size);
  }
  expect(details).toBeGreaterThan(1);
  expect(seen.has(0)).toBe(true);
  expect(Math.max(...seen)).toBeGreaterThan(0);
});

test('502, 503 and 504 come with HTML instead of JSON [R9]', async () => {
  const { response } = await untilHit(await dayOf('gateway'), 'WhoAmI');
  expect([502, 503, 504]).toContain(response!.status);
  expect(response!.headers.get('content-type')).toBe('text/html');
  expect(await response!.text()).toMatch(/^<html>/);
});

test('SQL times out with 500 0x80044151, and deadlocks say Sql Number: 1205 [R9] [W13]', async () => {
  const timeout = await untilHit(await dayOf('sqlTimeout'), 'WhoAmI');
  expect(await errorOf(timeout.response!)).toEqual({ code: '0x80044151', message: 'SQL timeout expired.' });
  const deadlock = await untilHit(await dayOf('deadlock'), 'accounts', account);
  expect(await errorOf(deadlock.response!)).toMatchObject({
    code: '0x80044150',
    message: expect.stringContaining('Sql Number: 1205'),
  });
});

test('a connection is reset before anything was done', async () => {
  const { error } = await untilHit(await dayOf('resetBefore'), 'WhoAmI');
  expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } });
});

test('a connection breaks in the middle of the body [R9]', async () => {
  const { response } = await untilHit(await dayOf('resetMidBody'), 'accounts');
  expect(response!.status).toBe(200);
  await expect(response!.text()).rejects.toMatchObject({
    message: 'terminated',
    cause: { code: 'ECONNRESET' },
  });
});

test('of an answer without a body that is cut off nothing arrives, in the same process and over sockets', async () => {
  const world = await startWorld({
    open: true,
    badDay: { seed: 3, kinds: ['resetMidBody'], endsAfter: 500 },
  });
  const image = 'demo_samples(00000000-0000-0000-0000-000000000007)/demo_photo/$value';
  const create = { ...NEW_ROW, method: 'PATCH', body: '{"demo_name":"without a picture"}' };
  await world.call(image.slice(0, image.indexOf('/')), create);
  expect((await world.call(image)).status).toBe(204);
  const hit = await untilHit(world, image);
  expect(hit).toMatchObject({ error: { cause: { code: 'ECONNRESET' } } });
  expect(hit.detail).toBe('before an answer without a body');
  const server = await startServer(world.site.environment, { port: 0, open: true, traffic: world.traffic });
  const ends = new Set<string>();
  for (let turn = 0; turn < 100 && ends.size < 2; turn++) {
    const headers = { Authorization: 'Bearer x' };
    const end = await fetch(`${server.url}/api/data/v9.2/${image}`, { headers }).then(
      ({ status }) => String(status),
      (error: Error) => error.message,
    );
    ends.add(end);
  }
  await server.close();
  expect(ends).toEqual(new Set(['204', 'fetch failed']));
});

test('a write takes effect although its answer is lost [W13]', async () => {
  const world = await dayOf('resetAfterWrite');
  let last = 0;
  const { error } = await untilHit(world, 'accounts', (at) => account((last = at)));
  expect(error).toMatchObject({ cause: { code: 'ECONNRESET' } });
  expect(accounts(world, `bad day ${last}`)).toBe(1);
});

test('a write takes effect, nothing is heard for two minutes, then there is a 504 [R9] [W13]', async () => {
  const world = await dayOf('timeoutAfterWrite');
  let last = 0;
  let began = 0;
  const { response } = await untilHit(world, 'accounts', (at) => {
    began = world.clock.now();
    return account((last = at));
  });
  expect([response!.status, world.clock.now() - began]).toEqual([504, 120_000]);
  expect(accounts(world, `bad day ${last}`)).toBe(1);
});

test('a body trickles, and comes whole in the end', async () => {
  const world = await dayOf('slowBytes');
  const { response } = await untilHit(world, 'accounts?$select=name');
  const began = world.clock.now();
  const text = await world.clock.run(response!.text());
  expect(JSON.parse(text)).toHaveProperty('value');
  expect(world.clock.now() - began).toBeGreaterThanOrEqual(500);
});

test('a batch stops half-way: what ran stays done, and the answer is cut off or lost [W13]', async () => {
  const world = await dayOf('halfBatch');
  const part = (name: string) =>
    `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nPOST /api/data/v9.2/accounts HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"name":"${name}"}\r\n`;
  let last = 0;
  const { detail } = await untilHit(world, '$batch', (at) => ({
    method: 'POST',
    headers: { 'Content-Type': 'multipart/mixed; boundary=b' },
    body: `${['x', 'y', 'z'].map((name) => part(`${name} ${(last = at)}`)).join('')}--b--\r\n`,
  }));
  const done = ['x', 'y', 'z'].filter((name) => accounts(world, `${name} ${last}`) === 1);
  expect(detail).toMatch(new RegExp(`^${done.length} of 3 parts done, answer (lost|cut off)$`));
  expect([1, 2]).toContain(done.length);
});

test('an access token expires in mid-run: 401 with an empty body until another is brought [R9]', async () => {
  const world = await dayOf('expiredToken');
  const { response } = await untilHit(world, 'WhoAmI');
  expect([response!.status, await response!.text()]).toEqual([401, '']);
  world.traffic.day!.stop();
  expect((await world.call('WhoAmI')).status).toBe(401);
  const headers = { Authorization: `Bearer ${await world.token()}` };
  expect((await world.call('WhoAmI', { headers })).status).toBe(200);
});

interface AccountPage {
  readonly value: readonly { readonly accountid: string }[];
  readonly '@odata.nextLink'?: string;
}

const TRACKED = { headers: { Prefer: 'odata.track-changes' } };

async function deltaLink(world: World): Promise<string> {
  const response = await world.call('accounts?$select=name', TRACKED);
  const body = (await response.json()) as { '@odata.deltaLink': string }; // the last page of a tracked read
  return body['@odata.deltaLink'];
}

test('a change token expires for good: 400 0x80044352 until the table is read again', async () => {
  const world = await dayOf('expiredChangeToken');
  const link = await deltaLink(world);
  const { response } = await untilHit(world, link);
  expect([response!.status, (await errorOf(response!)).code]).toEqual([400, '0x80044352']);
  world.traffic.day!.stop();
  expect((await world.call(link)).status).toBe(400);
  expect((await world.call(await deltaLink(world))).status).toBe(200);
});

test('the last page of changes can lack its delta link, and hold tombstones of rows that never were', async () => {
  const lacking = await dayOf('noDeltaLink');
  const { response } = await untilHit(lacking, 'accounts?$select=name', () => TRACKED);
  const body = (await response!.json()) as Record<string, unknown>;
  expect([body['@odata.deltaLink'], body['@odata.nextLink']]).toEqual([undefined, undefined]);
  const noisy = await dayOf('tokenNoise');
  const hit = await untilHit(noisy, await deltaLink(noisy));
  const { value } = (await hit.response!.json()) as { value: { id: string; reason: string }[] }; // as asserted below
  expect(value.length).toBeGreaterThan(0);
  for (const { id, reason } of value) {
    expect(reason).toBe('deleted');
    expect(noisy.site.environment.database.get('account', id)).toBeUndefined();
  }
});

test('somebody else inserts, changes and deletes rows between pages [R14]', async () => {
  const world = await startWorld({ badDay: { seed: 3, kinds: ['otherPeople'], endsAfter: 5000 } });
  const paged = { headers: { Prefer: 'odata.maxpagesize=2' } };
  const first = (await (await world.call('accounts?$select=name', paged)).json()) as Record<string, string>; // a page with a next link
  const done = new Set<string>();
  const wanted = ['inserted', 'changed', 'deleted'];
  for (let turn = 0; turn < 60 && !wanted.every((what) => done.has(what)); turn++) {
    const { response, detail } = await untilHit(world, first['@odata.nextLink']!, () => paged);
    expect(response!.status).toBe(200);
    const [what, id] = detail.split(' ');
    done.add(what!);
    const row = world.site.environment.database.get('account', id!);
    if (what === 'inserted' || what === 'changed') expect(row?.values['name']).toMatch(/^by somebody else/);
    if (what === 'deleted') expect(row).toBeUndefined();
  }
  expect([...done]).toEqual(expect.arrayContaining(wanted));
});

test("the service's clock can be off, for Date and for dates in Retry-After; the day ends", async () => {
  const seed = [...Array(50).keys()].find((one) => planDay({ seed: one }).skewMs !== 0)!;
  const world = await startWorld({ badDay: { seed, kinds: [], endsAfter: 1 } });
  const { skewMs } = world.traffic.day!.plan;
  const date = async () => Date.parse((await world.call('WhoAmI')).headers.get('date')!) - world.clock.now();
  expect([await date(), await date()]).toEqual([skewMs, 0]);
});

test('a day is begun, looked at and ended from outside', async () => {
  const world = await startWorld();
  const control = (method: string, path: string, body?: unknown) =>
    world.call(`http://simulator.test/_simulator/${path}`, {
      method,
      body: body === undefined ? null : JSON.stringify(body),
    });
  expect((await control('PUT', 'bad-day', { seed: 1, kinds: ['none'] })).status).toBe(400);
  expect(await (await control('PUT', 'bad-day', { seed: 1, kinds: ['gateway'] })).json()).toMatchObject({
    kinds: [{ kind: 'gateway' }],
  });
  await untilHit(world, 'WhoAmI');
  expect(await (await control('GET', 'faults')).json()).toMatchObject({
    over: false,
    faults: [{ kind: 'gateway', method: 'GET', resource: 'WhoAmI' }],
  });
  await control('DELETE', 'bad-day');
  expect(await (await control('GET', 'faults')).json()).toMatchObject({ over: true });
});

test('over sockets a connection breaks before the answer and in mid-body, on a driven clock', async () => {
  const world = await startWorld({
    open: true,
    latency: 1,
    badDay: { seed: 3, kinds: ['resetBefore', 'resetMidBody'] },
  });
  const server = await startServer(world.site.environment, { port: 0, open: true, traffic: world.traffic });
  const ends = new Set<string>();
  const one = async () => {
    const response = await fetch(`${server.url}/api/data/v9.2/accounts`, {
      headers: { Authorization: 'Bearer x' },
    });
    await response.text();
    return 'whole';
  };
  for (let turn = 0; turn < 60; turn++) {
    // One worker: time moves only when the request is parked in its latency.
    ends.add(
      await world.clock.run(
        one().catch((error: Error) => error.message),
        { workers: () => 1 },
      ),
    );
  }
  await server.close();
  expect(ends).toEqual(new Set(['whole', 'fetch failed', 'terminated']));
});

test('error annotations are there only for those who ask, texts may be in another language [W14]', async () => {
  const world = await startWorld();
  const path = 'accounts(00000000-0000-0000-0000-000000000001)';
  const plain = await errorOf(await world.call(path));
  expect(Object.keys(plain)).toEqual(['code', 'message']);
  const asked = await errorOf(
    await world.call(path, { headers: { Prefer: 'odata.include-annotations="*"' } }),
  );
  expect(Object.keys(asked)).toContain('@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus');
  world.site.environment.switches = { ...world.site.environment.switches, messageLanguage: 'german' };
  expect(await errorOf(await world.call(path))).toEqual({
    code: plain.code,
    message: 'Der Datensatz ist nicht vorhanden.',
  });
  const other = await errorOf(await world.call('accounts?$skip=1'));
  expect(other).toMatchObject({ code: '0x80060888', message: 'Die Anforderung ist ungültig.' });
});

import {
  openClient,
  type BatchOutcome,
  type DataverseClient,
  type RowOutcome,
} from '../src/dataverse/index.ts';
import { sendJson, startService, type HttpService, type SeenRequest } from './support/http-service.ts';
import { columnWith, tableWith } from './support/table-details.ts';
import { TickingClock } from './support/ticking-clock.ts';

const open: HttpService[] = [];
afterEach(async () => {
  for (const service of open.splice(0)) await service.close();
});

const idOf = (n: number) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
const accounts = tableWith('account', 'accounts', [columnWith('revenue', { kind: 'money' })]);
const logs = tableWith('log', 'logs', [columnWith('partitionid')], { kind: 'elastic' });

interface Served {
  readonly service: HttpService;
  readonly client: DataverseClient;
  readonly clock: TickingClock;
}

/** A service that knows no tables beside; the rest is said by `answer`. */
async function serve(answer: Parameters<typeof startService>[0]): Promise<Served> {
  const service = await startService((request, response, url) => {
    if (/EntityDefinitions|\/v9.2\/$/.test(request.url)) return sendJson(response, { value: [] });
    if (request.url.includes('sdkmessagefilters')) return sendJson(response, { value: [{}] });
    answer(request, response, url);
  });
  open.push(service);
  const clock = new TickingClock();
  const { client } = openClient({
    url: service.url,
    fetch,
    clock,
    random: { uuid: () => '', fraction: () => 0 },
    tokens: { token: () => Promise.resolve('t') },
    tries: 2,
  });
  return { service, client, clock };
}

type Response = Parameters<typeof sendJson>[0];

/** A multipart answer with these parts: status, and more lines of the head. */
function sendParts(response: Response, parts: readonly (readonly [number, string?])[], whole = true): void {
  const texts = parts.map(([status, more = '']) => {
    const body =
      status < 400 ? '' : JSON.stringify({ error: { code: `code ${status}`, message: `is ${status}` } });
    return `--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 ${status} X\r\n${more}Content-Type: application/json\r\n\r\n${body}\r\n`;
  });
  response.writeHead(200, { 'content-type': 'multipart/mixed; boundary=b' });
  response.end(texts.join('') + (whole ? '--b--\r\n' : ''));
}

const patch = (n: number, group?: string) => ({
  method: 'PATCH' as const,
  url: `accounts(${idOf(n)})`,
  body: '{}',
  ...(group === undefined ? {} : { group }),
});
const kinds = (outcomes: readonly (BatchOutcome | RowOutcome)[]) => outcomes.map(({ kind }) => kind);
const partsIn = ({ body }: SeenRequest) => body.match(/^(PATCH|POST|DELETE|GET) .*HTTP\/1\.1/gm)?.length ?? 0;

test('parts of a batch that are told to wait are waited for and sent again, they alone', async () => {
  let tries = 0;
  const { client, service, clock } = await serve((_, response) => {
    tries += 1;
    if (tries > 1) return sendParts(response, [[204]]);
    sendParts(response, [[204], [429, 'Retry-After: 7\r\n'], [404]]);
  });
  const outcomes = await client.batch([patch(1), patch(2), patch(3)], { continueOnError: true });
  expect(kinds(outcomes)).toEqual(['done', 'done', 'refused']);
  expect(service.seen.map(partsIn)).toEqual([3, 1]);
  expect(clock.slept).toContain(7000);
});

test('without continue-on-error a part that has to wait is sent again together with what was not begun', async () => {
  let tries = 0;
  const { client, service } = await serve((_, response) => {
    tries += 1;
    sendParts(response, tries > 1 ? [[204], [204]] : [[204], [429, 'Retry-After: 1\r\n']]);
  });
  expect(kinds(await client.batch([patch(1), patch(2), patch(3)]))).toEqual(['done', 'done', 'done']);
  expect(service.seen.map(partsIn)).toEqual([3, 2]);
});

test('of a batch that is answered by half, each request is done, refused or unknown', async () => {
  const { client } = await serve((_, response) => sendParts(response, [[204], [404]]));
  const requests = [patch(1), patch(2), patch(3), { method: 'GET' as const, url: 'accounts' }];
  const outcomes = await client.batch(requests, { continueOnError: true });
  expect(kinds(outcomes)).toEqual(['done', 'refused', 'unknown', 'refused']);
});

test('a last part without an end of the whole may be cut off, and is not believed', async () => {
  const { client } = await serve((_, response) => sendParts(response, [[204], [204]], false));
  expect(kinds(await client.batch([patch(1), patch(2)], { continueOnError: true }))).toEqual([
    'done',
    'unknown',
  ]);
});

test('a connection that breaks leaves every write of the batch unknown, and nothing is sent twice', async () => {
  const { client, service } = await serve((_, response) => response.socket?.destroy());
  expect(kinds(await client.batch([patch(1), patch(2)]))).toEqual(['unknown', 'unknown']);
  expect(service.seen).toHaveLength(1);
});

test('many or large requests go in several batches, and change sets are never cut', async () => {
  const { client, service } = await serve((request, response) => {
    sendParts(
      response,
      Array.from({ length: partsIn(request) }, () => [204] as const),
    );
  });
  const many = Array.from({ length: 2300 }, (_, n) => patch(n));
  expect((await client.batch(many)).filter(({ kind }) => kind === 'done')).toHaveLength(2300);
  expect(service.seen.map(partsIn)).toEqual([1000, 1000, 300]);
  const large = Array.from({ length: 5 }, (_, n) => ({ ...patch(n), body: 'x'.repeat(5 << 20) }));
  expect(kinds(await client.batch(large))).toEqual(Array(5).fill('done'));
  expect(service.seen.slice(3).map(partsIn)).toEqual([3, 2]);
  await expect(client.batch(many.map((one) => ({ ...one, group: 'g' })))).rejects.toThrow(RangeError);
});

test('a batch that is too large for the service goes in halves', async () => {
  const { client, service } = await serve((request, response) => {
    const parts = partsIn(request);
    if (parts > 2) return sendJson(response, { error: { code: '', message: 'large' } }, 413);
    sendParts(
      response,
      Array.from({ length: parts }, () => [204] as const),
    );
  });
  expect(kinds(await client.batch([1, 2, 3, 4].map((n) => patch(n))))).toEqual(Array(4).fill('done'));
  expect(service.seen.map(partsIn)).toEqual([4, 2, 2]);
});

const newRow = (n: number) => ({ id: idOf(n), values: { name: `row ${n}` } });
const newRows = (count: number) => Array.from({ length: count }, (_, index) => newRow(index + 1));
const targetsOf = ({ body }: SeenRequest) => (JSON.parse(body) as { Targets: unknown[] }).Targets;
const bulk = ({ service }: Served) => service.seen.filter(({ url }) => url.endsWith('Multiple'));

test('bulk targets say their type and id, and numbers keep their digits', async () => {
  const served = await serve((_, response) => sendJson(response, { Ids: [] }));
  const rows = [{ id: idOf(1), values: { name: 'x', revenue: '922337203685477.5807' } }];
  expect(kinds(await served.client.createMultiple(accounts, rows))).toEqual(['done']);
  const [sent] = bulk(served);
  expect(sent?.url).toBe('/api/data/v9.2/accounts/Microsoft.Dynamics.CRM.CreateMultiple');
  expect(sent?.body).toContain('"revenue":922337203685477.5807');
  expect(targetsOf(sent!)).toMatchObject([
    { '@odata.type': 'Microsoft.Dynamics.CRM.account', accountid: idOf(1), name: 'x' },
  ]);
});

test('chunks grow while they take little time', async () => {
  const served = await serve((_, response) => sendJson(response, {}));
  await served.client.createMultiple(accounts, newRows(700));
  expect(bulk(served).map((one) => targetsOf(one).length)).toEqual([100, 200, 400]);
});

test('a chunk with a bad row falls back to a batch, and only that row is refused', async () => {
  const { client } = await serve((request, response) => {
    if (request.url.includes('Multiple'))
      return sendJson(response, { error: { code: '0x80040265', message: 'no' } }, 400);
    sendParts(
      response,
      Array.from({ length: partsIn(request) }, (_, at) => [at === 1 ? 403 : 204] as const),
    );
  });
  const outcomes = await client.createMultiple(accounts, newRows(3));
  expect(kinds(outcomes)).toEqual(['done', 'refused', 'done']);
  expect(outcomes[1]).toMatchObject({ error: { kind: 'forbidden', table: 'account', row: idOf(2) } });
});

test('where a batch is refused as a whole the rows go one by one', async () => {
  const { client } = await serve((request, response) => {
    if (/Multiple|batch/.test(request.url))
      return sendJson(response, { error: { code: '', message: 'no' } }, 400);
    response.writeHead(request.body.includes('row 2') ? 403 : 204).end();
  });
  expect(kinds(await client.createMultiple(accounts, newRows(3)))).toEqual(['done', 'refused', 'done']);
});

test('a table that refuses the message is not asked a second time', async () => {
  const served = await serve((request, response) => {
    if (request.url.includes('Multiple')) {
      return sendJson(
        response,
        { error: { code: '0x80040800', message: 'is not enabled on the entity' } },
        400,
      );
    }
    sendParts(
      response,
      Array.from({ length: partsIn(request) }, () => [204] as const),
    );
  });
  for (let round = 0; round < 2; round += 1) {
    expect(kinds(await served.client.createMultiple(accounts, newRows(2)))).toEqual(['done', 'done']);
  }
  expect(bulk(served)).toHaveLength(1);
});

test('a deletion of standard rows goes by batches, and rows that are gone already are done', async () => {
  const served = await serve((_, response) => sendParts(response, [[204], [404]]));
  const outcomes = await served.client.deleteMultiple(accounts, [{ id: idOf(1) }, { id: idOf(2) }]);
  expect(kinds(outcomes)).toEqual(['done', 'done']);
  expect(bulk(served)).toHaveLength(0);
});

test('after an unknown outcome rows are read, and only those that are not there are sent again', async () => {
  const there = new Set<string>();
  const served = await serve((request, response) => {
    if (request.url.includes('Multiple')) {
      there.add(idOf(1)).add(idOf(3));
      return void response.socket?.destroy();
    }
    if (request.method === 'GET') {
      const value = [...there].map((id) => ({
        accountid: id,
        '@odata.etag': 'W/"1"',
        name: `row ${Number(id.slice(-3))}`,
      }));
      return sendJson(response, { value });
    }
    expect(partsIn(request)).toBe(1);
    expect(request.body).toContain('row 2');
    sendParts(response, [[204]]);
  });
  expect(kinds(await served.client.createMultiple(accounts, newRows(3)))).toEqual(['done', 'done', 'done']);
  expect(bulk(served)).toHaveLength(1);
});

test('a new row that is there with other values than ours stays unknown', async () => {
  const served = await serve((request, response) => {
    if (request.method !== 'GET') return void response.socket?.destroy();
    sendJson(response, { value: [{ accountid: idOf(1), '@odata.etag': 'W/"1"', name: 'of somebody else' }] });
  });
  const outcomes = await served.client.createMultiple(accounts, newRows(1));
  expect(outcomes).toMatchObject([{ kind: 'unknown', error: { kind: 'outcome-unknown', row: idOf(1) } }]);
});

test('an elastic table says in an annotation which rows failed; the others are done', async () => {
  const details = JSON.stringify([
    { RequestIndex: 0, StatusCode: 201 },
    { RequestIndex: 1, StatusCode: 400 },
    { RequestIndex: 2, StatusCode: 201 },
  ]);
  const annotation = '@Microsoft.PowerApps.CDS.ErrorDetails.Plugin.BulkApiErrorDetails';
  const { client } = await serve((request, response) => {
    if (request.url.includes('Multiple')) {
      return sendJson(response, { error: { code: '', message: 'some failed', [annotation]: details } }, 400);
    }
    expect(partsIn(request)).toBe(1);
    sendParts(response, [[412]]);
  });
  expect(kinds(await client.createMultiple(logs, newRows(3)))).toEqual(['done', 'refused', 'done']);
});

test('rows of different users go in requests of their own', async () => {
  const served = await serve((_, response) => sendJson(response, {}));
  const rows = newRows(4).map((row, at) => ({ ...row, as: `user-${at % 2}` }));
  await served.client.createMultiple(accounts, rows);
  expect(bulk(served).map(({ headers }) => headers['callerobjectid'])).toEqual(['user-0', 'user-1']);
  expect(bulk(served).map((one) => targetsOf(one).length)).toEqual([2, 2]);
});

test('a row that is given twice is refused before anything is sent', async () => {
  const { client, service } = await serve((_, response) => sendJson(response, {}));
  await expect(client.createMultiple(accounts, [newRow(1), newRow(1)])).rejects.toThrow('twice');
  expect(service.seen.filter(({ method }) => method !== 'GET')).toHaveLength(0);
});

test('the session of an elastic table is kept from the parts of a batch too, and shown in the next ones', async () => {
  const { client, service } = await serve((_, response) =>
    sendParts(response, [[204, 'x-ms-session-token: 240:1#2\r\n']]),
  );
  const write = { method: 'PATCH' as const, url: `logs(${idOf(1)})`, body: '{}' };
  await client.batch([write]);
  await client.batch([write]);
  expect(service.seen.map(({ body }) => body.includes('MSCRM.SessionToken: 240:1#2'))).toEqual([false, true]);
});

test.each(['31536000', '1' + '0'.repeat(400), '-5'])(
  'parts that are told to wait for %s seconds keep nobody waiting for longer than half an hour',
  async (asked) => {
    const { client, clock } = await serve((_, response) =>
      sendParts(response, [[429, `Retry-After: ${asked}\r\n`]]),
    );
    const [outcome] = await client.batch([patch(1)]);
    expect(outcome).toMatchObject({ kind: 'refused', error: { kind: 'throttled' } });
    expect(Math.min(...clock.slept, Infinity)).toBeGreaterThan(0);
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(30 * 60_000);
  },
);

test('a part without a status that can be read leaves its write unknown, and a read without an answer', async () => {
  const part = '--b\r\nContent-Type: application/http\r\n\r\n?\r\n';
  const { client } = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'multipart/mixed; boundary=b' }).end(`${part}${part}--b--\r\n`);
  });
  const requests = [patch(1), { method: 'GET' as const, url: 'accounts' }];
  expect(kinds(await client.batch(requests, { continueOnError: true }))).toEqual(['unknown', 'refused']);
});

test('rows of megabytes go in messages that a request can carry', async () => {
  const { client, service } = await serve((_, response) => void response.writeHead(204).end());
  const rows = Array.from({ length: 40 }, (_, n) => ({ id: idOf(n), values: { name: 'x'.repeat(1 << 20) } }));
  const outcomes = await client.createMultiple(accounts, rows);
  expect(kinds(outcomes)).toEqual(rows.map(() => 'done'));
  const lengths = service.seen.filter(({ method }) => method === 'POST').map(({ body }) => body.length);
  expect(Math.max(...lengths)).toBeLessThan(17 << 20);
  expect(lengths).toHaveLength(3);
});

test('no rows, no parts: nothing is sent, and nothing fails', async () => {
  const { client, service } = await serve((_, response) => void response.writeHead(500).end());
  expect(await client.batch([])).toEqual([]);
  expect(await client.createMultiple(accounts, [])).toEqual([]);
  expect(await client.deleteMultiple(accounts, [])).toEqual([]);
  expect(service.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('two bad rows in a thousand are found, and cost no other row', async () => {
  const bad = new Set([idOf(17), idOf(800)]);
  const { client } = await serve((request, response) => {
    if (!request.url.endsWith('$batch')) {
      const message = 'One of the rows is bad.';
      return sendJson(response, { error: { code: '0x80040203', message } }, 400);
    }
    const ids = [...request.body.matchAll(/"accountid":"([^"]+)"/g)].map(([, one]) => one ?? '');
    sendParts(
      response,
      ids.map((one) => [bad.has(one) ? 400 : 204] as const),
    );
  });
  const rows = Array.from({ length: 1000 }, (_, n) => ({ id: idOf(n), values: { name: 'x' } }));
  const outcomes = await client.createMultiple(accounts, rows);
  const refused = outcomes.flatMap(({ kind }, at) => (kind === 'refused' ? [idOf(at)] : []));
  expect(new Set(refused)).toEqual(bad);
  expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(998);
});

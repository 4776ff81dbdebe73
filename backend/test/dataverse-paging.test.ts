import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ChangeEvent, DataverseClient, FetchedRow } from '../src/dataverse/index.ts';
import { openClient } from '../src/dataverse/index.ts';
import { sendJson, startService, type HttpService, type SeenRequest } from './support/http-service.ts';
import { columnWith, tableWith } from './support/table-details.ts';
import { TickingClock } from './support/ticking-clock.ts';

const open: HttpService[] = [];
afterEach(async () => {
  for (const service of open.splice(0)) await service.close();
});

const idOf = (n: number) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
const rowOf = (n: number) => ({ '@odata.etag': `W/"${n}"`, accountid: idOf(n), name: `row ${n}` });
const accounts = tableWith('account', 'accounts', []);

async function serve(
  answer: Parameters<typeof startService>[0],
): Promise<{ service: HttpService; client: DataverseClient }> {
  const service = await startService(answer);
  open.push(service);
  const { client } = openClient({
    url: service.url,
    fetch,
    clock: new TickingClock(),
    random: { uuid: () => '', fraction: () => 0 },
    tokens: { token: () => Promise.resolve('t') },
    tries: 2,
  });
  return { service, client };
}

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const event of events) list.push(event);
  return list;
}

const idsOf = (events: readonly ChangeEvent[]) =>
  events.flatMap((event) => (event.kind === 'row' ? [event.id] : []));

/** `maxpagesize` of a request. */
const sizeOf = ({ headers }: SeenRequest) => Number(/maxpagesize=(\d+)/.exec(String(headers['prefer']))?.[1]);

test('the bytes of a link reach the wire as they were given, also those that fetch would write anew', async () => {
  const service = await startService((request, response) => sendJson(response, { asked: request.url }));
  open.push(service);
  const module = fileURLToPath(new URL('../dist/src/dataverse/verbatim.js', import.meta.url));
  const paths = [
    `/api/data/v9.2/accounts?$filter=name eq 'x'`.replaceAll(' ', '%20'),
    `/api/data/v9.2/accounts?$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%22%20/%3E`,
    `/api/data/v9.2/accounts?$deltatoken=919042%2108%2f22%2F2017%2008%3a10%3A44&x="<>{}|^\`'`,
    `/api/data/v9.2/accounts(name='a')/./../b?$select=a+b%2B%20`,
  ];
  // A process of its own: in the tests' sandbox the dispatcher of fetch is out of sight.
  const script = `const {verbatim} = await import(process.argv[1]); const send = verbatim(fetch);
    for (const path of JSON.parse(process.argv[3])) await (await send(process.argv[2] + path)).text();`;
  await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
    module,
    service.url,
    JSON.stringify(paths),
  ]);
  expect(service.seen.map(({ url }) => url)).toEqual(paths);
});

test('links that go round in a circle end the read with an error that says so', async () => {
  const { client, service } = await serve((request, response, url) => {
    const page = request.url.includes('page=2') ? 1 : 2;
    sendJson(response, {
      value: [rowOf(page)],
      '@odata.nextLink': `${url}/api/data/v9.2/accounts?page=${page}`,
    });
  });
  await expect(all(client.readAll(accounts, ['name']))).rejects.toMatchObject({
    code: 'dataverse-unexpected-answer',
    table: 'account',
    message: expect.stringContaining('circle') as string,
  });
  expect(service.seen.length).toBeLessThanOrEqual(4);
});

test('short and empty pages are not the end while a link says that more follow', async () => {
  const { client } = await serve((request, response, url) => {
    const page = Number(/page=(\d)/.exec(request.url)?.[1] ?? 0);
    const rows = [[], [rowOf(1)], [], [rowOf(2), rowOf(3)]][page] ?? [];
    const next = page < 3 ? { '@odata.nextLink': `${url}/api/data/v9.2/accounts?page=${page + 1}` } : {};
    sendJson(response, { value: rows, ...next });
  });
  expect(idsOf(await all(client.readAll(accounts, ['name'])))).toEqual([1, 2, 3].map(idOf));
});

/** A table of ten rows whose pages of more than `most` rows fail in the way given; a link says where it begins. */
function tenRows(most: number, fail: (response: Parameters<typeof sendJson>[0], body: string) => void) {
  return serve((request, response, url) => {
    const from = Number(/from=(\d+)/.exec(request.url)?.[1] ?? 1);
    const size = Math.min(sizeOf(request), 11 - from);
    const value = Array.from({ length: size }, (_, index) => rowOf(from + index));
    const next = from + size;
    const link = next > 10 ? {} : { '@odata.nextLink': `${url}/api/data/v9.2/accounts?from=${next}` };
    const body = JSON.stringify({ value, ...link });
    if (size > most) fail(response, body);
    else sendJson(response, body);
  });
}

test.each([
  ['times out in the database', 500, '0x80044151'],
  ['is more than the service handles', 413, ''],
])('a page that %s is asked for in halves until it comes', async (_what, status, code) => {
  const { client, service } = await tenRows(3, (response) =>
    sendJson(response, { error: { code, message: 'too much' } }, status),
  );
  const events = await all(client.readAll(accounts, ['name'], null, { pageSize: 8 }));
  expect(idsOf(events)).toEqual(Array.from({ length: 10 }, (_, index) => idOf(index + 1)));
  expect([...new Set(service.seen.map(sizeOf))]).toEqual([8, 4, 2]);
});

test('a page that always breaks off comes in halves, and no row comes twice or is left out', async () => {
  const { client } = await tenRows(4, (response, body) => {
    response.writeHead(200, { 'content-length': String(body.length) });
    response.write(body.slice(0, -40), () => response.socket?.destroy());
  });
  const events = await all(client.readAll(accounts, ['name'], null, { pageSize: 10 }));
  expect(idsOf(events).sort()).toEqual(Array.from({ length: 10 }, (_, index) => idOf(index + 1)));
});

test('a row that is deleted between two tries of a first page is told as gone, for no delta will', async () => {
  let tries = 0;
  const { client } = await serve((_, response, url) => {
    tries += 1;
    const value = tries === 1 ? [rowOf(1), rowOf(2), rowOf(3)] : [rowOf(1), rowOf(3)];
    const body = JSON.stringify({ value, '@odata.deltaLink': `${url}/api/data/v9.2/accounts?$deltatoken=1` });
    response.writeHead(200, {
      'content-length': String(body.length),
      'preference-applied': 'odata.track-changes',
    });
    if (tries > 1) response.end(body);
    else response.write(body.slice(0, body.indexOf('"@odata.deltaLink"')), () => response.socket?.destroy());
  });
  const events = await all(client.readChanges(accounts, ['name'], null));
  expect(events.map((event) => (event.kind === 'page-end' ? 'end' : `${event.kind} ${event.id}`))).toEqual([
    `row ${idOf(1)}`,
    `row ${idOf(2)}`,
    `row ${idOf(3)}`,
    `gone ${idOf(2)}`,
    'end',
  ]);
});

test('a select list beyond 32 KB travels in a batch, page after page', async () => {
  const columns = Array.from({ length: 900 }, (_, index) => columnWith(`new_${'x'.repeat(36)}${index}`));
  const wide = tableWith('account', 'accounts', columns);
  const { client, service } = await serve((request, response, url) => {
    const inner = /GET (\S+) HTTP/.exec(request.body)?.[1] ?? '';
    const last = inner.includes('page=2');
    const link = last ? {} : { '@odata.nextLink': `${inner}&page=2` };
    const body = JSON.stringify({ value: [rowOf(last ? 2 : 1)], ...link });
    const part = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${body}`;
    const head = 'Content-Type: application/http\r\nContent-Transfer-Encoding: binary';
    response.writeHead(200, { 'content-type': 'multipart/mixed; boundary=b' });
    response.end(`--b\r\n${head}\r\n\r\n${part}\r\n--b--\r\n`);
    expect(inner).toContain(url);
  });
  const names = columns.map(({ name }) => name);
  expect(idsOf(await all(client.readAll(wide, names)))).toEqual([idOf(1), idOf(2)]);
  expect(service.seen.map(({ url }) => url)).toEqual(Array(2).fill('/api/data/v9.2/$batch'));
  for (const { body } of service.seen) expect(body).toContain('maxpagesize=5000');
  const widest = tableWith('account', 'accounts', [
    ...columns,
    ...columns.map((one) => ({ ...one, name: `b${one.name}` })),
  ]);
  const more = all(client.readAll(widest, [...names, ...names.map((name) => `b${name}`)]));
  await expect(more).rejects.toMatchObject({ kind: 'too-large', table: 'account' });
});

const more = 'Microsoft.Dynamics.CRM.morerecords';
const cookieName = 'Microsoft.Dynamics.CRM.fetchxmlpagingcookie';
const query = '<fetch><entity name="account"><attribute name="name"/></entity></fetch>';

/** FetchXML as it reached the service. */
const fetchOf = ({ url }: SeenRequest) => new URL(url, 'http://x').searchParams.get('fetchXml') ?? '';
const fetched = (rows: AsyncIterable<FetchedRow>) => all(rows).then((list) => list.map(({ id }) => id));

test('FetchXML goes page by page with the cookie decoded twice and escaped for XML', async () => {
  const inner = `<cookie page="1"><name last="A &amp; B" /><accountid last="{${idOf(1).toUpperCase()}}" /></cookie>`;
  const outer = `<cookie pagenumber="2" pagingcookie="${encodeURIComponent(encodeURIComponent(inner))}" istracking="False" />`;
  const { client, service } = await serve((request, response) => {
    const second = fetchOf(request).includes('page="2"');
    if (second) return sendJson(response, { [`@${more}`]: false, value: [rowOf(2)] });
    sendJson(response, { [`@${more}`]: true, [`@${cookieName}`]: outer, value: [rowOf(1)] });
  });
  expect(await fetched(client.readFetch(accounts, ['name'], query))).toEqual([idOf(1), idOf(2)]);
  const [first = '', next = ''] = service.seen.map(fetchOf);
  expect(first).toContain('page="1" count="5000"');
  const escaped = inner
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  expect(next).toContain(`paging-cookie="${escaped}"`);
  expect(service.seen[0]?.headers['prefer']).toContain(more);
});

test('columns that FetchXML leaves out are empty, and what is joined comes beside', async () => {
  const { client } = await serve((_, response) =>
    sendJson(response, { [`@${more}`]: false, value: [{ accountid: idOf(1), 'c.fullname': 'Ann', n: 3 }] }),
  );
  const [row] = await all(client.readFetch(accounts, ['name'], query));
  expect(row).toMatchObject({ values: { name: null }, others: { 'c.fullname': 'Ann', n: '3' } });
});

test('a full page that says nothing of further ones is refused', async () => {
  const { client } = await serve((_, response) => sendJson(response, { value: [rowOf(1), rowOf(2)] }));
  const two = query.replace('<fetch>', `<fetch count='2'>`);
  await expect(fetched(client.readFetch(accounts, ['name'], two))).rejects.toThrow('does not say whether');
});

test('without cookies the read ends at 50,000 rows, with an error that names the limit', async () => {
  const { client, service } = await serve((_, response) =>
    sendJson(response, { [`@${more}`]: true, value: [rowOf(1)] }),
  );
  await expect(fetched(client.readFetch(accounts, ['name'], query))).rejects.toMatchObject({
    serviceCode: '0x8004430a',
    message: expect.stringContaining('50,000') as string,
  });
  expect(service.seen).toHaveLength(10);
});

test.each([
  ['no query', 'SELECT 1'],
  ['a query that is no element', '<fetch count=5>'],
])('%s is refused before it is sent', async (_what, text) => {
  const { client, service } = await serve((_, response) => sendJson(response, {}));
  await expect(fetched(client.readFetch(accounts, ['name'], text))).rejects.toMatchObject({
    kind: 'bad-request',
  });
  expect(service.seen).toHaveLength(0);
});

const logs = tableWith(
  'log',
  'logs',
  [columnWith('partitionid'), columnWith('ttlinseconds', { kind: 'integer' })],
  {
    kind: 'elastic',
  },
);

test('a row of an elastic table is its id and its partition, in reading and in writing', async () => {
  const rows = ['a', "b's", idOf(1)].map((partitionid, at) => ({
    '@odata.etag': `W/"${at}"`,
    logid: idOf(1),
    partitionid,
    name: partitionid,
  }));
  const { client, service } = await serve((request, response) => {
    if (request.method !== 'GET') return void response.writeHead(204).end();
    const one = /partitionid=%27(.)/.exec(request.url)?.[1];
    if (one === undefined) return sendJson(response, { value: rows });
    sendJson(
      response,
      rows.find(({ partitionid }) => partitionid.startsWith(one)),
    );
  });
  const keys = await all(client.readKeys(logs));
  expect(keys.map(({ partition }) => partition)).toEqual(['a', "b's", undefined]);
  expect(service.seen.map(sizeOf)).toEqual([500]);
  expect((await client.readRow(logs, { id: idOf(1), partition: "b's" }, ['name']))?.values).toEqual({
    name: "b's",
  });
  const found = await client.readRows(logs, [{ id: idOf(1), partition: 'a' }, idOf(1)], ['name']);
  expect([...found.keys()]).toEqual([`${idOf(1)}|a`, idOf(1)]);
  await client.deleteRow(logs, { id: idOf(1), partition: 'a' });
  expect(service.seen.at(-1)?.url).toBe(`/api/data/v9.2/logs(logid=${idOf(1)},partitionid=%27a%27)`);
});

test('the session of an elastic table is kept from its writes and shown to its reads, and only to those', async () => {
  const { client, service } = await serve((request, response) => {
    if (request.url.includes('EntityDefinitions')) return sendJson(response, { value: [] });
    if (request.method === 'PATCH') {
      return void response.writeHead(204, { 'x-ms-session-token': '240:8#144100870#7=-1' }).end();
    }
    sendJson(response, { value: [] });
  });
  await client.updateRow(logs, { id: idOf(1), partition: 'p' }, { name: 'x' });
  expect(JSON.parse(service.seen.at(-1)?.body ?? '')).toEqual({ name: 'x', partitionid: 'p' });
  await all(client.readAll(logs, ['name']));
  expect(service.seen.at(-1)?.headers['mscrm.sessiontoken']).toBe('240:8#144100870#7=-1');
  await all(client.readAll(accounts, ['name']));
  expect(service.seen.at(-1)?.headers['mscrm.sessiontoken']).toBeUndefined();
});

test.each([
  ['405', 405, '', 'not-supported'],
  ['a message that the table does not take', 400, '0x80040800', 'not-supported'],
  ['a provider of a virtual table that fails', 400, '0x80050263', 'not-supported'],
  ['a missing privilege', 403, '0x80040220', 'forbidden'],
])('%s has a kind of its own, with table and request id', async (_what, status, code, kind) => {
  const { client } = await serve((_, response) =>
    sendJson(response, { error: { code, message: 'no' } }, status, { 'x-ms-service-request-id': 'r-1' }),
  );
  await expect(all(client.readAll(accounts, ['name']))).rejects.toMatchObject({
    kind,
    code: `dataverse-${kind}`,
    table: 'account',
    requestId: 'r-1',
  });
});

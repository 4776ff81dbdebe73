import { sendJson, startService, type HttpService } from '../../../test/support/http-service.ts';
import { columnWith, tableWith } from '../../../test/support/table-details.ts';
import { TickingClock } from '../../../test/support/ticking-clock.ts';
import type { ChangeEvent } from '../client.ts';
import { connect } from '../connect.ts';
import { fetchTransport } from '../transport/fetch-transport.ts';
import { retrying } from '../transport/retrying.ts';

const id1 = '00000000-0000-0000-0000-000000000001';
const id2 = '00000000-0000-0000-0000-000000000002';
const open: HttpService[] = [];

afterEach(async () => {
  for (const service of open.splice(0)) await service.close();
});

const accounts = tableWith('account', 'accounts', [
  columnWith('revenue', { kind: 'money' }),
  columnWith('versionnumber', { kind: 'bigint' }),
  columnWith('ownerid', { kind: 'owner', targets: ['systemuser', 'team'] }),
  columnWith('originatingleadid', { kind: 'lookup', targets: ['lead'] }),
]);

async function serve(...args: Parameters<typeof startService>) {
  const service = await startService(...args);
  open.push(service);
  const clock = new TickingClock();
  const random = { uuid: () => '', fraction: () => 0 };
  const transport = retrying(fetchTransport({ fetch, url: service.url, clock }), { clock, random, tries: 3 });
  return { service, client: connect({ url: service.url, transport }) };
}

async function all(events: AsyncIterable<ChangeEvent>): Promise<ChangeEvent[]> {
  const list: ChangeEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

const tracked = { 'preference-applied': 'odata.track-changes' };

test('a first read goes through all pages, asks the page size each time, and ends with the delta link', async () => {
  const { service, client } = await serve((request, response, url) => {
    const api = `${url}/api/data/v9.2/accounts`;
    if (request.url.includes('skiptoken')) {
      return sendJson(response, {
        '@odata.deltaLink': `${api}?$deltatoken=5%21x`,
        value: [{ accountid: id2, name: 'B' }],
      });
    }
    const next = `${api}?$select=accountid,name&$skiptoken=%253ccookie%2520x`;
    const value = [{ '@odata.etag': 'W/"1"', accountid: id1.toUpperCase(), name: null }];
    sendJson(response, { value, '@odata.nextLink': next }, 200, tracked);
  });
  const events = await all(client.readChanges(accounts, ['name'], null));
  expect(events).toMatchObject([
    { kind: 'row', id: id1, etag: 'W/"1"', values: { name: null } },
    { kind: 'page-end', nextLink: expect.stringContaining('skiptoken') as string },
    { kind: 'row', id: id2, etag: null, values: { name: 'B' } },
    { kind: 'page-end', deltaLink: `${service.url}/api/data/v9.2/accounts?$deltatoken=5%21x` },
  ]);
  expect(service.seen[0]?.url).toBe('/api/data/v9.2/accounts?$select=accountid,name');
  expect(service.seen[1]?.url).toBe(
    '/api/data/v9.2/accounts?$select=accountid,name&$skiptoken=%253ccookie%2520x',
  );
  expect(service.seen.map((request) => request.headers['prefer'])).toEqual([
    expect.stringMatching(/maxpagesize=5000.*track-changes/) as string,
    expect.stringMatching(/maxpagesize=5000(?!.*track-changes)/) as string,
  ]);
});

test('numbers keep every digit, and lookups get their table from the annotation or from their only target', async () => {
  const { client } = await serve((_, response) =>
    sendJson(
      response,
      `{"value":[{"accountid":"${id1}","revenue":20000.0000,"versionnumber":638751518483842799,
        "_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":"team","_ownerid_value":"${id2}",
        "_originatingleadid_value":"${id2}"}]}`,
    ),
  );
  const columns = ['revenue', 'versionnumber', 'ownerid', 'originatingleadid'];
  const [row] = await all(client.readAll(accounts, columns));
  expect(row).toMatchObject({
    values: {
      revenue: '20000.0000',
      versionnumber: '638751518483842799',
      ownerid: { table: 'team', id: id2 },
      originatingleadid: { table: 'lead', id: id2 },
    },
  });
});

test('a deleted row is told by its context, and its id may be one never seen', async () => {
  const { service, client } = await serve((_, response, url) =>
    sendJson(response, {
      '@odata.deltaLink': `${url}/api/data/v9.2/accounts?$deltatoken=6`,
      value: [{ '@odata.context': `${url}/$metadata#accounts/$deletedEntity`, id: id2, reason: 'deleted' }],
    }),
  );
  const link = `${service.url}/api/data/v9.2/accounts?$deltatoken=5`;
  const [event] = await all(client.readChanges(accounts, ['name'], link));
  expect(event).toMatchObject({ kind: 'gone', id: id2 });
});

test('a page that breaks off is fetched again and no row comes twice', async () => {
  let tries = 0;
  const { client } = await serve((_, response) => {
    const rows = [id1, id2].map((id) => ({ '@odata.etag': 'W/"1"', accountid: id, name: 'x' }));
    const body = JSON.stringify({ value: rows });
    if (++tries > 1) return sendJson(response, body);
    response.writeHead(200, { 'content-length': String(body.length) });
    response.write(body.slice(0, -30), () => response.socket?.destroy());
  });
  const events = await all(client.readAll(accounts, ['name']));
  expect(events.map((event) => event.kind === 'row' && event.id)).toEqual([id1, id2, false]);
  expect(tries).toBe(2);
});

test('a last page without a delta link is a failure, not the end', async () => {
  const { client } = await serve((_, response) => sendJson(response, { value: [] }, 200, tracked));
  await expect(all(client.readChanges(accounts, ['name'], null))).rejects.toMatchObject({
    code: 'dataverse-unexpected-answer',
  });
});

test('tracking that the service did not grant is a failure', async () => {
  const { client } = await serve((_, response) => sendJson(response, { value: [] }));
  await expect(all(client.readChanges(accounts, ['name'], null))).rejects.toThrow('did not track');
});

test('a token that is too old says so', async () => {
  const { service, client } = await serve((_, response) =>
    sendJson(response, { error: { code: '0x80044352', message: 'Version stamp … has expired.' } }, 400),
  );
  const link = `${service.url}/api/data/v9.2/accounts?$deltatoken=5`;
  await expect(all(client.readChanges(accounts, ['name'], link))).rejects.toMatchObject({
    kind: 'expired-token',
    table: 'account',
    serviceCode: '0x80044352',
  });
});

test('a link to another origin is not followed', async () => {
  const { client } = await serve(() => expect('a request').toBe('never sent'));
  const link = 'https://elsewhere.example/api/data/v9.2/accounts?$deltatoken=5';
  await expect(all(client.readChanges(accounts, ['name'], link))).rejects.toThrow('not followed');
});

test('a polymorphic lookup that does not say its table is refused rather than guessed', async () => {
  const { client } = await serve((_, response) =>
    sendJson(response, { value: [{ accountid: id1, _ownerid_value: id2 }] }),
  );
  await expect(all(client.readAll(accounts, ['ownerid']))).rejects.toThrow('ownerid');
});

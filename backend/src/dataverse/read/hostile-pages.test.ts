import { sendJson, startService, type HttpService } from '../../../test/support/http-service.ts';
import { columnWith, tableWith } from '../../../test/support/table-details.ts';
import { TickingClock } from '../../../test/support/ticking-clock.ts';
import type { ChangeEvent } from '../client.ts';
import { connect } from '../connect.ts';
import { DataverseError } from '../errors.ts';
import { fetchTransport } from '../transport/fetch-transport.ts';
import { WebApi } from '../web-api.ts';

/** Answers that the protocol does not allow, or values that nobody could keep: an error of ours, never a gap. */

const id = '00000000-0000-0000-0000-000000000001';
const accounts = tableWith('account', 'accounts', [
  columnWith('score', { kind: 'double' }),
  columnWith('employees', { kind: 'integer' }),
  columnWith('revenue', { kind: 'money' }),
  columnWith('foundedon', { kind: 'datetime', dateBehavior: 'dateOnly' }),
  columnWith('modifiedon', { kind: 'datetime' }),
]);
const open: HttpService[] = [];

afterEach(async () => {
  for (const service of open.splice(0)) await service.close();
});

async function serve(body: string) {
  const service = await startService((_, response) => sendJson(response, body));
  open.push(service);
  const transport = fetchTransport({ fetch, url: service.url, clock: new TickingClock() });
  return { api: new WebApi(transport), client: connect({ url: service.url, transport }), url: service.url };
}

async function all(events: AsyncIterable<ChangeEvent>): Promise<ChangeEvent[]> {
  const list: ChangeEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

async function failure(work: Promise<unknown>): Promise<DataverseError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof DataverseError) return error;
  throw new Error(`not an error of ours: ${String(error)}`);
}

test.each(['{}', '{"value":null}', '{"value":{}}', '{"value":7}', '{"error":{"message":"no"}}'])(
  'an answer without a list of rows (%s) is not an empty table',
  async (body) => {
    const { client, api } = await serve(body);
    expect(await failure(all(client.readAll(accounts, ['name'])))).toMatchObject({
      kind: 'unexpected-answer',
    });
    expect(await failure(api.list('accounts'))).toMatchObject({ kind: 'unexpected-answer' });
  },
);

test.each(['7', 'nul', '{}', '"http://["'])('a link of %s is an error of ours', async (link) => {
  const { client } = await serve(`{"value":[],"@odata.nextLink":${link}}`);
  expect(await failure(all(client.readAll(accounts, ['name'])))).toMatchObject({ kind: 'unexpected-answer' });
});

test('a link with somebody’s name and password in it is not followed, and not shown', async () => {
  const { client, url } = await serve('{"value":[]}');
  const link =
    url.replace('//', '//somebody:password@') + '/api/data/v9.2/accounts?$skiptoken=value-of-a-row';
  const error = await failure(all(client.readAll(accounts, ['name'], link)));
  expect(error.kind).toBe('unexpected-answer');
  expect(error.message).not.toMatch(/password|value-of-a-row/);
});

test.each([
  ['score', '1e400'],
  ['score', '"12 secret"'],
  ['employees', '-1e999'],
  ['revenue', '1E-400000000'],
  ['revenue', '1e999999999'],
  ['revenue', '"12 secret"'],
  ['foundedon', '"secret"'],
  ['modifiedon', '"2026-13-45T00:00:00+01:00"'],
  ['modifiedon', '"secret"'],
])('a %s of %s is refused without being shown', async (column, literal) => {
  const { client } = await serve(`{"value":[{"accountid":"${id}","${column}":${literal}}]}`);
  const error = await failure(all(client.readAll(accounts, [column])));
  expect(error).toMatchObject({ kind: 'unexpected-answer', table: 'account' });
  expect(error.message).toContain(column);
  expect(error.message).not.toMatch(/secret|999|400|2026/);
});

test.each([
  ['revenue', '1E-7', '0.0000001'],
  ['revenue', '0.10', '0.10'],
  ['revenue', '-12345678901234567890.5', '-12345678901234567890.5'],
  ['score', '5E-324', 5e-324],
  ['foundedon', '"2026-02-28T00:00:00Z"', '2026-02-28'],
])('a %s of %s comes through', async (column, literal, value) => {
  const { client } = await serve(`{"value":[{"accountid":"${id}","${column}":${literal}}]}`);
  const [row] = await all(client.readAll(accounts, [column]));
  expect(row).toMatchObject({ values: { [column]: value } });
});

test('a page that ends between two rows is a broken connection, whatever its framing says', async () => {
  const { client } = await serve(`{"value":[{"accountid":"${id}","name":"x"},`);
  expect(await failure(all(client.readAll(accounts, ['name'])))).toMatchObject({ kind: 'unreachable' });
});

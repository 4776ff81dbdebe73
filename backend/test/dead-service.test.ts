import { openClient, type DataverseClient } from '../src/dataverse/index.ts';
import { startService, sendJson, type HttpService } from './support/http-service.ts';
import { columnWith, tableWith } from './support/table-details.ts';
import { TickingClock } from './support/ticking-clock.ts';

/** A service that does what it is asked, and dies before it says so. */

const id = '00000000-0000-0000-0000-000000000001';
const accounts = tableWith('account', 'accounts', [columnWith('doc', { kind: 'file' })]);
const content = {
  name: 'a',
  mimeType: null,
  bytes: 1,
  open: async function* () {
    yield await Promise.resolve(Uint8Array.of(7));
  },
};

let service: HttpService;
let client: DataverseClient;

beforeEach(async () => {
  service = await startService((request, response) => {
    if (request.method !== 'GET') return void response.socket?.destroy();
    // No tables beside, and every bulk message is there; no row can be found again.
    sendJson(response, { value: request.url.includes('sdkmessagefilters') ? [{}] : [] });
  });
  ({ client } = openClient({
    url: service.url,
    fetch,
    clock: new TickingClock(),
    random: { uuid: () => '', fraction: () => 0 },
    tokens: { token: () => Promise.resolve('t') },
    tries: 3,
  }));
});
afterEach(() => service.close());

const sent = () => service.seen.filter(({ method }) => method !== 'GET').length;

const writes: Record<string, (one: DataverseClient) => Promise<unknown>> = {
  create: (one) => one.createRow(accounts, { name: 'x' }, { id }),
  update: (one) => one.updateRow(accounts, id, { name: 'x' }),
  delete: (one) => one.deleteRow(accounts, id),
};

test.each(Object.entries(writes))('a %s without an answer is unknown, and is sent once', async (_, write) => {
  await expect(write(client)).rejects.toMatchObject({ kind: 'outcome-unknown', table: 'account', row: id });
  expect(sent()).toBe(1);
});

test('a file is sent again, for that replaces it by the same, and is then unknown', async () => {
  await expect(client.writeFile(accounts, id, 'doc', content)).rejects.toMatchObject({
    kind: 'outcome-unknown',
  });
  expect(sent()).toBe(3);
});

test('the parts of a batch are unknown, and are sent once', async () => {
  const part = { method: 'PATCH' as const, url: `accounts(${id})`, body: '{}' };
  const outcomes = await client.batch([part, part]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
  expect(sent()).toBe(1);
});

test('a bulk message is looked after, sent again while its rows are not there, and then unknown', async () => {
  const [outcome] = await client.createMultiple(accounts, [{ id, values: { name: 'x' } }]);
  expect(outcome).toMatchObject({ kind: 'unknown', error: { kind: 'outcome-unknown', row: id } });
  expect(sent()).toBeLessThanOrEqual(4);
});

test('no error shows what was written', async () => {
  const secret = 'value-of-a-row';
  const errors = await Promise.all([
    client.createRow(accounts, { name: secret }, { id }).catch((error: unknown) => error),
    client.batch([{ method: 'POST', url: 'accounts', body: `{"name":"${secret}"}` }]),
    client.createMultiple(accounts, [{ id, values: { name: secret } }]),
  ]);
  expect(textsOf(errors)).not.toContain(secret);
});

/** All messages, those of causes too. */
function textsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textsOf).join('\n');
  if (value instanceof Error)
    return `${value.message}\n${'hint' in value ? String(value.hint) : ''}\n${textsOf(value.cause)}`;
  return typeof value === 'object' && value !== null && 'error' in value ? textsOf(value.error) : '';
}

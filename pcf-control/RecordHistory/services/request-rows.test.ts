import { immediateClock } from '../../test-support/clock';
import { fakeHost, type FakeHostOptions } from '../../test-support/fake-host';
import { requestRowsClient } from './request-rows';
import { createText } from './text';

const record = { table: 'account', id: '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34' };
const text = createText(() => null);

function setUp(options: FakeHostOptions = {}) {
  const host = fakeHost(options);
  const clock = immediateClock();
  const created: Record<string, unknown>[] = [];
  const { createRecord, retrieveRecord } = host.context.webAPI;
  const webAPI = {
    createRecord: (table: string, data: Record<string, unknown>) => {
      created.push(data);
      return createRecord(table, data);
    },
    retrieveRecord,
  };
  const client = requestRowsClient({ webAPI, clock, text, whenVisible: () => Promise.resolve() });
  return { host, clock, created, client };
}

const never = new AbortController().signal;

test('a question becomes a row with the environment of the heartbeat, and the answer comes from its result', async () => {
  const { client, created, host } = setUp();
  const history = await client.history(record, never);
  expect(history.id).toBe(record.id);
  expect(created).toEqual([
    {
      rowback_name: `history account ${record.id}`,
      rowback_kind: 714200000,
      rowback_targettable: 'account',
      rowback_targetid: record.id,
      rowback_environmentid: 'env-1',
      rowback_input: '{"kind":"history"}',
    },
  ]);
  expect(host.calls).toEqual(['read rowback_heartbeat', 'create rowback_request', 'read rowback_request']);
});

test('each kind of question has its own option value', async () => {
  const { client, created } = setUp();
  await client.compare(record, '811', never);
  const plan = await client.plan(record, { version: '811', columns: ['name'] }, never);
  await client.restore(record, plan.id, never);
  await client.undo(record, plan.id, never);
  expect(created.map((row) => row['rowback_kind'])).toEqual([714200001, 714200002, 714200003, 714200004]);
});

test('polling slows down, and gives up after two minutes', async () => {
  const { client, clock, host } = setUp({ answer: () => null });
  await expect(client.history(record, never)).rejects.toMatchObject({ code: 'no-answer' });
  expect(host.calls.filter((call) => call === 'read rowback_request')).toHaveLength(21);
  expect(clock.waitedMs()).toBeGreaterThanOrEqual(120_000);
  expect(clock.waitedMs()).toBeLessThan(130_000);
});

test('an error of the backend keeps its code, message and hint', async () => {
  const error = { code: 'no-such-record', message: 'Never backed up.', hint: 'Wait for a backup.' };
  const { client } = setUp({ answer: () => ({ ok: false, error }) });
  await expect(client.history(record, never)).rejects.toMatchObject(error);
});

test('without a heartbeat row the backend has not reported yet, and nothing is created', async () => {
  const { client, host } = setUp({ heartbeat: { errorCode: 0x80040217, message: 'gone' } });
  await expect(client.history(record, never)).rejects.toMatchObject({ code: 'not-reported' });
  expect(host.calls).toEqual(['read rowback_heartbeat']);
});

test('a user without the role is told which one is missing', async () => {
  const { client } = setUp({
    createError: { errorCode: -2147220960, message: 'missing prvCreaterowback_Request' },
  });
  await expect(client.history(record, never)).rejects.toMatchObject({
    code: 'no-permission',
    hint: expect.stringContaining('prvCreaterowback_Request') as string,
  });
});

test('a connection that is lost while the backend works is no answer: the next look may bring it', async () => {
  const { host } = setUp();
  let looks = 0;
  const webAPI = {
    createRecord: host.context.webAPI.createRecord,
    retrieveRecord: (table: string, id: string, options?: string) => {
      looks += 1;
      // The first look is at the heartbeat, the second at the request.
      return looks === 2
        ? Promise.reject(new Error('Failed to fetch'))
        : host.context.webAPI.retrieveRecord(table, id, options);
    },
  };
  const client = requestRowsClient({
    webAPI,
    clock: immediateClock(),
    text,
    whenVisible: () => Promise.resolve(),
  });
  await expect(client.history(record, never)).resolves.toMatchObject({ id: record.id });
  expect(looks).toBeGreaterThan(2);
});

test.each(['not json', '{"ok":true}', '{"ok":true,"kind":"compare","data":{}}', 'null', '{"ok":false}'])(
  'a result of %s is refused',
  async (rowback_result) => {
    const { host } = setUp();
    const webAPI = {
      createRecord: host.context.webAPI.createRecord,
      retrieveRecord: () =>
        Promise.resolve({ rowback_environmentid: 'e', rowback_requeststatus: 714200001, rowback_result }),
    };
    const client = requestRowsClient({
      webAPI,
      clock: immediateClock(),
      text,
      whenVisible: () => Promise.resolve(),
    });
    await expect(client.history(record, never)).rejects.toMatchObject({ code: 'unreadable-answer' });
  },
);

test('a hidden control asks nothing until it is visible again', async () => {
  const host = fakeHost();
  let show: () => void = () => undefined;
  const whenVisible = () => new Promise<void>((resolve) => (show = resolve));
  const client = requestRowsClient({
    webAPI: host.context.webAPI,
    clock: immediateClock(),
    text,
    whenVisible,
  });
  const answer = client.history(record, never);
  await new Promise((resolve) => setTimeout(resolve));
  expect(host.calls).toEqual(['read rowback_heartbeat', 'create rowback_request']);
  show();
  await expect(answer).resolves.toMatchObject({ id: record.id });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RowbackError } from '../src/base/errors.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Caller, Environment } from '../src/jobs/environment.ts';
import { planRestore, runRestore } from '../src/jobs/restores.ts';
import type { RestoreDocuments } from '../src/vault/index.ts';
import { startWorld, type OpenedWorld, type World } from './support/world.ts';

/** What the row has to do with. */
const policy = { include: ['annotation', 'contact', 'demo_event', 'demo_event_contact'] };

let world: World;
let opened: OpenedWorld;
let environment: Environment;
let event: string;
let contacts: string[];
const operator: Caller = { kind: 'operator', name: 'test' };

beforeAll(async () => {
  world = await startWorld([], 'memory');
  opened = await world.open({ policy });
  environment = opened.environment;
  const [link] = await list(`demo_event_contactset?$top=1`);
  event = String(link?.['demo_eventid']);
  await world.outsider.send('POST', 'annotations', {
    subject: 'kept',
    filename: 'a.txt',
    mimetype: 'text/plain',
    documentbody: Buffer.from('a note').toString('base64'),
    'objectid_demo_event@odata.bind': `/demo_events(${event})`,
  });
  await world.outsider.send(
    'PATCH',
    `demo_events(${event})`,
    { statecode: 1, statuscode: 2 },
    { 'if-match': '*' },
  );
  contacts = await linked();
  await backUpNow(environment, { trigger: 'manual' });
}, 300_000);
afterAll(async () => {
  await opened?.close();
  await world?.stop();
});

async function list(path: string): Promise<Record<string, unknown>[]> {
  return (await world.outsider.get(path))['value'] as Record<string, unknown>[];
}
const linked = async () =>
  (await list(`demo_event_contactset?$filter=demo_eventid eq ${event}`))
    .map((one) => String(one['contactid']))
    .sort();
const notes = async () =>
  (await list(`annotations?$filter=_objectid_value eq ${event}`)).map((one) => String(one['documentbody']));

class Killed extends Error {}

/** Dies at the nth write of a document: before it is stored, or right after. */
function dyingVault(
  nth: number,
  when: 'before' | 'after',
): { environment: Environment; reached: () => boolean } {
  let count = 0;
  const dying = (documents: RestoreDocuments): RestoreDocuments => ({
    read: (name) => documents.read(name),
    list: (folder) => documents.list(folder),
    write: async (name, document) => {
      count += 1;
      if (count === nth && when === 'before') throw new Killed(name);
      const answer = await documents.write(name, document);
      if (count === nth) throw new Killed(name);
      return answer;
    },
  });
  const { vault } = environment;
  // Everything but the documents of restores is the vault's own.
  const wrapped: typeof vault = new Proxy(vault, {
    get: (target, name) => {
      if (name === 'restore') return (id: string) => dying(target.restore(id));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function'
        ? (...values: unknown[]): unknown => Reflect.apply(value, target, values)
        : value;
    },
  });
  return { environment: { ...environment, vault: wrapped }, reached: () => count >= nth };
}

/** The nth write to Dataverse gets no answer; the service did it, or never saw it. */
function dyingFetch(nth: number, when: 'before' | 'after'): { fetch: typeof fetch; reached: () => boolean } {
  let count = 0;
  const dying: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const writes = !['GET', undefined].includes(init?.method) && url.includes('/api/data/');
    if (writes) count += 1;
    if (writes && count === nth && when === 'before') throw new TypeError('fetch failed');
    const response = await fetch(input, init);
    if (!writes || count !== nth) return response;
    await response.arrayBuffer();
    throw new TypeError('fetch failed');
  };
  return { fetch: dying, reached: () => count >= nth };
}

async function damage(): Promise<string> {
  await world.outsider.send('DELETE', `demo_events(${event})`);
  return (await planRestore(environment, { table: 'demo_event', id: event, overwrite: false }, operator)).plan
    .id;
}

async function expectWhole(): Promise<void> {
  expect(
    await list(`demo_events?$filter=demo_eventid eq ${event}&$select=statecode,statuscode`),
  ).toMatchObject([{}]);
  const row = await world.outsider.get(`demo_events(${event})?$select=statecode,statuscode`);
  expect([String(row['statecode']), String(row['statuscode'])]).toEqual(['1', '2']);
  expect(await notes()).toEqual([Buffer.from('a note').toString('base64')]);
  expect(await linked()).toEqual(contacts);
}

/** False: a run has no such document, so nothing died. */
async function dieAndGoOn(nth: number, when: 'before' | 'after'): Promise<boolean> {
  const id = await damage();
  const dying = dyingVault(nth, when);
  const first = await runRestore(dying.environment, id, operator).catch((error: unknown) => error);
  if (!dying.reached()) return false;
  expect(first).toBeInstanceOf(Killed);
  const second = await runRestore(environment, id, operator);
  expect({ nth, rows: second.result?.rows.filter(({ kind }) => kind !== 'restored') }).toEqual({
    nth,
    rows: [],
  });
  expect(second.status).toBe('done');
  await expectWhole();
  return true;
}

describe('a run that is killed', () => {
  // Dying before a document is dying after the one before it, but for the first.
  test('before its first document goes on and doubles nothing', async () => {
    expect(await dieAndGoOn(1, 'before')).toBe(true);
  }, 60_000);

  test('after any document it writes goes on and doubles nothing', async () => {
    let nth = 1;
    while (await dieAndGoOn(nth, 'after')) nth += 1;
    expect(nth).toBeGreaterThan(10);
  }, 300_000);

  test.each(['before', 'after'] as const)(
    '%s the service did any of its writes ends as it should',
    async (when) => {
      for (let nth = 1; ; nth += 1) {
        const id = await damage();
        const dying = dyingFetch(nth, when);
        const other = await world.open({ policy, fetch: dying.fetch });
        let result = await runRestore(other.environment, id, operator).catch((error: unknown) => error);
        await other.close();
        if (!dying.reached()) {
          expect(nth).toBeGreaterThan(3);
          break;
        }
        if (result instanceof Error) {
          expect(result).toBeInstanceOf(RowbackError);
          result = await runRestore(environment, id, operator);
        }
        expect({ nth, result }).toMatchObject({ nth, result: { status: 'done' } });
        await expectWhole();
      }
    },
    300_000,
  );
});

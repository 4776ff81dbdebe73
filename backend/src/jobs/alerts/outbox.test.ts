import { beforeEach, describe, expect, test } from '@jest/globals';
import { openMemoryControlStore, type ControlStore } from '../../vault/index.ts';
import { Outbox } from './outbox.ts';
import type { Message } from './webhook.ts';

const target = { url: 'https://hooks.example/one', secret: `whsec_${'a'.repeat(32)}` };
const other = { url: 'https://hooks.example/two', secret: `whsec_${'b'.repeat(32)}` };
const message: Message = {
  id: 'snap.many-deleted.contact',
  type: 'alert',
  timestamp: 'now',
  data: { rows: 3 },
};

let nowMs: number;
let control: ControlStore;
let statuses: Record<string, number>;
let asked: string[];
let outbox: Outbox;
beforeEach(() => {
  nowMs = Date.parse('2026-11-26T14:00:00Z');
  statuses = {};
  asked = [];
  control = openMemoryControlStore({ now: () => new Date(nowMs) });
  outbox = open();
});

function open(): Outbox {
  const now = () => new Date(nowMs);
  // The receiver's side: which address was asked, and what it answers.
  const receiver: typeof fetch = (input) => {
    const url = input instanceof Request ? input.url : String(input);
    asked.push(url);
    return Promise.resolve(new Response(null, { status: statuses[url] ?? 200 }));
  };
  return new Outbox({ control, fetch: receiver, now }, 'env-1');
}

const pass = (hours: number) => (nowMs += hours * 3_600_000);

describe('the outbox', () => {
  test('sends to each receiver once, and forgets what everybody has', async () => {
    await outbox.put(message, [target, other]);
    expect(await outbox.sendDue([target, other])).toMatchObject([
      { url: target.url, outcome: 'delivered' },
      { url: other.url, outcome: 'delivered' },
    ]);
    expect(await outbox.sendDue([target, other])).toEqual([]);
    expect(asked).toEqual([target.url, other.url]);
  });

  test('tries again only the receiver that did not take it, also from another process', async () => {
    statuses[other.url] = 503;
    await outbox.put(message, [target, other]);
    await outbox.sendDue([target, other]);
    expect(await outbox.sendDue([target, other])).toEqual([]);
    pass(1);
    statuses[other.url] = 200;
    expect(await open().sendDue([target, other])).toMatchObject([{ url: other.url, outcome: 'delivered' }]);
    expect(asked).toEqual([target.url, other.url, other.url]);
  });

  test('gives up after a good day, and says so once', async () => {
    statuses[target.url] = 500;
    await outbox.put(message, [target]);
    const outcomes: string[] = [];
    for (let hour = 0; hour < 40 * 12; hour += 1) {
      outcomes.push(...(await outbox.sendDue([target])).map(({ outcome }) => outcome));
      pass(1 / 12);
    }
    expect(outcomes.filter((outcome) => outcome === 'given-up')).toHaveLength(1);
    expect(outcomes).toHaveLength(8);
    expect(outcomes.at(-1)).toBe('given-up');
  });

  test('sends no more to a receiver that is gone, by its own word or by the policy', async () => {
    statuses[target.url] = 410;
    await outbox.put(message, [target, other]);
    statuses[other.url] = 500;
    expect(await outbox.sendDue([target, other])).toMatchObject([
      { outcome: 'given-up', why: 'answered 410' },
      { outcome: 'later' },
    ]);
    pass(1);
    expect(await outbox.sendDue([target])).toEqual([]);
    pass(48);
    expect(await outbox.sendDue([target, other])).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  test('lets one process send at a time', async () => {
    await outbox.put(message, [target]);
    await control.acquireLease('env-1/outbox/lease', 60);
    expect(await outbox.sendDue([target])).toEqual([]);
    expect(asked).toEqual([]);
  });
});

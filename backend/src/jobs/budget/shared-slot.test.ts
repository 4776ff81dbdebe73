import { DrivenClock } from '../../../test/support/driven-clock.ts';
import { ProtectedService } from '../../../test/support/protected-service.ts';
import { seeded } from '../../../test/support/seeded.ts';
import { limited } from '../../dataverse/transport/limited.ts';
import { openMemoryControlStore, type ControlStore } from '../../vault/index.ts';
import { readBudget } from './mark.ts';
import { SharedSlot } from './shared-slot.ts';

/** A thirtieth of the real limits: the same curves with less work. */
const limits = { requests: 200, seconds: 40, atOnce: 52 };
const request = { method: 'GET', url: 'accounts' } as const;
const name = 'budget/test';
const share = 0.5;

/** Processes that use one user of one service, and storage that may be down, on one clock. */
class Together {
  readonly clock = new DrivenClock();
  readonly startMs = this.clock.now().getTime();
  readonly sent: { readonly by: string; readonly atMs: number }[] = [];
  isStorageDown = false;
  readonly #draw = seeded(5);
  readonly #service = new ProtectedService({
    clock: this.clock,
    random: this.#draw,
    durationMs: () => 100 + 200 * this.#draw(),
  });
  readonly control: ControlStore;

  constructor() {
    const store = openMemoryControlStore(this.clock);
    this.control = {
      ...store,
      acquireLease: async (lease, seconds) => {
        if (this.isStorageDown) throw new Error('storage is down');
        return store.acquireLease(lease, seconds);
      },
    };
  }

  atSecond(): number {
    return (this.clock.now().getTime() - this.startMs) / 1000;
  }

  process(by: string, of = share): Process {
    let isDead = false;
    const { clock } = this;
    const forEver = new Promise<void>(() => undefined);
    // One that was killed comes back from nothing that it waits for.
    const own = {
      now: () => clock.now(),
      sleep: (ms: number, signal?: AbortSignal) =>
        clock.sleep(ms, signal).then(() => (isDead ? forEver : undefined)),
    };
    const random = { uuid: () => by, fraction: this.#draw };
    const slot = new SharedSlot({ control: this.control, clock: own, random }, name, {
      share: of,
      atOnce: 52,
    });
    const wire = {
      send: async () => {
        this.sent.push({ by, atMs: clock.now().getTime() });
        return this.#service.send(request);
      },
    };
    const client = limited(wire, { clock: own, share: of, limits, slot });
    return {
      slot,
      send: async (background = false) => void (await client.send({ ...request, background })),
      kill: () => void (isDead = true),
      /** Always wants more, with so many tasks. */
      work: async (untilSecond, tasks = 8) => {
        const task = async () => {
          while (!isDead && this.atSecond() < untilSecond) await client.send(request);
        };
        await Promise.race([
          Promise.all(Array.from({ length: tasks }, task)),
          clock.sleep(untilSecond * 1000 + 1),
        ]);
      },
    };
  }

  /** Requests in [from, to) seconds, as a part of what the share allows in that time. */
  used(from: number, to: number, by?: string): number {
    const within = ({ atMs }: { atMs: number }) =>
      atMs >= this.startMs + from * 1000 && atMs < this.startMs + to * 1000;
    const count = this.sent.filter((one) => within(one) && (by === undefined || one.by === by)).length;
    return count / ((share * limits.requests * (to - from)) / 300);
  }

  /** The most that any 300 seconds saw, as a part of the limit. */
  greatestWindow(): number {
    let from = 0;
    const most = this.sent.reduce((greatest, { atMs }, index) => {
      while ((this.sent[from]?.atMs ?? atMs) <= atMs - 300_000) from += 1;
      return Math.max(greatest, index - from + 1);
    }, 0);
    return most / limits.requests;
  }
}

interface Process {
  readonly slot: SharedSlot;
  send(background?: boolean): Promise<void>;
  kill(): void;
  work(untilSecond: number, tasks?: number): Promise<void>;
}

test('one process alone has the whole share, and nothing holds back a short job', async () => {
  const together = new Together();
  const one = together.process('a');
  await together.clock.run(one.work(600, 20));
  // Twenty tasks with 200 ms each send 120 requests in little more than a second.
  expect(together.used(0, 3) * 3).toBeGreaterThan(0.4 * 300);
  expect(together.used(0, 300)).toBeGreaterThan(0.93);
  expect(together.used(300, 600)).toBeGreaterThan(0.9);
  expect(together.greatestWindow()).toBeLessThanOrEqual(share);
});

test.each([2, 4])('%i processes together stay under the share, use it, and get the same', async (count) => {
  const together = new Together();
  const names = ['a', 'b', 'c', 'd'].slice(0, count);
  const all = names.map((by) => together.process(by));
  await together.clock.run(Promise.all(all.map((one) => one.work(900))));
  expect(together.greatestWindow()).toBeLessThanOrEqual(share);
  expect(together.used(300, 900)).toBeGreaterThan(0.85);
  for (const by of names) expect(together.used(300, 900, by) * count).toBeGreaterThan(0.75);
});

test('one that wants little leaves the rest to the other', async () => {
  const together = new Together();
  const [busy, calm] = [together.process('a'), together.process('b')];
  const calmly = async () => {
    while (together.atSecond() < 900) {
      await calm.send();
      await together.clock.sleep(30_000);
    }
  };
  await together.clock.run(Promise.all([busy.work(900), calmly()]));
  expect(together.used(300, 900, 'a')).toBeGreaterThan(0.75);
  expect(together.used(0, 900, 'b')).toBeGreaterThan(0.08);
  expect(together.greatestWindow()).toBeLessThanOrEqual(share);
});

test('what a killed process had comes back to the others', async () => {
  const together = new Together();
  const [one, other] = [together.process('a'), together.process('b')];
  const killing = together.clock.sleep(400_000).then(() => other.kill());
  await together.clock.run(Promise.all([one.work(1300), other.work(1300), killing]));
  expect(together.used(200, 400, 'b')).toBeGreaterThan(0.3);
  expect(together.used(900, 1300, 'a')).toBeGreaterThan(0.9);
  expect(together.greatestWindow()).toBeLessThanOrEqual(share);
});

test('a newcomer begins within seconds and gets its part', async () => {
  const together = new Together();
  const [one, other] = [together.process('a'), together.process('b')];
  const coming = together.clock.sleep(500_000).then(() => other.work(1200));
  await together.clock.run(Promise.all([one.work(1200), coming]));
  expect(together.used(500, 503, 'b')).toBeGreaterThan(0);
  expect(together.used(800, 1200, 'b')).toBeGreaterThan(0.35);
  expect(together.used(800, 1200)).toBeGreaterThan(0.85);
  expect(together.greatestWindow()).toBeLessThanOrEqual(share);
});

test('who ends leaves what it used counted, and whoever comes then knows it', async () => {
  const together = new Together();
  const first = together.process('a');
  const next = together.process('b');
  await together.clock.run(first.work(250).then(() => first.slot.close()));
  expect((await readBudget(together.control, name)).members).toMatchObject([{ id: 'a', left: true }]);
  await expect(together.clock.run(first.send())).rejects.toThrow(TypeError);
  await together.clock.run(next.work(1000));
  expect(together.used(600, 1000, 'b')).toBeGreaterThan(0.85);
  expect(together.greatestWindow()).toBeLessThanOrEqual(share);
  expect((await readBudget(together.control, name)).members.map(({ id }) => id)).toEqual(['b']);
});

test('a slot that nobody uses is given back after a minute, and asked for again', async () => {
  const together = new Together();
  const one = together.process('a');
  await together.clock.run(one.send());
  await together.clock.run(together.clock.sleep(120_000));
  expect((await readBudget(together.control, name)).members).toMatchObject([{ left: true }]);
  expect(one.slot.allowance).toBeNull();
  await together.clock.run(one.send());
  expect((await readBudget(together.control, name)).members).toMatchObject([{ left: false }]);
});

test('who cannot renew its slot stops before others get its part, says why, and goes on when it can', async () => {
  const together = new Together();
  const one = together.process('a');
  await together.clock.run(one.send());
  together.isStorageDown = true;
  await together.clock.run(one.work(30, 1));
  await together.clock.run(together.clock.sleep(15_000));
  await expect(together.clock.run(one.send())).rejects.toThrow('storage is down');
  together.isStorageDown = false;
  await together.clock.run(one.send());
});

test('requests at once are divided, and everybody has one place at least', async () => {
  const together = new Together();
  const all = Array.from({ length: 12 }, (_, index) => together.process(`p${index}`, 0.1));
  await together.clock.run(Promise.all(all.map((one) => one.work(60, 3))));
  const members = (await readBudget(together.control, name)).members.filter(({ left }) => !left);
  expect(members).toHaveLength(12);
  for (const { places } of members) expect(places).toBe(1);
});

test('the requests of a day end what is in the background, for all processes, and nothing else', async () => {
  const together = new Together();
  const [one, other] = [together.process('a'), together.process('b')];
  for (const { slot } of [one, other]) slot.useDailyRequests(30);
  await together.clock.run(one.work(20, 1));
  const refused = { code: 'dataverse-daily-budget' };
  await expect(together.clock.run(one.send(true))).rejects.toMatchObject(refused);
  await expect(together.clock.run(other.send(true))).rejects.toMatchObject(refused);
  await together.clock.run(other.send());
  const { hours } = await readBudget(together.control, name);
  expect(Object.values(hours).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(30);
  // Forgotten a day later: by the hour.
  await together.clock.run(together.clock.sleep(24 * 3_600_000));
  await together.clock.run(one.send(true));
});

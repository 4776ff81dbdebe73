import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Clock } from '../src/base/clock.ts';
import { backUpNow } from '../src/jobs/backups.ts';
import type { Environment } from '../src/jobs/environment.ts';
import type { QuietHours } from '../src/jobs/settings.ts';
import { QueuedBackups } from '../src/jobs/runs/queued-backups.ts';
import { readNewestRun } from '../src/jobs/runs/run-record.ts';
import { writePause } from '../src/jobs/runs/pause.ts';
import { keepScheduling } from '../src/jobs/runs/scheduler.ts';
import { cancelRun, reviveRun, startRun } from '../src/jobs/runs/start-run.ts';
import { Worker, type WorkLine } from '../src/jobs/runs/worker.ts';
import { openMemoryWorkQueue, type WorkQueue } from '../src/queue/index.ts';
import type { ControlStore } from '../src/vault/index.ts';
import { clock, impatientClock, random, startWorld, type OpenedWorld, type World } from './support/world.ts';

const tables = ['businessunit', 'contact', 'demo_sample'];
const never = new AbortController().signal;

let world: World;
beforeAll(async () => {
  world = await startWorld([], 'memory');
}, 120_000);
afterAll(async () => {
  await world.stop();
});

let container = 0;
let queue: WorkQueue;
/** The queue's clock runs ahead of ours by this. */
let aheadMs = 0;
let said: WorkLine[];
beforeEach(() => {
  container += 1;
  aheadMs = 0;
  said = [];
  queue = openMemoryWorkQueue({ now: () => new Date(Date.now() + aheadMs) });
});

async function opened<R>(
  work: (environment: Environment, opened: OpenedWorld) => Promise<R>,
  options: { fetch?: typeof fetch; clock?: Clock } = {},
): Promise<R> {
  const one = await world.open({ ...options, policy: { include: tables }, container: `queue${container}` });
  try {
    return await work(one.environment, one);
  } finally {
    await one.close();
  }
}

function workerIn(environment: Environment): Worker {
  const open = () => Promise.resolve(environment);
  return new Worker({ queue, open, clock, random, log: (line) => said.push(line) });
}

/** Until the queue is empty; what is delayed comes at once. */
async function workAll(...workers: readonly Worker[]): Promise<void> {
  while ((await queue.count()) > 0) {
    const worked = await Promise.all(workers.map((worker) => worker.workOnce(never)));
    if (!worked.includes(true)) aheadMs += 15_000;
  }
}

async function snapshotIds({ vault }: Environment): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of vault.snapshots.list()) ids.push(id);
  return ids;
}

async function contentsOf({ vault }: Environment): Promise<Record<string, unknown>> {
  const snapshot = await vault.snapshots.resolve({ kind: 'latest' });
  const at = await vault.snapshots.tablesAt(snapshot);
  const files = at.get('rowback_file')?.throughSeq ?? 0;
  const contents: Record<string, unknown> = {};
  for (const [folder, { rowCount, status, throughSeq }] of at) {
    if (folder === 'rowback_file') continue;
    contents[folder] = { rowCount, status, hash: await vault.hashes.at(folder, throughSeq, files) };
  }
  return contents;
}

async function marksOf({ control, environmentId }: Environment): Promise<string[]> {
  const names: string[] = [];
  for await (const name of control.listMarks(`${environmentId}/`)) names.push(name);
  return names.map((name) => name.slice(environmentId.length + 1));
}

test('two workers bring a run to the same end as one process, and leave nothing behind', async () => {
  const alone = await opened(async (environment) => {
    await backUpNow(environment, { trigger: 'manual' });
    return contentsOf(environment);
  });
  container += 100;
  await opened(async (environment) => {
    await opened(async (other) => {
      const backups = new QueuedBackups(environment, queue);
      const job = await backups.start({ trigger: 'api' });
      expect(job).toMatchObject({ status: 'running', snapshot: null });
      await workAll(workerIn(environment), workerIn(other));
      const ended = await backups.show(job.id);
      expect(ended).toMatchObject({
        status: 'done',
        error: null,
        progress: { tablesDone: 3, tablesTotal: 3 },
      });
      expect(ended.snapshot?.id).toBe((await snapshotIds(environment))[0]);
      expect(await contentsOf(other)).toEqual(alone);
      expect((await marksOf(environment)).filter((name) => name.startsWith('runs/'))).toEqual([]);
    });
  });
}, 60_000);

test('progress tells of each table while others work', async () => {
  await opened(async (environment) => {
    const backups = new QueuedBackups(environment, queue);
    const { id } = await backups.start({ trigger: 'api' });
    const worker = workerIn(environment);
    await worker.workOnce(never);
    await worker.workOnce(never);
    const { status, progress } = await backups.show(id);
    expect(status).toBe('running');
    expect(progress).toMatchObject({ tablesDone: 1, tablesTotal: 3, secondsLeft: expect.any(Number) });
    const [first, ...others] = progress.tables;
    expect(first).toMatchObject({ table: 'businessunit', state: 'done', rowsExpected: expect.any(Number) });
    expect(first?.rows).toBeGreaterThan(0);
    expect(others.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  });
}, 60_000);

test('one run at a time: another start, and a backup in a process, are refused', async () => {
  await opened(async (environment) => {
    await startRun(environment, queue, { trigger: 'manual' });
    const refused = { code: 'backup-running' };
    await expect(startRun(environment, queue, { trigger: 'manual' })).rejects.toMatchObject(refused);
    await expect(backUpNow(environment, { trigger: 'manual' })).rejects.toMatchObject(refused);
    expect(await queue.count()).toBe(1);
  });
});

test('a run that nobody is at any more gives way to a backup in a process', async () => {
  await opened(async (environment) => {
    const record = await startRun(environment, queue, { trigger: 'manual' });
    await workerIn(environment).workOnce(never);
    const later = { ...environment, clock: { ...clock, now: () => new Date(Date.now() + 31_000) } };
    await backUpNow(later, { trigger: 'manual' });
    await workAll(workerIn(environment));
    expect(said.slice(1).map(({ event }) => event)).toEqual(Array(3).fill('step-dropped'));
    expect(await snapshotIds(environment)).toHaveLength(1);
    const job = await new QueuedBackups(environment, queue).show(record?.id ?? '');
    expect(job).toMatchObject({ status: 'failed', error: { code: 'run-abandoned' } });
  });
}, 60_000);

test('a table that nobody knows is refused before anything is queued', async () => {
  await opened(async (environment) => {
    const start = new QueuedBackups(environment, queue).start({ trigger: 'api', tables: ['nowhere'] });
    await expect(start).rejects.toMatchObject({ code: 'table-unknown' });
    expect(await queue.count()).toBe(0);
  });
});

test('a message that ends every worker is set aside, its table is failed, and the run ends', async () => {
  await opened(async (environment) => {
    const record = await startRun(environment, queue, { trigger: 'manual' });
    const worker = workerIn(environment);
    await worker.workOnce(never);
    for (let time = 1; time <= 5; time += 1) {
      const held = await queue.receive(0);
      expect(held?.text).toContain('"businessunit"');
      // It vanishes; the others wait meanwhile.
    }
    await workAll(worker);
    const [aside] = await queue.listAside();
    expect(JSON.parse(aside?.text ?? '')).toMatchObject({ code: 'message-poisoned' });
    const job = await new QueuedBackups(environment, queue).show(record?.id ?? '');
    expect(job).toMatchObject({ status: 'partly', error: null });
    const snapshot = await environment.vault.snapshots.resolve({ kind: 'latest' });
    expect(snapshot.tables['businessunit']).toMatchObject({
      status: 'failed',
      errors: [{ code: 'message-poisoned' }],
    });
    expect(snapshot.tables['contact']).toMatchObject({ status: 'complete' });
  });
}, 60_000);

test('what is no message of ours is set aside at once', async () => {
  await opened(async (environment) => {
    await queue.send('{"version":9}');
    await workAll(workerIn(environment));
    expect(await queue.listAside()).toHaveLength(1);
    expect(said).toMatchObject([{ event: 'step-set-aside', code: 'message-unknown' }]);
  });
});

test('after a cancel nothing more is read, and the next run goes on', async () => {
  await opened(async (environment) => {
    const first = await startRun(environment, queue, { trigger: 'manual' });
    const worker = workerIn(environment);
    await worker.workOnce(never);
    await worker.workOnce(never);
    await cancelRun(environment);
    await expect(cancelRun(environment)).rejects.toMatchObject({ code: 'backup-not-queued' });
    await workAll(worker);
    expect(said.slice(2).map(({ event }) => event)).toEqual(Array(2).fill('step-dropped'));
    expect(await snapshotIds(environment)).toEqual([]);
    const { status } = await new QueuedBackups(environment, queue).show(first?.id ?? '');
    expect(status).toBe('cancelled');
    await startRun(environment, queue, { trigger: 'manual' });
    await workAll(worker);
    expect(await snapshotIds(environment)).toHaveLength(1);
  });
}, 60_000);

test('steps that come twice, also at once, leave one snapshot', async () => {
  await opened(async (environment) => {
    const record = await startRun(environment, queue, { trigger: 'manual' });
    const twice = {
      ...queue,
      send: async (text: string, delay?: number) => {
        await queue.send(text, delay);
        await queue.send(text, delay);
      },
    };
    const open = () => Promise.resolve(environment);
    const workers = [0, 1].map(
      () => new Worker({ queue: twice, open, clock, random, log: (line) => said.push(line) }),
    );
    await workAll(...workers);
    expect(await snapshotIds(environment)).toHaveLength(1);
    expect((await readNewestRun(environment.control, environment.environmentId))?.id).toBe(record?.id);
    expect(await queue.listAside()).toEqual([]);
  });
}, 60_000);

test('messages that were lost with their queue are sent again, once the run shows no life', async () => {
  await opened(async (environment) => {
    const record = await startRun(environment, queue, { trigger: 'manual' });
    if (record === null) throw new Error('it was asked for');
    const worker = workerIn(environment);
    await worker.workOnce(never);
    await worker.workOnce(never);
    queue = openMemoryWorkQueue({ now: () => new Date(Date.now() + aheadMs) });
    const later = { ...environment, clock: { ...clock, now: () => new Date(Date.now() + 11 * 60_000) } };
    expect(await reviveRun(environment, queue, record)).toBe(false);
    expect(await reviveRun(later, queue, record)).toBe(true);
    expect(await queue.count()).toBe(2);
    await workAll(workerIn(environment));
    expect(await snapshotIds(environment)).toHaveLength(1);
  });
}, 60_000);

test('a lease lost in the middle of a table: the loser commits nothing more, and the message comes again', async () => {
  await opened(async (environment) => {
    await startRun(environment, queue, { trigger: 'manual', tables: ['contact'] });
    await workerIn(environment).workOnce(never);
  });
  let versionThen: number | null | undefined;
  const thief: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const url = String(input instanceof Request ? input.url : input);
    if (versionThen === undefined && url.includes('/contacts?')) {
      versionThen = await opened(
        async ({ vault }) => (await vault.table('contact').state())?.version ?? null,
      );
      // The loser's next renewal has time to learn of it.
      await clock.sleep(400);
    }
    return answer;
  };
  await opened(
    async (environment) => {
      const worker = workerIn({
        ...environment,
        control: stolen(environment.control, () => versionThen !== undefined),
      });
      expect(await worker.workOnce(never)).toBe(true);
      expect(said.at(-1)).toMatchObject({ event: 'step-again', code: 'lease-lost' });
      expect(versionThen).toBeNull();
      expect(await environment.vault.table('contact').state()).toBeNull();
      expect(await queue.count()).toBe(1);
    },
    { fetch: thief, clock: impatientClock },
  );
}, 60_000);

/** Once `isStolen`, every lease that was given is somebody else's. */
function stolen(control: ControlStore, isStolen: () => boolean): ControlStore {
  return {
    ...control,
    async acquireLease(name, seconds) {
      const lease = await control.acquireLease(name, seconds);
      if (lease === 'held') return lease;
      return { ...lease, renew: () => (isStolen() ? Promise.resolve('lost' as const) : lease.renew()) };
    },
  };
}

test('two schedulers start one run; an outage is caught up with one run; quiet hours and a pause start none', async () => {
  await opened(async (environment) => {
    let nowMs = Date.now();
    const stop = new AbortController();
    const lines: string[] = [];
    let looks = 0;
    const pace: Clock = {
      now: () => new Date(nowMs),
      // Each look of a scheduler takes a while, and the two take turns.
      sleep: async (ms, signal) => {
        looks += 1;
        nowMs += ms;
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
      },
    };
    const scheduled = { ...environment, clock: pace };
    const [configured] = world.settings.environments;
    if (configured === undefined) throw new Error('the world has one environment');
    let quiet: QuietHours[] = [];
    const settings = () => ({ ...configured, policy: { ...configured.policy, everyMs: 300_000, quiet } });
    const ports = {
      queue,
      open: () => Promise.resolve(scheduled),
      clock: pace,
      log: ({ event, code }: { event: string; code: string | null }) =>
        lines.push(`${event} ${code ?? ''}`.trim()),
    };
    const schedulers = [0, 1].map(() => keepScheduling(settings, ports, stop.signal));
    const until = async (done: () => Promise<boolean> | boolean) => {
      while (!(await done())) await clock.sleep(5);
    };
    const runs = () => lines.filter((line) => line === 'backup-started').length;
    await until(() => runs() === 1);
    expect(await queue.count()).toBe(1);
    await workAll(workerIn(environment));
    nowMs += 3_600_000;
    await until(() => runs() === 2);
    await until(async () => (await queue.count()) === 1);
    const minute = (ms: number) => new Date(ms).toISOString().slice(11, 16);
    const end = Math.floor(nowMs / 60_000) * 60_000 + 5_400_000;
    quiet = [{ from: minute(nowMs), to: minute(end), timeZone: 'UTC' }];
    await workAll(workerIn(environment));
    nowMs += 3_600_000;
    await until(() => runs() === 3);
    expect(nowMs).toBeGreaterThanOrEqual(end);
    expect(lines).toContain('backup-skipped quiet-hours');
    await until(async () => (await queue.count()) === 1);
    await writePause(environment.control, environment.environmentId, { since: 'now', by: 'somebody' });
    await workAll(workerIn(environment));
    const before = runs();
    const from = looks;
    nowMs += 3_600_000;
    await until(() => looks > from + 30);
    expect(runs()).toBe(before);
    expect(lines).toContain('backup-skipped backup-paused');
    stop.abort();
    await Promise.all(schedulers);
  });
}, 60_000);

import { expect, test } from '@jest/globals';
import { RefusedError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Restore } from '../jobs/contract.ts';
import { answerRun, patienceMs, type Run } from './answer-run.ts';

// Only the status is looked at here; the whole shape is held by the contract's own tests.
const restore = (status: Restore['status']): Restore => ({ status }) as Restore;

/** A clock whose waits end when the test says so. */
function heldClock() {
  const waits: number[] = [];
  let end: () => void = () => undefined;
  const clock: Clock = {
    now: () => new Date(0),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        waits.push(ms);
        end = resolve;
        signal?.addEventListener('abort', () => reject(new Error('called off')));
      }),
  };
  return { clock, waits, pass: () => end() };
}

function aRun(over: Partial<Run> = {}) {
  const failures: unknown[] = [];
  const held = heldClock();
  const run: Run = {
    run: () => Promise.resolve(restore('done')),
    show: () => Promise.resolve(restore('running')),
    clock: held.clock,
    onLateFailure: (error) => failures.push(error),
    ...over,
  };
  return { answer: answerRun(run), failures, ...held };
}

test('a run that ends in time is answered with its result', async () => {
  expect(await aRun().answer).toEqual({ status: 200, body: { status: 'done' } });
});

test('a run that takes longer than a gateway waits goes on, and is answered as running', async () => {
  let fail: (error: Error) => void = () => undefined;
  const work = new Promise<Restore>((_resolve, reject) => (fail = reject));
  const { answer, pass, waits, failures } = aRun({ run: () => work });
  expect(waits).toEqual([patienceMs]);
  pass();
  expect(await answer).toEqual({ status: 202, body: { status: 'running' } });
  fail(new Error('storage is away'));
  await expect(work).rejects.toThrow('storage is away');
  expect(failures).toEqual([new Error('storage is away')]);
});

const busy = () => Promise.reject(new RefusedError('restore-running', 'Under way.', { hint: 'Wait.' }));

test('asked again while it runs, it is answered as running, not as a conflict', async () => {
  expect(await aRun({ run: busy }).answer).toMatchObject({ status: 202 });
});

test('another restore of the record stays a conflict', async () => {
  const { answer } = aRun({ run: busy, show: () => Promise.resolve(restore('planned')) });
  await expect(answer).rejects.toMatchObject({ code: 'restore-running' });
});

test('a run that is refused is told at once', async () => {
  const refused = new RefusedError('not-allowed', 'No.', { hint: 'Ask.' });
  await expect(aRun({ run: () => Promise.reject(refused) }).answer).rejects.toBe(refused);
});

import { RowbackError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Restore } from '../jobs/contract.ts';

/** Flows and gateways give up after two minutes; a restore that is throttled may take longer. */
export const patienceMs = 90_000;

export interface Run {
  readonly run: () => Promise<Restore>;
  /** The restore as it stands. */
  readonly show: () => Promise<Restore>;
  readonly clock: Clock;
  /** Told of a run that failed after its request was answered. The next request to run it goes on from its journal. */
  readonly onLateFailure: (error: unknown) => void;
}

type Answer = { readonly status: 200 | 202; readonly body: Restore };

/** Ended in time: 200. Still running, by this request or an earlier one of the same restore: 202, and it goes on. */
export async function answerRun({ run, show, clock, onLateFailure }: Run): Promise<Answer> {
  const stop = new AbortController();
  const running = run();
  const late = clock.sleep(patienceMs, stop.signal).then(
    () => null,
    // The run was faster, and the wait was called off.
    () => null,
  );
  try {
    const ended = await Promise.race([running, late]);
    if (ended !== null) return { status: 200, body: ended };
    running.catch(onLateFailure);
    return { status: 202, body: await show() };
  } catch (error) {
    if (!(error instanceof RowbackError && error.code === 'restore-running')) throw error;
    const body = await show();
    // Another restore of the same record has the lease: this one waits its turn.
    if (body.status !== 'running') throw error;
    return { status: 202, body };
  } finally {
    stop.abort();
  }
}

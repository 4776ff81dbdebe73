import type { Clock } from '../base/clock.ts';
import type { ControlStore } from '../vault/index.ts';
import { leaseLost } from './errors.ts';

const leaseSeconds = 30;
const renewEveryMs = 10_000;

/**
 * Runs `body` as the only one that holds `name`. The lease is renewed beside it; when it is lost, the signal given to
 * `body` aborts with the reason. Gives 'held' when somebody else has it.
 */
export async function withLease<R>(
  ports: { readonly control: ControlStore; readonly clock: Clock },
  name: string,
  outer: AbortSignal | undefined,
  body: (signal: AbortSignal) => Promise<R>,
): Promise<R | 'held'> {
  const fromMs = ports.clock.now().getTime();
  const lease = await ports.control.acquireLease(name, leaseSeconds);
  if (lease === 'held') return 'held';
  const lost = new AbortController();
  const done = new AbortController();
  const signal = outer === undefined ? lost.signal : AbortSignal.any([outer, lost.signal]);
  const renewing = keepRenewing(ports.clock, fromMs, lease.renew.bind(lease), done.signal, (reason) =>
    lost.abort(reason),
  );
  try {
    return await body(signal);
  } finally {
    done.abort();
    await renewing;
    await lease.release();
  }
}

async function keepRenewing(
  clock: Clock,
  fromMs: number,
  renew: () => Promise<'renewed' | 'lost'>,
  done: AbortSignal,
  lose: (reason: unknown) => void,
): Promise<void> {
  let heldFromMs = fromMs;
  while (!done.aborted) {
    if (!(await slept(clock, renewEveryMs, done))) return;
    const askedMs = clock.now().getTime();
    const outcome = await inTime(clock, renew, heldFromMs + surelyHeldMs - askedMs, done);
    if (outcome === 'done') return;
    if (outcome === 'renewed') heldFromMs = askedMs;
    else if (outcome === 'lost' || clock.now().getTime() - heldFromMs >= surelyHeldMs) {
      lose(leaseLost());
      return;
    }
  }
}

/** Storage counts from when it got our call, and our clock may go a little slower than its own. */
const surelyHeldMs = (leaseSeconds - 5) * 1000;

/**
 * `failed`: the call ended in an error, which proves nothing yet. A call that hangs until the lease may have ended is
 * `lost`: whoever waits for its answer would go on writing beside the next holder.
 */
async function inTime(
  clock: Clock,
  renew: () => Promise<'renewed' | 'lost'>,
  leftMs: number,
  done: AbortSignal,
): Promise<'renewed' | 'lost' | 'failed' | 'done'> {
  const answered = new AbortController();
  const either = AbortSignal.any([done, answered.signal]);
  const asking = renew()
    .catch(() => 'failed' as const)
    .finally(() => answered.abort());
  const waiting = slept(clock, Math.max(0, leftMs), either).then((isOver) =>
    isOver ? ('lost' as const) : done.aborted ? ('done' as const) : asking,
  );
  return Promise.race([asking, waiting]);
}

/** False: ended before the time was over. */
function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}

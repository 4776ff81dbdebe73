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
  const lease = await ports.control.acquireLease(name, leaseSeconds);
  if (lease === 'held') return 'held';
  const lost = new AbortController();
  const done = new AbortController();
  const signal = outer === undefined ? lost.signal : AbortSignal.any([outer, lost.signal]);
  const renewing = keepRenewing(ports.clock, lease.renew.bind(lease), done.signal, (reason) =>
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
  renew: () => Promise<'renewed' | 'lost'>,
  done: AbortSignal,
  lose: (reason: unknown) => void,
): Promise<void> {
  while (!done.aborted) {
    const woken = await clock.sleep(renewEveryMs, done).then(
      () => true,
      () => false,
    );
    if (!woken) return;
    const outcome = await renew().catch(() => 'lost' as const);
    if (outcome === 'lost') {
      lose(leaseLost());
      return;
    }
  }
}

import type { Clock } from '../../base/clock.ts';

/**
 * Milliseconds that never go back. Where the clock is set back they go on from where they were: a wait that ends at a
 * certain time would otherwise last longer by as much as the clock was set.
 */
export function steadyTime(clock: Clock): () => number {
  let last = Number.NEGATIVE_INFINITY;
  let offset = 0;
  return () => {
    const now = clock.now().getTime();
    if (now + offset < last) offset = last - now;
    last = now + offset;
    return last;
  };
}

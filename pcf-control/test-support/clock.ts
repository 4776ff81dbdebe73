import { abortReason, type Clock } from '../RecordHistory/services/clock';

/** Waits for nothing, and counts what it would have waited. */
export function immediateClock(): Clock & { waitedMs: () => number } {
  let waitedMs = 0;
  return {
    now: () => Date.now(),
    wait: (waitMs, signal) => {
      waitedMs += waitMs;
      return signal.aborted ? Promise.reject(abortReason()) : Promise.resolve();
    },
    waitedMs: () => waitedMs,
  };
}

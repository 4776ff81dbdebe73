import { setTimeout as wait } from 'node:timers/promises';

/** Time as a port: the pretend service reads and waits only through it, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A driven clock does not move while `busy` is true: work is under way that the event loop does not show. */
  holdWhile?(busy: () => boolean): void;
}

export const realClock: Clock = {
  now: Date.now,
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};

/* eslint-disable @typescript-eslint/require-await -- a failure must come as a rejection here too */
import type { Clock } from '../base/clock.ts';
import type { AsideMessage, HeldMessage, WorkQueue } from './work-queue.ts';

interface Waiting {
  readonly text: string;
  visibleAtMs: number;
  timesReceived: number;
  /** Whoever received it last. */
  holder: symbol | null;
}

/** A queue in memory, with the promises of the real one; what is held becomes visible again by the given clock. */
export function openMemoryWorkQueue(clock: Pick<Clock, 'now'>): WorkQueue {
  const waiting = new Set<Waiting>();
  const aside: AsideMessage[] = [];
  const nowMs = (): number => clock.now().getTime();

  function held(message: Waiting, holder: symbol): HeldMessage {
    const isOurs = () => waiting.has(message) && message.holder === holder;
    return {
      text: message.text,
      timesReceived: message.timesReceived,
      async renew(seconds) {
        if (!isOurs()) return 'lost';
        message.visibleAtMs = nowMs() + seconds * 1000;
        return 'renewed';
      },
      async remove() {
        if (isOurs()) waiting.delete(message);
      },
    };
  }

  return {
    async send(text, delaySeconds = 0) {
      waiting.add({ text, visibleAtMs: nowMs() + delaySeconds * 1000, timesReceived: 0, holder: null });
    },
    async receive(holdSeconds) {
      for (const message of waiting) {
        if (message.visibleAtMs > nowMs()) continue;
        const holder = Symbol('holder');
        message.holder = holder;
        message.timesReceived += 1;
        message.visibleAtMs = nowMs() + holdSeconds * 1000;
        return held(message, holder);
      }
      return null;
    },
    count: async () => waiting.size,
    async setAside(text) {
      aside.push({ text, setAsideAt: clock.now().toISOString() });
    },
    listAside: async () => aside.slice(0, 32),
    async clearAside() {
      aside.length = 0;
    },
  };
}

/* eslint-disable @typescript-eslint/require-await -- a failure must come as a rejection here too */
import type { Clock } from '../../base/clock.ts';
import type { ControlStore, Lease } from './control-store.ts';

interface Held {
  readonly owner: symbol;
  readonly untilMs: number;
}

/** Leases and marks in memory; leases end by the given clock. */
export function openMemoryControlStore(clock: Pick<Clock, 'now'>): ControlStore {
  const leases = new Map<string, Held>();
  const marks = new Map<string, string>();
  const nowMs = (): number => clock.now().getTime();

  function lease(name: string, owner: symbol, seconds: number): Lease {
    const isOurs = (): boolean => leases.get(name)?.owner === owner;
    const hold = (): void => void leases.set(name, { owner, untilMs: nowMs() + seconds * 1000 });
    hold();
    return {
      // Like Azure's: one that ended and that nobody took since can still be renewed.
      async renew() {
        if (!isOurs()) return 'lost';
        hold();
        return 'renewed';
      },
      async release() {
        if (isOurs()) leases.delete(name);
      },
    };
  }

  return {
    async acquireLease(name, seconds) {
      const held = leases.get(name);
      if (held !== undefined && held.untilMs > nowMs()) return 'held';
      return lease(name, Symbol(name), seconds);
    },
    async readMark(name) {
      const text = marks.get(name);
      return text === undefined ? null : (JSON.parse(text) as unknown);
    },
    async writeMark(name, document) {
      marks.set(name, JSON.stringify(document));
    },
    async removeMark(name) {
      marks.delete(name);
    },
    async *listMarks(prefix) {
      yield* [...marks.keys()].filter((name) => name.startsWith(prefix)).sort();
    },
  };
}

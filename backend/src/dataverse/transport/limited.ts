import type { Clock } from '../../base/clock.ts';
import { DataverseError } from '../errors.ts';
import { Budget } from './budget.ts';
import { follow, Parallelism } from './parallelism.ts';
import type { Transport, TransportResponse } from './port.ts';
import { refusalIn, withBody, type Refusal } from './refusal-in.ts';
import { parallelismHint, retryAfterMs } from './responses.ts';
import { Portion } from './portion.ts';
import type { Slot, Use } from './slot.ts';
import { steadyTime } from './steady-time.ts';
import { throttlingOf } from './throttling.ts';
import { deferred, Turns, unlessAborted } from './turns.ts';

/** What one web server takes from one user within 300 seconds, and at once, as documented. */
export const documentedLimits: ServiceLimits = { requests: 6000, seconds: 1200, atOnce: 52 };
/** Below the documented limit, which counts requests that we believe ended already. */
const mostAtOnce = 48;
/** Whoever would wait longer than this gets the refusal. */
const longestPauseMs = 30 * 60_000;
/** Where a refusal names no time. */
const pauseMs = 1000;
const lookAgainMs = 1000;

export interface ServiceLimits {
  readonly requests: number;
  readonly seconds: number;
  readonly atOnce: number;
}

export interface LimitOptions {
  readonly clock: Clock;
  /** At most so many at once, whatever the service advises. */
  readonly most?: number;
  /** Part of the user's limits that we may use, above 0, up to 1. */
  readonly share?: number;
  /** What one web server is said to take; Dataverse's documented limits where nothing is said. */
  readonly limits?: ServiceLimits;
  /** Where other processes use the same user: our part of the share. Without one all of it is ours. */
  readonly slot?: Slot;
}

/** The wrapper, and how soon a request could go through it, for those who choose among several. */
export interface Limited extends Transport {
  /** A rough measure, in milliseconds. */
  backlogMs(): number;
}

/**
 * Keeps one user within the limits of the service, which count requests and seconds of execution in a sliding 300
 * seconds and requests at once, each per web server. Nothing but refusals teaches us; the headers that tell what is left
 * are of one server among several, and may be absent or wrong. A refusal, also one of a batch's parts, stops all requests of the user until its
 * `Retry-After` is over: ignoring it lengthens it. A place is held until the headers are there, not while a body is read
 * slowly. Requests go in the order in which they came.
 */
export function limited(inner: Transport, options: LimitOptions): Limited {
  const gate = new Gate(options);
  return {
    backlogMs: () => gate.backlogMs(),
    async send(request) {
      const pass = await gate.enter(request.signal, request.background ?? false);
      try {
        const response = await withBody(await inner.send({ ...request, waitedMs: pass.waitedMs }));
        await gate.learn(pass, response);
        return response;
      } finally {
        gate.leave(pass);
      }
    },
  };
}

/** What a request waits for besides a place. */
type Reason = 'requests' | 'seconds' | 'pause';

interface Pass {
  readonly sentAtMs: number;
  readonly waitedMs: number;
  readonly wasFull: boolean;
}

class Gate {
  readonly #clock: Clock;
  readonly #nowMs: () => number;
  readonly #turns = new Turns();
  readonly #places: Parallelism;
  readonly #requests: Budget;
  readonly #seconds: Budget;
  readonly #portion: Portion | null;
  #freed = deferred();
  #pausedUntil = 0;
  /** Of those under way. */
  #startSumMs = 0;
  #usualSeconds = 0;

  constructor({ clock, most, share = 1, limits = documentedLimits, slot }: LimitOptions) {
    this.#clock = clock;
    this.#nowMs = steadyTime(clock);
    const places = Math.floor(limits.atOnce * share);
    this.#places = new Parallelism(Math.min(most ?? mostAtOnce, mostAtOnce, places));
    const ours = () => (share < 1 ? (slot?.allowance?.fair ?? share) : share);
    this.#requests = new Budget({ documented: limits.requests, share: ours, isExact: true });
    this.#seconds = new Budget({ documented: limits.seconds, share: ours, isExact: false });
    this.#portion = slot === undefined ? null : new Portion(slot, { isDivided: share < 1 });
    slot?.attend(() => this.#use());
  }

  #use(): Use {
    const nowMs = this.#nowMs();
    const places = this.#places.takePeak();
    return { part: this.#usedPart(nowMs), places, requests: this.#portion?.takeSent() ?? 0 };
  }

  #nextPart(nowMs: number): number {
    return this.#usedPart(nowMs, 1, this.#usualSeconds);
  }

  /** Of the limit that is nearer, if so much more were used. */
  #usedPart(nowMs: number, requests = 0, seconds = 0): number {
    const used = this.#seconds.used(nowMs) + this.#pendingSeconds(nowMs) + seconds;
    return Math.max(
      (this.#requests.used(nowMs) + requests) / this.#requests.whole,
      used / this.#seconds.whole,
    );
  }

  enter(signal: AbortSignal | undefined, isBackground: boolean): Promise<Pass> {
    const cameAtMs = this.#nowMs();
    return this.#turns.take(async () => {
      const heldMs: Record<Reason, number> = { requests: 0, seconds: 0, pause: 0 };
      for (;;) {
        signal?.throwIfAborted();
        if (this.#places.isFull || this.#portion?.isFull(this.#places.running) === true) {
          await unlessAborted(this.#freed.promise, signal);
          continue;
        }
        const nowMs = this.#nowMs();
        this.#refuseLongPause(nowMs);
        if (this.#portion?.isLess(this.#usedPart(nowMs), this.#nextPart(nowMs)) === true) {
          await this.#portion.more(signal);
          continue;
        }
        if (isBackground && this.#portion?.isDayOver === true) throw dayOver();
        const due = this.#due(nowMs);
        if (due.atMs <= nowMs) return this.#go(nowMs, cameAtMs, heldMs);
        // Asked anew after each sleep, and nothing comes between the last look and the request. What others finish
        // meanwhile may have made room, but a pause does not get shorter.
        const waitMs = due.by === 'pause' ? due.atMs - nowMs : Math.min(lookAgainMs, due.atMs - nowMs);
        await this.#clock.sleep(Math.ceil(waitMs), signal);
        heldMs[due.by] += this.#nowMs() - nowMs;
      }
    }, signal);
  }

  #due(nowMs: number): { readonly atMs: number; readonly by: Reason } {
    const requestsAt = this.#requests.dueAt(nowMs, 1);
    const secondsAt = this.#seconds.dueAt(nowMs, this.#usualSeconds, this.#pendingSeconds(nowMs));
    const atMs = Math.max(this.#pausedUntil, requestsAt, secondsAt);
    if (atMs === this.#pausedUntil) return { atMs, by: 'pause' };
    return { atMs, by: atMs === requestsAt ? 'requests' : 'seconds' };
  }

  #go(nowMs: number, cameAtMs: number, heldMs: Readonly<Record<Reason, number>>): Pass {
    const paused = heldMs.pause > 0;
    const pending = this.#pendingSeconds(nowMs);
    this.#requests.go(nowMs, 1, 0, { ms: heldMs.requests, paused });
    this.#seconds.go(nowMs, this.#usualSeconds, pending, { ms: heldMs.seconds, paused });
    this.#requests.add(nowMs, 1);
    this.#portion?.sent();
    this.#places.enter();
    this.#startSumMs += nowMs;
    return { sentAtMs: nowMs, waitedMs: nowMs - cameAtMs, wasFull: this.#places.isFull };
  }

  leave(pass: Pass): void {
    this.#places.leave();
    this.#startSumMs -= pass.sentAtMs;
    const { resolve } = this.#freed;
    this.#freed = deferred();
    resolve();
  }

  async learn(pass: Pass, response: TransportResponse): Promise<void> {
    const nowMs = this.#nowMs();
    this.#places.hear(parallelismHint(response));
    const refusal = await refusalIn(response);
    if (refusal !== null) await this.#refused(nowMs, pass, refusal);
    if (refusal?.letIn === false) return;
    const seconds = (nowMs - pass.sentAtMs) / 1000;
    this.#seconds.add(nowMs, seconds);
    this.#usualSeconds = follow(this.#usualSeconds, seconds, 1 / 20);
    if (response.status < 400) this.#places.answered(nowMs, nowMs - pass.sentAtMs, pass.wasFull);
    if (response.status === 503) this.#pause(nowMs, retryAfterMs(response) ?? 0);
  }

  async #refused(nowMs: number, { sentAtMs }: Pass, { answer, letIn }: Refusal): Promise<void> {
    const { kind, limit } = await throttlingOf(answer);
    if (!letIn) this.#requests.add(nowMs, -1, sentAtMs);
    if (kind === 'requests') this.#requests.refused(nowMs, sentAtMs, limit);
    else if (kind === 'execution-time') this.#seconds.refused(nowMs, sentAtMs, null);
    else this.#places.tooMany(nowMs, sentAtMs);
    this.#pause(nowMs, retryAfterMs(answer) ?? pauseMs);
  }

  #pause(nowMs: number, ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, nowMs + ms);
  }

  #refuseLongPause(nowMs: number): void {
    const leftMs = this.#pausedUntil - nowMs;
    if (leftMs <= longestPauseMs) return;
    throw new DataverseError(`The service asks to wait until ${new Date(this.#pausedUntil).toISOString()}.`, {
      kind: 'throttled',
      status: 429,
      serviceCode: '',
      requestId: null,
    });
  }

  /** At least what such requests usually take, at least what they have taken already. */
  #pendingSeconds(nowMs: number): number {
    const { running } = this.#places;
    return Math.max(running * this.#usualSeconds, (running * nowMs - this.#startSumMs) / 1000);
  }

  backlogMs(): number {
    const nowMs = this.#nowMs();
    const ahead = this.#turns.waiting + this.#places.running;
    return Math.max(0, this.#due(nowMs).atMs - nowMs) + ahead * 1000 * Math.max(this.#usualSeconds, 0.001);
  }
}

function dayOver(): DataverseError {
  const message = 'The requests that the policy allows within 24 hours are used up.';
  return new DataverseError(message, { kind: 'daily-budget', status: 0, serviceCode: '', requestId: null });
}

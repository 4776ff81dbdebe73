import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { documentedLimits, type Allowance, type Slot, type Use } from '../../dataverse/index.ts';
import type { ControlStore } from '../../vault/index.ts';
import { divide, leave, steps, validMs, type Whole } from './divide.ts';
import { budgetName, countRequests, readBudget, requestsOfDay, type BudgetMark } from './mark.ts';
import type { EnvironmentSettings } from '../settings.ts';

export interface SlotPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** How often a slot that is in use is renewed. */
const renewEveryMs = 10_000;
/** Who was given nothing more asks again after this at the earliest. */
const againMs = 2000;
/** Unused for so long it is given back, and asked for again with the next request. */
const idleMs = 60_000;
const leaseSeconds = 15;
/** Whoever holds the lease for longer than this writes nothing: another may hold it by then. */
const surelyHeldMs = 10_000;
const lookAgainMs = 100;
/** Whoever ends waits no longer than this to say so. */
const goodbyeMs = 2000;

/**
 * This process's slot in the budget that all processes share, kept in one mark of the control container: changed under
 * its lease, renewed every ten seconds while requests go out, and given back when none do. See `divide.ts` for who gets
 * what. A process that cannot renew stops sending before its part goes to others; one that is killed holds up at most
 * a step more than it used.
 */
export class SharedSlot implements Slot {
  readonly #ports: SlotPorts;
  readonly #name: string;
  readonly #whole: Whole;
  readonly #id: string;
  readonly #uses: (() => Use)[] = [];
  #given: Allowance | null = null;
  #validUntilMs = Number.NEGATIVE_INFINITY;
  #step = steps.least;
  #waiting: Waiter[] = [];
  /** Not null: a loop keeps the slot. */
  #keeping: Promise<void> | null = null;
  #wake = new AbortController();
  #usedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  /** As last read, with ours in it; and those of ours that are not in it yet. */
  #hours: BudgetMark['hours'] = {};
  #unsaid = 0;
  #dailyRequests: number | null = null;

  /** @param name of lease and mark */
  constructor(ports: SlotPorts, name: string, whole: Whole) {
    this.#ports = ports;
    this.#name = name;
    this.#whole = whole;
    this.#id = ports.random.uuid();
  }

  get allowance(): Allowance | null {
    return this.#nowMs() < this.#validUntilMs ? this.#given : null;
  }

  get isDayOver(): boolean {
    if (this.#dailyRequests === null) return false;
    return requestsOfDay(this.#hours, this.#nowMs()) + this.#unsaid >= this.#dailyRequests;
  }

  /** Requests of all processes within 24 hours after which those in the background end; null: any number. */
  useDailyRequests(count: number | null): void {
    this.#dailyRequests = count;
  }

  attend(use: () => Use): void {
    this.#uses.push(use);
  }

  more(signal?: AbortSignal): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      // The reason of an abort is whatever its sender gave.
      const abort = () => reject(signal?.reason as Error);
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      const done = () => signal?.removeEventListener('abort', abort);
      this.#waiting.push({ resolve, reject, done });
      this.#wake.abort();
      this.#keeping ??= this.#keep();
    });
  }

  /** Gives it back; what was used stays counted. Nothing may be sent any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake.abort();
    await this.#keeping;
    if (this.#given !== null) await this.#leave();
  }

  async #keep(): Promise<void> {
    while (!this.#isClosed) {
      const before = this.allowance?.part ?? 0;
      const failure = await this.#renew(this.#waiting.length > 0).then(
        () => null,
        (error: unknown) => ({ error }),
      );
      this.#answer(failure);
      const isIdle = this.#nowMs() - this.#usedAtMs >= idleMs;
      if (isIdle) await this.#leave();
      if (this.#waiting.length === 0 && (isIdle || this.allowance === null)) break;
      await this.#rest((this.allowance?.part ?? 0) > before);
    }
    this.#keeping = null;
    this.#answer({ error: closed() });
  }

  /** Whoever was given more and asks again gets an answer at once. */
  async #rest(gotMore: boolean): Promise<void> {
    const { clock } = this.#ports;
    if (this.#isClosed) return;
    const fromMs = this.#nowMs();
    this.#wake = new AbortController();
    if (this.#waiting.length === 0) await clock.sleep(renewEveryMs, this.#wake.signal).catch(() => undefined);
    const leftMs = fromMs + againMs - this.#nowMs();
    if (!gotMore && leftMs > 0 && !this.#isClosed) await clock.sleep(leftMs);
  }

  /** An answer for all who asked; the reason to those who have no slot to go on with. */
  #answer(failure: { readonly error: unknown } | null): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve, reject, done } of waiting) {
      done();
      if (failure !== null && this.allowance === null) reject(failure.error);
      else resolve();
    }
  }

  async #renew(isAsked: boolean): Promise<void> {
    if (isAsked) this.#usedAtMs = this.#nowMs();
    await this.#changing((mark, nowMs) => {
      const use = this.#use(nowMs);
      this.#step = isAsked ? Math.min(steps.most, this.#step * 2) : Math.max(steps.least, this.#step / 2);
      const { members, allowance } = divide(
        mark.members,
        { id: this.#id, use, step: this.#step },
        nowMs,
        this.#whole,
      );
      // What becomes less is so before others can read it.
      if (this.#given !== null) this.#given = lesser(this.#given, allowance);
      const done = () => {
        this.#given = allowance;
        this.#validUntilMs = nowMs + validMs;
      };
      return { mark: { ...mark, members }, done };
    });
  }

  /** Who cannot say goodbye is taken for killed: nothing is lost but a little time for others. */
  async #leave(): Promise<void> {
    this.#validUntilMs = Number.NEGATIVE_INFINITY;
    this.#given = null;
    await this.#changing((mark, nowMs) => {
      const members = leave(mark.members, this.#id, this.#use(nowMs).part, nowMs);
      return { mark: { ...mark, members }, done: () => undefined };
    }).catch(() => undefined);
  }

  /** Reads, changes and writes the mark as the only one who does. */
  async #changing(
    change: (mark: BudgetMark, nowMs: number) => { readonly mark: BudgetMark; readonly done: () => void },
  ): Promise<void> {
    const { control, clock, random } = this.#ports;
    const fromMs = this.#nowMs();
    for (;;) {
      const askedMs = this.#nowMs();
      const lease = await control.acquireLease(this.#name, leaseSeconds);
      if (lease === 'held') {
        if (this.#isClosed && askedMs - fromMs > goodbyeMs) return;
        await clock.sleep(lookAgainMs * (1 + random.fraction()));
        continue;
      }
      try {
        const mark = await readBudget(control, this.#name);
        const nowMs = this.#nowMs();
        if (nowMs - askedMs > surelyHeldMs) continue;
        const changed = change(mark, nowMs);
        const said = this.#unsaid;
        const hours = countRequests(mark.hours, nowMs, said);
        await control.writeMark(this.#name, { ...changed.mark, hours });
        this.#unsaid -= said;
        this.#hours = hours;
        changed.done();
        return;
      } finally {
        await lease.release();
      }
    }
  }

  /** Of all application users the most: each has limits of its own, and gets the same part. */
  #use(nowMs: number): Use {
    const uses = this.#uses.map((use) => use());
    const requests = uses.reduce((sum, use) => sum + use.requests, 0);
    if (requests > 0) this.#usedAtMs = nowMs;
    this.#unsaid += requests;
    const most = (of: (use: Use) => number) => Math.max(0, ...uses.map(of));
    return { part: most(({ part }) => part), places: most(({ places }) => places), requests };
  }

  #nowMs(): number {
    return this.#ports.clock.now().getTime();
  }
}

/** For all application users of this environment. */
export function openSlot(
  { url, policy }: Pick<EnvironmentSettings, 'url' | 'policy'>,
  { control }: Pick<SlotPorts, 'control'>,
  { clock, random }: Pick<SlotPorts, 'clock' | 'random'>,
): SharedSlot {
  const whole = { share: policy.share, atOnce: documentedLimits.atOnce };
  const slot = new SharedSlot({ control, clock, random }, budgetName(url), whole);
  slot.useDailyRequests(policy.dailyRequests);
  return slot;
}

function lesser(one: Allowance, other: Allowance): Allowance {
  return {
    part: Math.min(one.part, other.part),
    fair: Math.min(one.fair, other.fair),
    places: Math.min(one.places, other.places),
  };
}

function closed(): TypeError {
  return new TypeError('a slot that was given back is asked for more');
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  readonly done: () => void;
}

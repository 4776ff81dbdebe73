import type { ApiRequest } from '../../http/api.ts';
import { seededRandom } from '../../model/guid.ts';
import { changeTokenOf, KINDS, pathOf, type FaultKind } from './kinds.ts';
import { planDay, type DayOptions, type DayPlan, type PlannedKind } from './plan.ts';

/** One thing that went wrong; tests read these to see that what was planned happened. */
export interface FaultRecord {
  /** Which request of the day, from 1. */
  readonly request: number;
  readonly kind: FaultKind;
  readonly method: string;
  readonly resource: string;
  /** What exactly, in words. */
  detail: string;
}

/** Decides request by request what goes wrong, and remembers it. */
export class BadDay {
  readonly plan: DayPlan;
  readonly faults: FaultRecord[] = [];
  readonly random: () => number;
  #requests = 0;
  #stopped = false;
  #running: { readonly kind: FaultKind; left: number } | undefined;
  readonly #expired = new Set<string>();

  constructor(options: DayOptions) {
    this.plan = planDay(options);
    this.random = seededRandom(options.seed ^ 0x5bd1e995);
  }

  get over(): boolean {
    return this.#stopped || this.#requests > this.plan.endsAfter;
  }

  get skewMs(): number {
    return this.over ? 0 : this.plan.skewMs;
  }

  /** Nothing goes wrong any more; what has expired stays expired. */
  stop(): void {
    this.#stopped = true;
  }

  /** What goes wrong with this request, if anything does. */
  draw(request: ApiRequest): FaultRecord | undefined {
    this.#requests++;
    const token = changeTokenOf(request.resource);
    this.#forget(request, token);
    const kind =
      token !== undefined && this.#expired.has(token) ? 'expiredChangeToken' : this.#drawKind(request);
    if (kind === undefined) return undefined;
    if (kind === 'expiredChangeToken' && token !== undefined) this.#expired.add(token);
    const { method, resource } = request;
    const fault = { request: this.#requests, kind, method, resource, detail: '' };
    this.faults.push(fault);
    return fault;
  }

  #drawKind(request: ApiRequest): FaultKind | undefined {
    if (this.over) return undefined;
    if (this.#running !== undefined && this.#running.left-- > 0 && KINDS[this.#running.kind](request))
      return this.#running.kind;
    this.#running = undefined;
    const drawn = this.plan.kinds.find(
      ({ kind, oneIn }: PlannedKind) => KINDS[kind](request) && this.random() % oneIn === 0,
    );
    if (drawn === undefined) return undefined;
    this.#running = { kind: drawn.kind, left: this.random() % drawn.run };
    return drawn.kind;
  }

  /** A fresh first read brings a new token, which may look like the old one where nothing has changed. */
  #forget({ resource, headers }: ApiRequest, token: string | undefined): void {
    if (
      this.#expired.size === 0 ||
      token !== undefined ||
      headers.get('prefer')?.includes('track-changes') !== true
    )
      return;
    const start = `${pathOf(resource)} `;
    for (const expired of this.#expired) if (expired.startsWith(start)) this.#expired.delete(expired);
  }
}

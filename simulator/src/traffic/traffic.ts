import type { ApiRequest, ApiResponse } from '../http/api.ts';
import { seededRandom } from '../model/guid.ts';
import type { Switches } from '../service/switches.ts';
import { BadDay } from './bad-days/bad-day.ts';
import type { DayOptions } from './bad-days/plan.ts';
import { realClock, type Clock } from './clock.ts';
import { CostModel } from './cost-model.ts';
import { DOCUMENTED_LIMITS, limitsUnder, type Facet, type Limits } from './limits.ts';
import { Protection } from './protection.ts';
import { Visit } from './visit.ts';
import { WebServers } from './web-servers.ts';

export interface TrafficOptions {
  /** The real one unless given. Give the environment the same one. */
  readonly clock?: Clock;
  /** What servers and noise are drawn from. */
  readonly seed?: number;
  /** Service protection: as documented, other figures, or none (the default). */
  readonly limits?: boolean | Partial<Limits>;
  /** How many web servers there are; each has its own limits. One unless given. */
  readonly servers?: number;
  /** Latency as a multiple of the model's; 0 (the default) answers at once. */
  readonly latency?: number;
  /** Milliseconds that every answer waits besides; none unless given. */
  readonly delayMs?: number;
  /** `x-ms-dop-hint`; four for each server unless given. */
  readonly dopHint?: number;
  readonly badDay?: DayOptions;
}

/** Counts since the start, of requests whose caller was known. */
export interface TrafficCounts {
  accepted: number;
  readonly refused: Record<Facet, number>;
}

/**
 * What lies between the network and the service: web servers, the limits of each user, and the time that requests
 * take. One for each running service.
 */
export class Traffic {
  readonly clock: Clock;
  readonly servers: WebServers;
  readonly cost: CostModel;
  readonly protection: Protection | undefined;
  readonly latency: number;
  readonly delayMs: number;
  readonly dopHint: number;
  readonly switches: () => Switches;
  readonly counts: TrafficCounts = {
    accepted: 0,
    refused: { requests: 0, executionTime: 0, concurrency: 0 },
  };
  /** What goes wrong today; undefined on a good day. */
  day: BadDay | undefined;
  #atWork = 0;

  /** @param switches those of the moment; they may turn while the service runs */
  constructor(switches: () => Switches, options: TrafficOptions = {}) {
    const { limits = false, servers = 1, seed = 1 } = options;
    this.switches = switches;
    this.clock = options.clock ?? realClock;
    this.servers = new WebServers(servers, seededRandom(seed));
    this.cost = new CostModel(seededRandom(seed + 1));
    this.latency = options.latency ?? 0;
    this.delayMs = options.delayMs ?? 0;
    this.dopHint = options.dopHint ?? 4 * servers;
    this.day = options.badDay === undefined ? undefined : new BadDay(options.badDay);
    const figures = { ...DOCUMENTED_LIMITS, ...(typeof limits === 'object' ? limits : {}) };
    this.protection = limits === false ? undefined : new Protection(figures, switches);
    this.clock.holdWhile?.(() => this.#atWork > 0);
  }

  /** Takes a request from its arrival to its answer. `work` is done for those that are let in. */
  async pass(request: ApiRequest, work: (visit: Visit) => Promise<ApiResponse>): Promise<ApiResponse> {
    this.#atWork++;
    try {
      const visit = new Visit(this, request);
      return await visit.leave(await work(visit));
    } finally {
      this.#atWork--;
    }
  }

  /** What a refusal names; also a storm on a day without service protection has figures. */
  get limits(): Limits {
    return this.protection?.limits ?? limitsUnder(DOCUMENTED_LIMITS, this.switches());
  }

  /** The time by the service's own clock, which is off on some days. */
  serviceNow(): number {
    return this.clock.now() + (this.day?.skewMs ?? 0);
  }

  /** Waits by the clock; a driven one may move meanwhile. */
  async sleep(ms: number): Promise<void> {
    this.#atWork--;
    try {
      await this.clock.sleep(ms);
    } finally {
      this.#atWork++;
    }
  }
}

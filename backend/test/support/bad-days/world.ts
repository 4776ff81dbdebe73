import {
  BadDay,
  builtInSchema,
  createEnvironment,
  createSite,
  demoEnvironment,
  DrivenClock,
  importSolution,
  localFetch,
  sequentialIds,
  Traffic,
  withBulkTables,
  type Environment,
  type TrafficOptions,
} from '@rowback/simulator';
import type { Clock } from '../../../src/base/clock.ts';
import { openClient, tokenSource } from '../../../src/dataverse/index.ts';
import type { DataverseClient, TableDetails, TokenSource } from '../../../src/dataverse/index.ts';
import { seeded } from '../seeded.ts';
import { SomebodyElse } from './somebody-else.ts';
import { Witness } from './witness.ts';

const startMs = Date.UTC(2026, 6, 1, 12);
const url = 'http://dataverse.test';
const clientSecret = 'secret of the bad days';
/** More requests than any day has: ours are bad to their end. */
const endless = 1_000_000;

const many = { name: 'new_many', rows: 3000, columns: 30 };
/** An ordinary table, one with thousands of generated rows, and an elastic one. */
export const watched = ['account', 'new_many', 'demo_reading'] as const;
const others = ['demo_sample', 'annotation', 'email', 'contact', 'systemuser'] as const;
export type WatchedName = (typeof watched)[number];
export type TableName = WatchedName | (typeof others)[number];

/** One environment on one bad day, and the real client in it. */
export interface Day {
  readonly client: DataverseClient;
  readonly traffic: Traffic;
  readonly table: (name: TableName) => TableDetails;
  readonly witness: (name: WatchedName) => Witness;
  /** Asks the same environment where nothing goes wrong. */
  readonly outsider: DataverseClient;
  /** How long the day has lasted by its clock; tokens are good for an hour. */
  lastedMs(): number;
  /** Lets time pass until the work has ended. */
  run<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

export interface World {
  day(seed: number): Promise<Day>;
}

/**
 * Days that all begin with the same environment at the same time, in this process and without sockets. Each has a clock,
 * web servers, limits and a client of its own; what costs much and says nothing about a day is made once.
 */
export async function openWorld(): Promise<World> {
  const time = { clock: new DrivenClock(startMs), newId: sequentialIds(startMs) };
  const environment = createEnvironment({
    ...withBulkTables(demoEnvironment(builtInSchema(), { size: 1, seed: 7, special: true }), [many], 7),
    identity: { clientSecret },
    now: () => time.clock.now(),
    newId: () => time.newId(),
    importSolution,
  });
  const quiet = localFetch(await createSite(environment, { open: true }));
  const outsider = clientOf({ fetch: quiet, clock: time.clock, random: () => 0, tokens: anyToken });
  const details = await outsider.readTableDetails([...watched, ...others]);
  const shared = {
    environment,
    quiet,
    outsider,
    tables: new Map(details.map((table) => [table.name, table])),
  };
  const beginning = environment.database.snapshot();
  return {
    day: async (seed) => {
      time.clock = new DrivenClock(startMs);
      time.newId = sequentialIds(startMs);
      environment.database.reset(beginning);
      return openDay(shared, time.clock, seed);
    },
  };
}

interface Shared {
  readonly environment: Environment;
  /** Reaches the environment where nothing goes wrong, and any token is taken. */
  readonly quiet: typeof fetch;
  readonly outsider: DataverseClient;
  readonly tables: ReadonlyMap<string, TableDetails>;
}

async function openDay(shared: Shared, clock: DrivenClock, seed: number): Promise<Day> {
  const { environment, quiet, outsider, tables } = shared;
  const traffic = new Traffic(() => environment.switches, { clock, seed, ...limitsOf(seed) });
  const wire = holding(localFetch(await createSite(environment, { open: false, traffic })), clock);
  const table = (name: TableName): TableDetails => tables.get(name)!; // all of them were read
  const witnesses = new Map(watched.map((name) => [name, new Witness(environment, table(name))]));
  for (const { look } of witnesses.values()) environment.watchers.add(look);
  const somebody = new SomebodyElse(quiet, url, [...witnesses.values()], seeded(seed ^ 0x0e15e));
  let bad = false;
  const client = clientOf({
    fetch: async (input, init) => {
      if (bad) await somebody.perhapsWrites();
      return wire(input, init);
    },
    clock,
    random: seeded(seed ^ 0x5eed),
    tokens: tokensOf(environment.identity, wire, clock),
  });
  // What tables there are was known before the day became bad: a write would ask for it first.
  await clock.run(client.readTables());
  // The first token is soon over.
  await clock.advance(57 * 60_000);
  traffic.day = new BadDay({ seed, otherPeople: true, endsAfter: endless });
  bad = true;
  return {
    client,
    traffic,
    table,
    witness: (name) => witnesses.get(name)!, // one for each name
    outsider,
    lastedMs: () => clock.now() - startMs,
    run: (work) => clock.run(work),
    end: () => environment.watchers.clear(),
  };
}

/** Every other day has limits, and time passes by as long as requests take; they are low, so that they are met. */
function limitsOf(seed: number): TrafficOptions {
  const random = seeded(seed ^ 0x11317);
  if (random() < 0.5) return { latency: random() < 0.5 ? 0 : 1 };
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
  // One of the two binds, or neither would be met behind the other.
  const budget = random() < 0.5 ? { requests: between(15, 80) } : { executionMs: between(600, 4_000) };
  return { latency: 1, servers: between(1, 4), limits: { ...budget, concurrent: between(1, 5) } };
}

/** Time stands still while signing in: keys are used on threads, which the clock does not see. */
function holding(send: typeof fetch, clock: DrivenClock): typeof fetch {
  let signingIn = 0;
  clock.holdWhile(() => signingIn > 0);
  return async (input, init) => {
    if (!(input instanceof Request) && !new URL(input).pathname.endsWith('/token')) return send(input, init);
    signingIn += 1;
    try {
      return await send(input, init);
    } finally {
      signingIn -= 1;
    }
  };
}

const anyToken: TokenSource = { token: () => Promise.resolve('any') };

function tokensOf(
  { tenantId, clientId }: Environment['identity'],
  send: typeof fetch,
  clock: DrivenClock,
): TokenSource {
  return tokenSource({
    credential: { kind: 'secret', clientId, clientSecret },
    tenantId,
    tokenUrl: `${url}/${tenantId}/oauth2/v2.0/token`,
    url,
    fetch: send,
    clock: clockOf(clock),
  });
}

function clientOf(parts: {
  readonly fetch: typeof fetch;
  readonly clock: DrivenClock;
  readonly random: () => number;
  readonly tokens: TokenSource;
}): DataverseClient {
  const random = { uuid: () => '', fraction: parts.random };
  return openClient({ ...parts, url, clock: clockOf(parts.clock), random, tries: 5 }).client;
}

/** The simulator's clock as the product reads it. */
function clockOf(clock: DrivenClock): Clock {
  return { now: () => new Date(clock.now()), sleep: clock.sleep };
}

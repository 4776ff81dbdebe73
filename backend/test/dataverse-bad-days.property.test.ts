import type { DataverseClient, RowOutcome, TableDetails } from '../src/dataverse/index.ts';
import { DataverseError } from '../src/dataverse/index.ts';
import { openClient } from '../src/dataverse/index.ts';
import { BadNetwork } from './support/bad-network.ts';
import { Ledger } from './support/ledger.ts';
import { seeded } from './support/seeded.ts';
import { startSimulator, type Simulator } from './support/simulator.ts';
import { TickingClock } from './support/ticking-clock.ts';

/** Seeds that once found something: they run first, for ever. */
const found: readonly number[] = [];
const seedsAtOnce = Number(process.env['ROWBACK_SEEDS'] ?? 25);
/** Each round of the suite looks somewhere else, unless it is told where. */
const from = Number(process.env['ROWBACK_SEED'] ?? Math.floor(Date.now() / 1000) % 1_000_000);
const seeds = [...found, ...Array.from({ length: seedsAtOnce }, (_, index) => from + index)];

let simulator: Simulator;
let account: TableDetails;

beforeAll(async () => {
  simulator = await startSimulator('--empty', '--open');
  [account] = (await simulator.connect().client.readTableDetails(['account'])) as [TableDetails];
});
afterAll(() => simulator.close());

/** Runs all seeds; what fails says under which, and how to see it again. */
async function underEverySeed(run: (seed: number) => Promise<void>): Promise<void> {
  for (const seed of seeds) {
    try {
      await run(seed);
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`ROWBACK_SEED=${seed} ROWBACK_SEEDS=1: ${said}`, { cause });
    }
  }
}

/** One environment on a bad day. */
interface Day {
  readonly client: DataverseClient;
  readonly ledger: Ledger;
  readonly network: BadNetwork;
  readonly random: () => number;
}

async function dayOf(seed: number, others: boolean): Promise<Day> {
  const random = seeded(seed ^ 0x5eed);
  const ledger = new Ledger(simulator.url, random);
  await ledger.begin(20 + Math.floor(random() * 30));
  const between = async () => {
    if (others && random() < 0.4) await ledger.changeSomething();
  };
  const network = new BadNetwork({ seed, send: fetch, between });
  const { client } = openClient({
    url: simulator.url,
    fetch: network.fetch,
    clock: new TickingClock(),
    random: { uuid: () => '', fraction: random },
    tokens: { token: () => Promise.resolve('any') },
    tries: 4,
  });
  // What tables there are was known before the bad day began: a write would ask for it first.
  if (!others) {
    network.healed = true;
    await client.readTables();
    network.healed = false;
  }
  return { client, ledger, network, random };
}

/** What came of a read: null where it ended with an error that says of which table the rows are missing. */
async function orError<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DataverseError)) throw error;
    expect(error).toMatchObject({ code: `dataverse-${error.kind}`, table: 'account' });
    return null;
  }
}

type Names = Map<string, string>;

async function* each<T>(list: Iterable<T>): AsyncIterable<T> {
  for (const one of list) yield await Promise.resolve(one);
}

const columns = ['name'];

/** Every way of reading the whole table. A row may come twice only if it was changed meanwhile. */
const reads: Readonly<Record<string, (day: Day) => Promise<Names>>> = {
  'first read': async ({ client, ledger }) =>
    (await ledger.fold(client.readChanges(account, columns, null, { pageSize: 7 }))).rows,
  'untracked read': async ({ client, ledger }) =>
    (await ledger.fold(client.readAll(account, columns, null, { pageSize: 7 }))).rows,
  'by ids': async ({ client, ledger }) => {
    const rows = await client.readRows(account, ledger.idsOfStart(), columns);
    return ledger.collect(each(rows.values()));
  },
  'by filter': async ({ client, ledger }) =>
    ledger.collect(client.readWhere(account, columns, 'name ne null', { pageSize: 5 })),
  FetchXML: async ({ client, ledger }) => {
    const query = '<fetch count="6"><entity name="account"><attribute name="name"/></entity></fetch>';
    return ledger.collect(client.readFetch(account, columns, query));
  },
};

test.each(Object.keys(reads))(
  'on any bad day a read (%s) gives exactly the rows that are there, or an error that names the table',
  async (way) => {
    let whole = 0;
    await underEverySeed(async (seed) => {
      const day = await dayOf(seed, true);
      const names = await orError(reads[way]!(day));
      if (names === null) return;
      whole += 1;
      day.ledger.explain(names, `seed ${seed}, ${way}`);
    });
    expect(whole).toBeGreaterThan(seeds.length / 2);
  },
  120_000,
);

test('on any bad day keys are those of the rows that are there', async () => {
  await underEverySeed(async (seed) => {
    const { client, ledger } = await dayOf(seed, true);
    const keys = await orError(ledger.keys(client.readKeys(account, { pageSize: 9 })));
    if (keys !== null) ledger.explainKeys(keys, `seed ${seed}, keys`);
  });
}, 120_000);

test('a first read and the changes after it are together what is there, whatever changed meanwhile', async () => {
  let whole = 0;
  await underEverySeed(async (seed) => {
    const { client, ledger, network } = await dayOf(seed, true);
    const first = await orError(ledger.fold(client.readChanges(account, columns, null, { pageSize: 7 })));
    if (first === null) return;
    for (let round = 0; round < 3; round += 1) await ledger.changeSomething();
    const second = await orError(
      ledger.fold(client.readChanges(account, columns, first.deltaLink, { pageSize: 4 }), first.rows),
    );
    if (second === null) return;
    network.healed = true;
    const last = await ledger.fold(client.readChanges(account, columns, second.deltaLink), second.rows);
    expect([seed, Object.fromEntries(last.rows)]).toEqual([seed, Object.fromEntries(await ledger.truth())]);
    whole += 1;
  });
  expect(whole).toBeGreaterThan(seeds.length / 3);
}, 120_000);

/** What the client said of a write of one row. */
type Said = 'done' | 'refused' | 'unknown';
type Intent = { readonly id: string; readonly name: string | null };

const saidOf = (outcome: RowOutcome): Said => outcome.kind;

async function single(work: Promise<unknown>): Promise<Said> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (!(error instanceof DataverseError)) throw error;
    expect(error).toMatchObject({ table: 'account' });
    return error.kind === 'outcome-unknown' ? 'unknown' : 'refused';
  }
}

async function oneByOne(
  intents: readonly Intent[],
  write: (intent: Intent) => Promise<unknown>,
): Promise<Said[]> {
  const said: Said[] = [];
  for (const intent of intents) said.push(await single(write(intent)));
  return said;
}

const rowOf = ({ id, name }: Intent) => ({ id, values: { name } });

/** Every way of writing, with the rows that it is to write. */
const writes: Readonly<Record<string, (day: Day) => readonly [readonly Intent[], Promise<readonly Said[]>]>> =
  {
    'single creates': ({ client, ledger }) => {
      const intents = ledger.newOnes(8);
      const work = oneByOne(intents, ({ id, name }) => client.createRow(account, { name }, { id }));
      return [intents, work];
    },
    'single updates': ({ client, ledger }) => {
      const intents = ledger.changedOnes(8);
      return [intents, oneByOne(intents, ({ id, name }) => client.updateRow(account, id, { name }))];
    },
    'single deletes': ({ client, ledger }) => {
      const intents = ledger.deletedOnes(8);
      return [intents, oneByOne(intents, ({ id }) => client.deleteRow(account, id))];
    },
    batch: ({ client, ledger }) => {
      const intents = ledger.changedOnes(12);
      const requests = intents.map(({ id, name }) => ({
        method: 'PATCH' as const,
        url: `accounts(${id})`,
        headers: { 'If-Match': '*' },
        body: JSON.stringify({ name }),
      }));
      const work = client
        .batch(requests, { continueOnError: true })
        .then((outcomes) =>
          outcomes.map(({ kind }): Said => (kind === 'done' || kind === 'unknown' ? kind : 'refused')),
        );
      return [intents, work];
    },
    createMultiple: ({ client, ledger }) => {
      const intents = ledger.newOnes(25);
      const work = client.createMultiple(account, intents.map(rowOf), { chunkRows: 10 });
      return [intents, work.then((outcomes) => outcomes.map(saidOf))];
    },
    'createMultiple with a row that is there': ({ client, ledger }) => {
      const intents = [...ledger.newOnes(6), ...ledger.changedOnes(1), ...ledger.newOnes(6)];
      const work = client.createMultiple(account, intents.map(rowOf), { chunkRows: 10 });
      return [intents, work.then((outcomes) => outcomes.map(saidOf))];
    },
    updateMultiple: ({ client, ledger }) => {
      const intents = ledger.changedOnes(15);
      const work = client.updateMultiple(account, intents.map(rowOf), { chunkRows: 6 });
      return [intents, work.then((outcomes) => outcomes.map(saidOf))];
    },
    upsertMultiple: ({ client, ledger }) => {
      const intents = [...ledger.changedOnes(6), ...ledger.newOnes(6)];
      const work = client.upsertMultiple(account, intents.map(rowOf), { chunkRows: 5 });
      return [intents, work.then((outcomes) => outcomes.map(saidOf))];
    },
    deleteMultiple: ({ client, ledger }) => {
      const intents = ledger.deletedOnes(12);
      return [intents, client.deleteMultiple(account, intents).then((outcomes) => outcomes.map(saidOf))];
    },
  };

test.each(Object.keys(writes))(
  'on any bad day every row is what the client says of its write (%s)',
  async (way) => {
    let sure = 0;
    let rows = 0;
    await underEverySeed(async (seed) => {
      const day = await dayOf(seed, false);
      const before = await day.ledger.truth();
      const [intents, work] = writes[way]!(day);
      const said = await work;
      const after = await day.ledger.truth();
      for (const [at, { id, name }] of intents.entries()) {
        const was = before.get(id) ?? null;
        const allowed = { done: [name], refused: [was], unknown: [name, was] }[said[at]!];
        const now = after.get(id) ?? null;
        if (!allowed.includes(now))
          throw new Error(
            `seed ${seed}, ${way}: said ${said[at]} of ${id}, was ${was}, wanted ${name}, is ${now}`,
          );
      }
      const touched = new Set(intents.map(({ id }) => id));
      for (const [id, name] of before)
        if (!touched.has(id)) expect([seed, after.get(id)]).toEqual([seed, name]);
      rows += intents.length;
      sure += said.filter((one) => one !== 'unknown').length;
    });
    expect(sure).toBeGreaterThan(rows * 0.5);
  },
  120_000,
);

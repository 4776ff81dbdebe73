import type {
  BatchOutcome,
  DataverseClient,
  RowOutcome,
  TableDetails,
} from '../../../src/dataverse/index.ts';
import { keyText } from '../../../src/dataverse/index.ts';
import { newId } from './somebody-else.ts';
import { saidOf, someOf, type Said, type Way } from './way.ts';
import { nameColumn, type Address } from './witness.ts';
import type { Day, WatchedName } from './world.ts';

/** A row and what it is to be called; null: it is to go. */
interface Intent {
  readonly id: string;
  readonly partition?: string;
  readonly name: string | null;
}

/** What to write: rows that are new, that are there, or that are to go. No name is ever given twice. */
class Intents {
  readonly #day: Day;
  readonly #table: WatchedName;
  readonly #random: () => number;

  constructor(day: Day, table: WatchedName, random: () => number) {
    this.#day = day;
    this.#table = table;
    this.#random = random;
  }

  made(count: number): readonly Intent[] {
    return Array.from({ length: count }, () => ({ id: newId(this.#random), name: this.#name() }));
  }

  changed(count: number): readonly Intent[] {
    return this.gone(count).map((intent) => ({ ...intent, name: this.#name() }));
  }

  gone(count: number): readonly Intent[] {
    const { rows } = this.#day.witness(this.#table);
    return someOf(rows, count, this.#random).map((row) => ({ ...row, name: null }));
  }

  #name(): string {
    return `ours ${newId(this.#random).slice(-12)}`;
  }
}

interface Writing {
  readonly client: DataverseClient;
  readonly table: TableDetails;
  readonly intents: Intents;
  readonly values: (intent: Intent) => Readonly<Record<string, string | null>>;
}

type Written = readonly [readonly Intent[], Promise<readonly Said[]>];

/** Every row is what the client says of its write, whatever others write meanwhile; what it was not asked for is not written. */
function writing(name: WatchedName, write: (writing: Writing) => Written): Way {
  return async (day, random) => {
    const table = day.table(name);
    const { moment } = day.witness(name);
    const values = (intent: Intent) => ({ [nameColumn(table)]: intent.name });
    const [intents, work] = write({
      client: day.client,
      table,
      intents: new Intents(day, name, random),
      values,
    });
    const said = await work;
    if (said.length !== intents.length) throw new Error(`${intents.length} rows, ${said.length} outcomes`);
    for (const [at, intent] of intents.entries()) check(day, name, intent, said[at] ?? 'unknown', moment);
    return said.includes('unknown') ? 'told' : 'whole';
  };
}

function check(day: Day, table: WatchedName, { name, ...row }: Intent, said: Said, moment: number): void {
  const states = day.witness(table).during(keyText(row), moment);
  const happened = states.includes(name);
  // Its names are ours alone, but somebody else may delete a row, and what was written of it is gone with it.
  const isGone = states.at(-1) === null;
  const wrong = said === 'done' ? !happened : said === 'refused' && happened && !isGone;
  if (wrong) throw new Error(`said ${said} of ${table} ${row.id}, wanted ${name}, was ${states.join(', ')}`);
}

async function oneByOne(
  table: TableDetails,
  intents: readonly Intent[],
  write: (intent: Intent) => Promise<unknown>,
): Promise<Said[]> {
  const said: Said[] = [];
  for (const intent of intents) said.push(await saidOf(table.name, write(intent)));
  return said;
}

const items = (rows: readonly Intent[], values: Writing['values']) =>
  rows.map((intent) => ({ ...addressOf(intent), values: values(intent) }));

const addressOf = ({ name: _, ...address }: Intent): Address => address;

const ofRows = (outcomes: readonly RowOutcome[]): Said[] => outcomes.map(({ kind }) => kind);
const ofParts = (outcomes: readonly BatchOutcome[]): Said[] =>
  outcomes.map(({ kind }) => (kind === 'done' || kind === 'unknown' ? kind : 'refused'));

const patches = ({ table, values }: Writing, intents: readonly Intent[], group?: (at: number) => string) =>
  intents.map((intent, at) => ({
    method: 'PATCH' as const,
    url: `${table.entitySet}(${intent.id})`,
    headers: { 'If-Match': '*' },
    body: JSON.stringify(values(intent)),
    ...(group === undefined ? {} : { group: group(at) }),
  }));

const single: Readonly<Record<string, Way>> = {
  'single creates': writing('account', ({ client, table, intents, values }) => {
    const rows = intents.made(5);
    return [rows, oneByOne(table, rows, (row) => client.createRow(table, values(row), { id: row.id }))];
  }),
  'single updates': writing('new_many', ({ client, table, intents, values }) => {
    const rows = intents.changed(5);
    return [rows, oneByOne(table, rows, (row) => client.updateRow(table, row, values(row)))];
  }),
  'single updates of elastic rows': writing('demo_reading', ({ client, table, intents, values }) => {
    const rows = intents.changed(5);
    return [rows, oneByOne(table, rows, (row) => client.updateRow(table, row, values(row)))];
  }),
  'single deletes': writing('account', ({ client, table, intents }) => {
    const rows = intents.gone(4);
    return [rows, oneByOne(table, rows, ({ id }) => client.deleteRow(table, id))];
  }),
};

const batches: Readonly<Record<string, Way>> = {
  'a batch': writing('account', (writing) => {
    const rows = writing.intents.changed(12);
    const outcomes = writing.client.batch(patches(writing, rows), { continueOnError: true });
    return [rows, outcomes.then(ofParts)];
  }),
  'a batch that ends at its first error': writing('account', (writing) => {
    const rows = [...writing.intents.changed(4), ...writing.intents.made(1), ...writing.intents.changed(3)];
    return [rows, writing.client.batch(patches(writing, rows)).then(ofParts)];
  }),
  'change sets': async (day, random) => {
    const written: Intent[] = [];
    const outcome = await writing('new_many', (writing) => {
      // The second set holds a row that is not there.
      const rows = [...writing.intents.changed(5), ...writing.intents.made(1), ...writing.intents.changed(3)];
      written.push(...rows);
      const sets = patches(writing, rows, (at) => `set ${Math.floor(at / 3)}`);
      return [rows, writing.client.batch(sets, { continueOnError: true }).then(ofParts)];
    })(day, random);
    for (let at = 0; at < written.length; at += 3) allOrNothing(day, written.slice(at, at + 3));
    return outcome;
  },
};

function allOrNothing(day: Day, set: readonly Intent[]): void {
  const were = set.map((row) => day.witness('new_many').during(keyText(row), 0).includes(row.name));
  if (new Set(were).size > 1) throw new Error(`a change set was done in part: ${were.join(', ')}`);
}

function bulkOf(name: WatchedName): Readonly<Record<string, Way>> {
  return {
    [`createMultiple of ${name}`]: writing(name, ({ client, table, intents, values }) => {
      const rows = [...intents.made(14), ...intents.changed(1), ...intents.made(6)];
      const work = client.createMultiple(table, items(rows, values), { chunkRows: 9 });
      return [rows, work.then(ofRows)];
    }),
    [`updateMultiple of ${name}`]: writing(name, ({ client, table, intents, values }) => {
      const rows = [...intents.changed(10), ...intents.made(1)];
      const work = client.updateMultiple(table, items(rows, values), { chunkRows: 6 });
      return [rows, work.then(ofRows)];
    }),
    [`upsertMultiple of ${name}`]: writing(name, ({ client, table, intents, values }) => {
      const rows = [...intents.changed(6), ...intents.made(6)];
      const work = client.upsertMultiple(table, items(rows, values), { chunkRows: 5 });
      return [rows, work.then(ofRows)];
    }),
    [`deleteMultiple of ${name}`]: writing(name, ({ client, table, intents }) => {
      const rows = intents.gone(8);
      return [rows, client.deleteMultiple(table, rows).then(ofRows)];
    }),
  };
}

/** Every way of writing rows. */
export const writes: Readonly<Record<string, Way>> = {
  ...single,
  ...batches,
  ...bulkOf('account'),
  ...bulkOf('demo_reading'),
};

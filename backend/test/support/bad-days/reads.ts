import type { ChangeEvent, Row } from '../../../src/dataverse/index.ts';
import { keyText } from '../../../src/dataverse/index.ts';
import { orTold, someOf, type Way } from './way.ts';
import { watched, type Day, type WatchedName } from './world.ts';
import { nameColumn, unnamed } from './witness.ts';

type Names = Map<string, string>;

const pageSizes: Readonly<Record<WatchedName, number>> = { account: 7, new_many: 700, demo_reading: 6 };

/** Every way of reading, over every kind of table. */
export const reads: Readonly<Record<string, Way>> = Object.fromEntries(
  watched.flatMap((name) => Object.entries(readsOf(name)).map(([way, read]) => [`${way} of ${name}`, read])),
);

function readsOf(name: WatchedName): Readonly<Record<string, Way>> {
  const pageSize = pageSizes[name];
  const whole =
    (read: (day: Day, columns: readonly string[]) => Promise<Names>): Way =>
    async (day) => {
      const { moment } = day.witness(name);
      const names = await orTold(name, read(day, [nameColumn(day.table(name))]));
      if (names === null) return 'told';
      day.witness(name).explain(names, moment);
      return 'whole';
    };
  return {
    'a first read': whole(async ({ client, table }, columns) => {
      const events = client.readChanges(table(name), columns, null, { pageSize });
      return (await folded(events, new Map())).rows;
    }),
    'a full read': whole(async ({ client, table }, columns) => {
      const events = client.readAll(table(name), columns, null, { pageSize });
      return (await folded(events, new Map())).rows;
    }),
    'rows by filter': whole(({ client, table }, columns) =>
      collected(client.readWhere(table(name), columns, `${columns[0]} ne null`, { pageSize })),
    ),
    'rows by FetchXML': whole(({ client, table }, columns) => {
      const asked = table(name).kind === 'elastic' ? [...columns, 'partitionid'] : columns;
      const attributes = asked.map((column) => `<attribute name="${column}"/>`).join('');
      const query = `<fetch count="${pageSize}"><entity name="${name}">${attributes}</entity></fetch>`;
      return collected(client.readFetch(table(name), columns, query));
    }),
    keys: async ({ client, table, witness }) => {
      const { moment } = witness(name);
      const keys = await orTold(name, keysOf(client.readKeys(table(name), { pageSize })));
      if (keys === null) return 'told';
      witness(name).explainKeys(keys, moment);
      return 'whole';
    },
    'rows by id': async ({ client, table, witness }, random) => {
      const { moment, rows } = witness(name);
      const asked = someOf(rows, 130, random);
      const found = await orTold(name, client.readRows(table(name), asked, [nameColumn(table(name))]));
      if (found === null) return 'told';
      for (const [key, row] of found) {
        if (!witness(name).during(key, moment).includes(nameIn(row)))
          throw new Error(`${name} ${key} never was ${nameIn(row)}`);
      }
      witness(name).explainAbsence(asked.map(keyText), new Set(found.keys()), moment);
      return 'whole';
    },
    changes: (day) => followed(day, name),
  };
}

/** A first read and the changes after it are together what is there. */
async function followed({ client, table, witness, outsider }: Day, name: WatchedName): ReturnType<Way> {
  const columns = [nameColumn(table(name))];
  const isThere = (key: string) => witness(name).names.has(key);
  const follow = (link: string | null, rows: Names, pageSize: number) =>
    orTold(name, folded(client.readChanges(table(name), columns, link, { pageSize }), rows, isThere));
  let last = await follow(null, new Map(), pageSizes[name]);
  for (let round = 0; round < 4 && last !== null; round += 1)
    last = await follow(last.deltaLink, last.rows, 5);
  if (last === null) return 'told';
  // Its end is read where nothing goes wrong, at a moment at which nobody writes.
  const before = witness(name).moment;
  const { rows } = await folded(
    outsider.readChanges(table(name), columns, last.deltaLink),
    last.rows,
    isThere,
  );
  if (witness(name).moment !== before) return 'told';
  const truth = witness(name).names;
  for (const [key, is] of truth)
    if (rows.get(key) !== is) throw new Error(`${name} ${key} is ${is}, the changes say ${rows.get(key)}`);
  for (const key of rows.keys())
    if (!truth.has(key)) throw new Error(`${name} ${key} is gone, the changes do not say so`);
  return 'whole';
}

/** The rows that a stream of changes leaves. No version of a row comes twice. */
async function folded(
  events: AsyncIterable<ChangeEvent>,
  before: ReadonlyMap<string, string>,
  isThere: (key: string) => boolean = () => false,
): Promise<{ readonly rows: Names; readonly deltaLink: string }> {
  const rows = new Map(before);
  const seen = new Set<string>();
  let deltaLink = '';
  for await (const event of events) {
    if (event.kind === 'page-end') deltaLink = event.deltaLink ?? '';
    else if (event.kind === 'gone') forget(rows, event, isThere);
    else add(event, rows, seen);
  }
  return { rows, deltaLink };
}

/** A tombstone of an elastic table may leave out the partition: then whoever reads it looks which row it was. */
function forget(
  rows: Names,
  { id, partition }: { readonly id: string; readonly partition?: string },
  isThere: (key: string) => boolean,
): void {
  if (partition !== undefined) rows.delete(keyText({ id, partition }));
  else
    for (const key of [...rows.keys()])
      if (key.startsWith(id) && (key === id || !isThere(key))) rows.delete(key);
}

async function collected(rows: AsyncIterable<Row>): Promise<Names> {
  const found: Names = new Map();
  const seen = new Set<string>();
  for await (const row of rows) add(row, found, seen);
  return found;
}

async function keysOf(
  keys: AsyncIterable<{ readonly id: string; readonly partition?: string; readonly version: string | null }>,
): Promise<Set<string>> {
  const found = new Set<string>();
  const seen = new Set<string>();
  for await (const key of keys) {
    once(seen, `${keyText(key)} ${key.version}`);
    found.add(keyText(key));
  }
  return found;
}

function add(row: Row, rows: Names, seen: Set<string>): void {
  once(seen, `${keyText(row)} ${row.etag}`);
  rows.set(keyText(row), nameIn(row));
}

/** The only column that is read. */
function nameIn({ values }: Row): string {
  const [name] = Object.values(values);
  return typeof name === 'string' ? name : unnamed;
}

function once(seen: Set<string>, what: string): void {
  if (seen.has(what)) throw new Error(`${what} came twice`);
  seen.add(what);
}

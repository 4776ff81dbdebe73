import { createHash } from 'node:crypto';
import { collect } from '../../../src/dataverse/files/bytes.ts';
import type { DataverseClient, NewContent, Party } from '../../../src/dataverse/index.ts';
import { newId } from './somebody-else.ts';
import { orTold, saidOf, type Said, type Way } from './way.ts';
import type { Day } from './world.ts';

/** Bytes that a seed gives; more than one block now and then. */
function bytesOf(random: () => number): Buffer {
  const lengths = [10, 3000, 200_000, 4_194_304 + 7777];
  const length = lengths[Math.floor(random() * lengths.length)] ?? 10;
  const start = Math.floor(random() * 256);
  const pattern = Buffer.from(Array.from({ length: 251 }, (_, at) => (start + at * 7) & 255));
  return Buffer.alloc(length, pattern);
}

function contentOf(bytes: Buffer): NewContent {
  return {
    name: 'a.bin',
    mimeType: 'application/octet-stream',
    bytes: bytes.length,
    open: async function* () {
      for (let at = 0; at < bytes.length; at += 1 << 20)
        yield await Promise.resolve(bytes.subarray(at, at + (1 << 20)));
    },
  };
}

const digest = (bytes: Uint8Array) => `${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
const nothing = 'nothing';

interface Slot {
  readonly table: 'demo_sample' | 'annotation';
  readonly write: (client: DataverseClient, day: Day, id: string, content: NewContent) => Promise<void>;
  readonly read: (client: DataverseClient, day: Day, id: string) => Promise<string>;
}

const file: Slot = {
  table: 'demo_sample',
  write: (client, { table }, id, content) =>
    client.writeFile(table('demo_sample'), id, 'demo_document', content),
  read: async (client, { table }, id) => {
    const found = await client.readFile(table('demo_sample'), id, 'demo_document');
    return found === null ? nothing : digest(await collect(found.stream));
  },
};

const note: Slot = {
  table: 'annotation',
  write: (client, { table }, id, content) =>
    client.writeBody(table('annotation'), id, 'documentbody', content),
  read: async (client, { table }, id) => {
    const found = await client.readBody(table('annotation'), id, 'documentbody');
    return found === null ? nothing : digest(await collect(found.stream));
  },
};

/** A content is the old or the new one, as the client says, and never a part of one or a mixture. */
function content({ table, write, read }: Slot): Way {
  return async (day, random) => {
    const id = newId(random);
    const name = table === 'annotation' ? { subject: 'x' } : { demo_name: 'x' };
    await day.outsider.createRow(day.table(table), name, { id });
    let whole = true;
    for (let round = 0; round < 2; round += 1) {
      const bytes = bytesOf(random);
      const before = await read(day.outsider, day, id);
      const said = await saidOf(table, write(day.client, day, id, contentOf(bytes)));
      const after = await read(day.outsider, day, id);
      expectState(`the content of ${table}`, said, { before, after, wanted: digest(bytes) });
      const found = await orTold(table, read(day.client, day, id));
      if (found !== null && found !== after) throw new Error(`${table}: ${after} was read as ${found}`);
      whole &&= said === 'done' && found !== null;
    }
    return whole ? 'whole' : 'told';
  };
}

function expectState(
  what: string,
  said: Said,
  is: { readonly before: string; readonly after: string; readonly wanted: string },
): void {
  const allowed = { done: [is.wanted], refused: [is.before], unknown: [is.before, is.wanted] }[said];
  if (!allowed.includes(is.after))
    throw new Error(`${what}: said ${said}, was ${is.before}, wanted ${is.wanted}, is ${is.after}`);
}

/** A link is there or not, as the client says; it says too whether it was so before. */
async function link(day: Day, random: () => number): ReturnType<Way> {
  const { client, outsider, table } = day;
  const found = table('contact').manyToMany.find((one) => one.custom);
  if (found === undefined) throw new Error('contacts have no links of their own');
  const [one, two] = await Promise.all(
    [found.table1, found.table2].map(async (name) => {
      const [details] = await outsider.readTableDetails([name]);
      const id = newId(random);
      await outsider.createRow(details!, { [details!.primaryName ?? '']: 'linked' }, { id });
      return id;
    }),
  );
  const isLinked = async () => {
    // Undoing tells whether it was there; then it is put back.
    const was = await outsider.disassociate(found, one!, two!);
    if (was) await outsider.associate(found, one!, two!);
    return String(was);
  };
  let whole = true;
  for (const wanted of ['true', 'true', 'false', 'false']) {
    const before = await isLinked();
    const work =
      wanted === 'true' ? client.associate(found, one!, two!) : client.disassociate(found, one!, two!);
    const said = await saidOf(found.intersectTable, work);
    expectState(found.schemaName, said, { before, after: await isLinked(), wanted });
    if (said === 'done' && (await work) && before === wanted)
      throw new Error(`${found.schemaName}: it was so before`);
    whole &&= said === 'done';
  }
  return whole ? 'whole' : 'told';
}

/** Its parties are rows of a table of their own, whose definition is read before they are written. */
const email = ['email', 'activityparty'] as const;

/** An activity has the parties that it was given, or those that it had, and its state is set last. */
async function parties(day: Day, random: () => number): ReturnType<Way> {
  const { client, outsider, table } = day;
  const id = newId(random);
  const me = await outsider.whoAmI();
  const all: readonly Party[] = [
    { mask: 1, party: { table: 'systemuser', id: me.userId }, address: null },
    { mask: 2, party: null, address: 'somebody@example.com' },
    { mask: 3, party: null, address: 'another@example.com' },
  ];
  const read = async (whose: DataverseClient) => textOf(await whose.readParties(table('email'), id));
  const created = await saidOf(
    email,
    client.createRow(table('email'), { subject: 'x' }, { id, parties: all }),
  );
  const there = (await outsider.readRow(table('email'), id, [])) !== null;
  expectState('an email', created, { before: 'false', after: String(there), wanted: 'true' });
  if (!there) return 'told';
  expectState('parties', 'done', { before: '', after: await read(outsider), wanted: textOf(all) });
  const replaced = await saidOf(email, client.replaceParties(table('email'), id, all.slice(0, 2)));
  const after = await read(outsider);
  expectState('parties', replaced, { before: textOf(all), after, wanted: textOf(all.slice(0, 2)) });
  const found = await orTold(email, read(client));
  if (found !== null && found !== after) throw new Error(`parties ${after} were read as ${found}`);
  const closed = await saidOf(email, client.setState(table('email'), id, 1, 2));
  const state = (await outsider.readRow(table('email'), id, ['statecode']))?.values['statecode'];
  expectState('a state', closed, { before: '0', after: state === 1 ? '1' : '0', wanted: '1' });
  return [created, replaced, closed].every((said) => said === 'done') && found !== null ? 'whole' : 'told';
}

const textOf = (list: readonly Party[]): string =>
  list
    .map(({ mask, party, address }) => `${mask} ${party?.id ?? address}`)
    .sort()
    .join(', ');

/** Files, bodies, links, parties and states. */
export const contents: Readonly<Record<string, Way>> = {
  'a file column': content(file),
  'the body of a note': content(note),
  'links of two rows': link,
  'parties and the state of an activity': parties,
};

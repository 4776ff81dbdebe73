import { createHash } from 'node:crypto';
import { isLosslessNumber } from 'lossless-json';
import { type Outsider, type RawRow, type TableFacts } from './outsider.ts';

/**
 * Columns that the platform writes by itself whenever a row is written; nobody can put them back. The story compares
 * every other value.
 */
export const platformOwned: Readonly<Record<string, string>> = {
  versionnumber: 'a new row version with each write',
  modifiedon: 'the time of the last write',
  _modifiedby_value: 'who wrote last',
  _modifiedonbehalfby_value: 'who wrote last',
  _createdby_value: 'the writer, on a row that was created again',
  _createdonbehalfby_value: 'the writer, on a row that was created again',
  overriddencreatedon: 'tells the real time of the write, on a row that was created again',
};

/**
 * Shares: who was granted what on which row. Their own id is made anew, and what a row only inherits from its parent the
 * platform works out again; it may do so for a restored row where an import had left it out.
 */
const shares = { table: 'principalobjectaccess', granted: 'accessrightsmask' } as const;
const inherited = new Set(['principalobjectaccessid', 'inheritedaccessrightsmask', 'changedon']);

/** A table as an outsider sees it: rows by identity, each column's value as text. */
export type TruthTable = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface Truth {
  readonly tables: ReadonlyMap<string, TruthTable>;
  readonly values: number;
}

/** Takes down every value of these tables, and the sha256 of every file, image and body. */
export async function takeTruth(service: Outsider, tables: readonly TableFacts[]): Promise<Truth> {
  const truth = new Map<string, TruthTable>();
  let values = 0;
  for (const facts of tables) {
    const { contents, computed } = await readColumns(service, facts.table);
    const rows = new Map<string, ReadonlyMap<string, string>>();
    for (const row of await service.rows(facts)) {
      if (facts.table === shares.table && Number(row[shares.granted] ?? 0) === 0) continue;
      const columns = textOf(row, facts, contents, computed);
      for (const column of contents) {
        const sha = await contentHash(service, facts, row, column);
        if (sha !== null) columns.set(column.name, sha);
      }
      values += columns.size;
      rows.set(identity(row, facts), columns);
    }
    truth.set(facts.table, rows);
  }
  return { tables: truth, values };
}

/** Intersect rows are the pair they link: their own id is made anew by the platform. So are shares. */
function identity(row: RawRow, facts: TableFacts): string {
  if (facts.table === shares.table) return `${String(row['objectid'])} ${String(row['principalid'])}`;
  if (!facts.intersect) return String(row[facts.primaryId]);
  return Object.entries(row)
    .filter(([name]) => !name.startsWith('@') && name !== facts.primaryId && name !== 'versionnumber')
    .map(([name, value]) => `${name}=${String(value)}`)
    .sort()
    .join('&');
}

function textOf(
  row: RawRow,
  facts: TableFacts,
  contents: readonly ContentColumn[],
  computed: ReadonlySet<string>,
): Map<string, string> {
  const text = new Map<string, string>();
  const companions = new Set([...computed, ...contents.flatMap((column) => column.companions)]);
  for (const [name, value] of Object.entries(row)) {
    if (name.startsWith('@') || value === null || companions.has(name)) continue;
    if (facts.intersect && name === facts.primaryId) continue;
    if (facts.table === shares.table && inherited.has(name)) continue;
    text.set(
      name,
      typeof value === 'string' ? value : isLosslessNumber(value) ? value.value : JSON.stringify(value),
    );
  }
  return text;
}

interface ContentColumn {
  readonly name: string;
  readonly kind: 'file' | 'image';
  /** Names that change with every upload: the content's hash stands for them. */
  readonly companions: readonly string[];
}

interface Columns {
  readonly contents: readonly ContentColumn[];
  /** Calculated, rollup and formula columns, and addresses put together: the platform computes them, nobody writes. */
  readonly computed: ReadonlySet<string>;
}

async function readColumns(service: Outsider, table: string): Promise<Columns> {
  const answer = await service.get(
    `EntityDefinitions(LogicalName='${table}')/Attributes?$select=LogicalName,AttributeTypeName,SourceType`,
  );
  const columns = (answer['value'] as RawRow[]).map((row) => ({
    name: String(row['LogicalName']),
    // Recorded shape of the service: an object with Value, or null.
    type: (row['AttributeTypeName'] as { Value: string } | null)?.Value,
    computed:
      /(^|_)composite$/.test(String(row['LogicalName'])) ||
      !['undefined', 'null', '0'].includes(String(row['SourceType'])),
  }));
  return {
    contents: columns.flatMap(({ name, type }): ContentColumn[] => {
      if (type === 'FileType') return [{ name, kind: 'file', companions: [name, `${name}_name`] }];
      if (type === 'ImageType')
        return [{ name, kind: 'image', companions: [name, `${name}id`, `${name}_timestamp`, `${name}_url`] }];
      return [];
    }),
    computed: new Set(
      columns
        .filter((column) => column.computed)
        .flatMap(({ name }) => [name, `${name}_base`, `${name}_date`, `${name}_state`]),
    ),
  };
}

async function contentHash(
  service: Outsider,
  facts: TableFacts,
  row: RawRow,
  column: ContentColumn,
): Promise<string | null> {
  const marker = column.kind === 'file' ? column.name : `${column.name}id`;
  if (row[marker] === null || row[marker] === undefined) return null;
  const full = column.kind === 'image' ? '?size=full' : '';
  const path = `${facts.entitySet}(${String(row[facts.primaryId])})/${column.name}/$value`;
  let response = await service.send('GET', path + full);
  if (response.status === 204) response = await service.send('GET', path);
  return `sha256:${createHash('sha256')
    .update(new Uint8Array(await response.arrayBuffer()))
    .digest('hex')}`;
}

export interface Difference {
  readonly table: string;
  readonly id: string;
  readonly text: string;
}

/** What is no longer as it was, value for value, but for {@link platformOwned}. */
export function compareTruth(before: Truth, after: Truth): Difference[] {
  const differences: Difference[] = [];
  for (const [table, rows] of before.tables) {
    const now = after.tables.get(table) ?? new Map<string, ReadonlyMap<string, string>>();
    for (const [id, columns] of rows) differences.push(...compareRow(table, id, columns, now.get(id)));
    for (const id of now.keys())
      if (!rows.has(id)) differences.push({ table, id, text: 'is there and was not before' });
  }
  return differences;
}

function compareRow(
  table: string,
  id: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string> | undefined,
): Difference[] {
  if (!after) return [{ table, id, text: 'is not there' }];
  const names = [...new Set([...before.keys(), ...after.keys()])].filter((name) => !(name in platformOwned));
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => ({
      table,
      id,
      text: `${name}: was ${shorten(before.get(name))}, is ${shorten(after.get(name))}`,
    }));
}

const shorten = (text: string | undefined): string =>
  text === undefined ? 'empty' : JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

import type { CoverageAnswer } from '../src/jobs/contract.ts';
import type { ApiClient } from './api-client.ts';
import type { Story } from './console.ts';
import type { Outsider, RawRow } from './outsider.ts';

export type CoveredTable = CoverageAnswer['tables'][number];

/** Columns by table, as the service itself lists them. */
export type KnownColumns = ReadonlyMap<string, readonly string[]>;

/** What a backup of everything, by an identity that may read everything, may leave out. Any other reason is a fault. */
const expectedOfTables = new Set([
  'virtual',
  'not-exposed',
  'own',
  'definition',
  'solution-machinery',
  'security-model',
  'log',
  'cache',
  'platform-constant',
  'within-calendar',
  'configuration',
  'content-mirror',
  'abstract',
  'activity-base',
  'audit',
]);
const expectedOfColumns = new Set(['computed', 'not-readable', 'not-a-value', 'part-of-image', 'repeats']);

/** Every table of the report, page by page. */
export async function readCoverage(api: ApiClient): Promise<CoveredTable[]> {
  const tables: CoveredTable[] = [];
  let after = '';
  for (;;) {
    const page = await api.call<CoverageAnswer>('GET', `coverage?limit=40${after}`);
    tables.push(...page.tables);
    if (page.next === null) return tables;
    after = `&after=${page.next}`;
  }
}

/** Holds the report against the environment's own metadata, and tells line by line what is not wholly protected. */
export async function checkCoverage(
  administrator: Outsider,
  tables: readonly CoveredTable[],
  story: Story,
): Promise<void> {
  story.heading('Every table and column: in the vault, or the reason why not');
  const known = await readKnown(administrator);
  const faults = coverageFaults(known, tables);
  const columns = [...known.values()].reduce((sum, names) => sum + names.length, 0);
  const whole = tables.filter(({ status }) => status === 'protected').length;
  story.check(
    faults.length === 0,
    `${known.size} tables and ${columns} columns: ${whole} tables are in the vault, all else is explained`,
    faults.slice(0, 20).join('\n      '),
  );
  for (const line of explanationsOf(tables)) story.line(`    ${line}`);
}

async function readKnown(administrator: Outsider): Promise<KnownColumns> {
  const path = 'EntityDefinitions?$select=LogicalName&$expand=Attributes($select=LogicalName)';
  const rows = (await administrator.get(path))['value'] as RawRow[];
  return new Map(
    rows.map((row) => [
      String(row['LogicalName']),
      (row['Attributes'] as RawRow[]).map((attribute) => String(attribute['LogicalName'])),
    ]),
  );
}

/** What the report lacks, invents, leaves unexplained or explains by what should not have happened; one line each. */
export function coverageFaults(known: KnownColumns, tables: readonly CoveredTable[]): string[] {
  const reported = new Map(tables.map((table) => [table.table, table]));
  const missing = [...known].flatMap(([name, columns]) => {
    const table = reported.get(name);
    if (table === undefined) return [`${name} is not in the report`];
    const covered = new Set(table.columns.map(({ column }) => column));
    return columns
      .filter((column) => !covered.has(column))
      .map((column) => `${name}.${column} is not in the report`);
  });
  return [...missing, ...tables.flatMap((table) => faultsOf(table, known.get(table.table)))];
}

function faultsOf(table: CoveredTable, known: readonly string[] | undefined): string[] {
  const { table: name, status, reasons, columns } = table;
  if (known === undefined) return [`${name} is in the report and not in the environment`];
  const names = new Set(known);
  const expected = status === 'not' ? expectedOfTables : expectedOfColumns;
  return [
    ...(status !== 'protected' && reasons.length === 0 ? [`${name} is not explained`] : []),
    ...reasons.flatMap((reason) => faultOf(name, reason, expectedOfTables)),
    ...columns.flatMap(({ column, status: own, reason }) => [
      ...(names.has(column) ? [] : [`${name}.${column} is in the report and not in the environment`]),
      ...(own === 'protected' ? [] : faultOf(`${name}.${column}`, reason, expected)),
    ]),
  ];
}

function faultOf(
  name: string,
  reason: CoveredTable['reasons'][number] | null,
  expected: ReadonlySet<string>,
): string[] {
  if (reason === null) return [`${name} is not explained`];
  if (!expected.has(reason.code)) return [`${name} is not wholly protected: ${reason.code}, ${reason.why}`];
  return reason.why === '' || reason.hint === '' ? [`${name}: ${reason.code} says nothing`] : [];
}

/** One line for each reason, with names of what it is about: tables first, then columns of tables that are read. */
function explanationsOf(tables: readonly CoveredTable[]): string[] {
  const byReason = new Map<string, string[]>();
  const add = (reason: CoveredTable['reasons'][number], name: string): void => {
    const key = `${reason.code}, ${reason.why}`;
    byReason.set(key, [...(byReason.get(key) ?? []), name]);
  };
  for (const { table, reasons } of tables) for (const reason of reasons) add(reason, table);
  for (const { table, status, columns } of tables) {
    if (status === 'not') continue;
    for (const { column, status: own, reason } of columns)
      if (own !== 'protected' && reason !== null) add(reason, `${table}.${column}`);
  }
  return [...byReason].map(([reason, names]) => `${reason} (${names.length}): ${someOf(names)}`);
}

const namesInLine = 6;

/** The check looks at all of them; the page of the snapshot's coverage names all. */
function someOf(names: readonly string[]): string {
  const more = names.length - namesInLine;
  return more <= 1 ? names.join(', ') : `${names.slice(0, namesInLine).join(', ')} and ${more} more`;
}

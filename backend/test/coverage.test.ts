import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseEnvironmentSchema } from '../src/backup/index.ts';
import { coverageCsv, coveragePage, makeReport } from '../src/coverage/index.ts';
import type { CoverageReport, TableCoverage } from '../src/coverage/index.ts';
import { openLocalEnvironment, type LocalEnvironment } from './support/local-environment.ts';

let local: LocalEnvironment;
beforeAll(async () => {
  local = await openLocalEnvironment();
}, 60_000);
afterAll(() => local.close());

const few = { include: ['account', 'demo_sample', 'activityparty', 'email', 'fax'] };

async function report(): Promise<CoverageReport> {
  const options = { madeAt: local.now(), checked: null, isNewest: true };
  return makeReport(local.vault, await local.newest(), options);
}

/** RFC 4180, written anew: quoted cells, doubled quotes, CRLF. */
function parse(csv: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n|$)/g)) {
    if (end === '' && quoted === undefined && plain === '') continue;
    lines.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') lines.push([]);
  }
  return lines.filter((line) => line.length > 0);
}

const tableIn = (made: CoverageReport, name: string): TableCoverage => {
  const found = made.tables.find(({ table }) => table === name);
  if (found === undefined) throw new Error(`${name} is not in the report`);
  return found;
};

describe('the coverage report', () => {
  test('explains every table and column of the environment', async () => {
    await local.backUp(few);
    const made = await report();
    const all = await local.client.readTables();
    expect(made.tables.map(({ table }) => table)).toEqual(all.map(({ name }) => name).sort());
    // Asked one by one, without our client; some of each kind are enough.
    for (const table of made.tables.filter((_, index) => index % 9 === 0)) {
      const answer = await local.ask(
        'GET',
        `EntityDefinitions(LogicalName='${table.table}')/Attributes?$select=LogicalName`,
      );
      const names = (answer['value'] as { LogicalName: string }[]).map((one) => one.LogicalName).sort();
      expect(table.columns.map(({ column }) => column)).toEqual(names);
    }
    const lines = made.tables.flatMap((table) => [
      ...(table.status === 'protected' ? [] : table.reasons.length === 0 ? [table.table] : []),
      ...table.columns
        .filter(
          ({ status, reason }) =>
            status !== 'protected' && (reason === null || reason.hint === '' || reason.why === ''),
        )
        .map(({ column }) => `${table.table}.${column}`),
    ]);
    expect(lines).toEqual([]);
    const { tables, columns } = made.counts;
    expect(tables.protected + tables.partly + tables.not).toBe(all.length);
    expect(tableIn(made, 'account').recoveryPoint).not.toBeNull();
    // It was read, and has no rows.
    expect(tableIn(made, 'fax')).toMatchObject({ status: 'protected', rowCount: 0, reasons: [] });
    const to = tableIn(made, 'email').columns.find(({ column }) => column === 'to');
    expect(to).toMatchObject({ status: 'protected', reason: { code: 'held-elsewhere' } });
    expect(columns.protected).toBeGreaterThan(0);
  });

  test('is a page and a list in which no name of a table or column can do harm', async () => {
    const made = await report();
    const [table] = made.tables;
    const named = { ...table!, label: '=HYPERLINK("http://x")<script>alert(1)</script>' };
    const hostile = { ...made, tables: [named, ...made.tables.slice(1)] };
    expect(coveragePage(hostile, null)).not.toContain('<script');
    const lines = parse(coverageCsv(hostile));
    expect(lines).toHaveLength(
      1 + made.tables.reduce((sum, one) => sum + 1 + one.columns.length, 0) + made.outOfScope.length,
    );
    expect(lines.flat().filter((cell) => /^[=+@\-\t\r]/.test(cell))).toEqual([]);
  });

  test('says what no snapshot holds, on the page and in the list', async () => {
    const made = await report();
    const [page, lines] = [coveragePage(made, null), parse(coverageCsv(made))];
    for (const what of [
      'Cloud flows and classic workflows',
      'Apps (model-driven and canvas) and their pages',
      'Power Pages',
      'Solution packages',
      'Power BI reports and semantic models',
      'Dataverse for Teams',
      'Files in SharePoint and OneDrive, mailboxes, and rows of virtual tables',
    ]) {
      expect(page).toContain(what);
      expect(lines.filter((line) => line[3] === what)).toMatchObject([{ 4: 'not', 5: 'out-of-scope' }]);
    }
  });

  test('says so where the identity may see only some of the rows, and calls none of them deleted', async () => {
    const sales = await local.ask(
      'GET',
      "systemusers?$filter=fullname eq 'Mira Falk'&$select=azureactivedirectoryobjectid",
    );
    const [mira] = sales['value'] as { azureactivedirectoryobjectid: string }[];
    await local.backUp(few, { as: local.client.as(mira!.azureactivedirectoryobjectid) });
    const account = tableIn(await report(), 'account');
    expect(account.status).toBe('partly');
    expect(account.reasons.map(({ code }) => code)).toEqual(['no-privilege', 'no-longer-read']);
    for await (const row of local.vault
      .table('account')
      .scan((await local.vault.table('account').state())!.throughSeq))
      expect(row.values).toBeDefined();
    const at = await local.vault.snapshots.tableAt(await local.newest(), 'account');
    expect(at).toMatchObject({ status: 'stale', captured: { gone: 0 } });
    expect(at!.rowCount).toBeGreaterThan(0);
    // The right comes back, and the table with it.
    await local.backUp(few);
    expect(tableIn(await report(), 'account').status).toBe('protected');
  });

  test('reads no metadata again while its version stands', async () => {
    await local.ask('POST', 'accounts', { name: 'One more' });
    local.requests.length = 0;
    const before = await local.newest();
    await local.backUp(few);
    const after = await local.newest();
    expect(after.id > before.id).toBe(true);
    expect(local.requests.filter((path) => path.includes('$expand=Attributes'))).toEqual([]);
    const documents = [before, after].map(
      async ({ schema }) => parseEnvironmentSchema(await local.vault.schemas.readDocument(schema)).metadata,
    );
    const [first, second] = await Promise.all(documents);
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });
});

import { stringify } from 'csv-stringify/sync';
import type { CoverageReport, Protection, Reason, TableCoverage } from './report.ts';

const head = [
  'snapshot',
  'table',
  'column',
  'label',
  'status',
  'reason',
  'why',
  'way to change it',
  'mode',
  'rows',
  'recovery point',
  'files pending',
  'files lost',
] as const;

/**
 * One line for each table (column empty) and for each of its columns, as RFC 4180 has it. A cell that a spreadsheet
 * would take for a formula begins with an apostrophe: labels come from whoever may name a column.
 */
export function coverageCsv(report: CoverageReport): string {
  const lines = report.tables.flatMap((table) => [
    tableLine(report, table),
    ...table.columns.map(({ column, label, status, reason }) => [
      ...line(report, { table: table.table, column, label, status }, reason === null ? [] : [reason]),
      ...Array<string>(5).fill(''),
    ]),
  ]);
  const outOfScope = report.outOfScope.map(({ what, why, hint }) => [
    report.snapshot,
    '',
    '',
    what,
    'not',
    'out-of-scope',
    why,
    hint,
    ...Array<string>(5).fill(''),
  ]);
  return stringify([[...head], ...lines, ...outOfScope], {
    escape_formulas: true,
    record_delimiter: 'windows',
  });
}

function tableLine(report: CoverageReport, table: TableCoverage): (string | number)[] {
  const { mode, rowCount, recoveryPoint, filesPending, filesLost } = table;
  return [
    ...line(report, { ...table, column: '' }, [...table.reasons, ...table.warnings]),
    mode ?? '',
    rowCount ?? '',
    recoveryPoint ?? '',
    filesPending,
    filesLost,
  ];
}

function line(
  { snapshot }: CoverageReport,
  of: {
    readonly table: string;
    readonly column: string;
    readonly label: string;
    readonly status: Protection;
  },
  reasons: readonly Reason[],
): string[] {
  const joined = (text: (reason: Reason) => string) => reasons.map(text).join('; ');
  const { table, column, label, status } = of;
  return [
    snapshot,
    table,
    column,
    label,
    status,
    joined(({ code }) => code),
    joined(({ why }) => why),
    joined(({ hint }) => hint),
  ];
}

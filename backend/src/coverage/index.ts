export { makeReport } from './make-report.ts';
export type { ReportOptions } from './make-report.ts';
export type { ColumnCoverage, Counts, CoverageReport, Protection, Reason, TableCoverage } from './report.ts';
export { coverageCsv } from './csv.ts';
export { coveragePage } from './page.ts';
export { periodOf, snapshotsIn } from './period.ts';
export type { Period } from './period.ts';
export { schemaDifference } from './schema-difference.ts';
export type { SchemaChange } from './schema-difference.ts';

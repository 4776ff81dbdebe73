/**
 * The one contract: what people and programs send to Rowback and get back, whichever way they come in (REST, request
 * rows of the form, command line). Requests are validated from it; OpenAPI, the connector's Swagger and the types of the
 * form control are generated from it.
 */

export {
  columnName,
  instant,
  person,
  pointText,
  rowId,
  shown,
  snapshotId,
  tableName,
  value,
  type Person,
  type Shown,
} from './contract-terms.ts';
export {
  comparedColumn,
  comparison,
  comparisonQuery,
  comparisonSide,
  recordHistory,
  versionSummary,
  type ComparedColumn,
  type Comparison,
  type RecordHistory,
  type VersionSummary,
} from './contract-record.ts';
export {
  columnDecision,
  plannedColumn,
  plannedRow,
  planRestoreBody,
  problem,
  restore,
  restorePlan,
  restoreResult,
  restoreStatus,
  rowOutcome,
  type PlannedColumn,
  type PlannedRow,
  type PlanRestoreBody,
  type Problem,
  type Restore,
  type RestorePlan,
  type RestoreResult,
  type RowOutcome,
} from './contract-restore.ts';
export {
  backupJob,
  environmentSummary,
  problemDetails,
  snapshotDetails,
  snapshotSummary,
  startBackupBody,
  tableInSnapshot,
  type BackupJob,
  type EnvironmentSummary,
  type ProblemDetails,
  type SnapshotDetails,
  type SnapshotSummary,
} from './contract-backup.ts';
export {
  coverage,
  coverageQuery,
  tableCoverage,
  type CoverageAnswer,
  type CoverageQuery,
} from './contract-coverage.ts';
export { requestInput, requestResult, type RequestInput, type RequestResult } from './contract-request.ts';

export { noColumnSecurity, type ColumnSecurity, type RestoreContext } from './context.ts';
export {
  joinContents,
  withContents,
  contentColumns,
  type ContentFact,
  type ContentFacts,
  type RowWithContents,
} from './contents.ts';
export { columnUnknown, pointMalformed, tableUnknown } from './errors.ts';
export { readLive, type LiveRow } from './live-row.ts';
export { makePlan, type PlanRequest } from './make-plan.ts';
export type {
  PlannedColumn,
  PlannedContent,
  PlannedRow,
  Problem,
  Requester,
  RestorePlan,
  Selection,
} from './plan.ts';
export {
  newestPut,
  readDetails,
  readRecord,
  rowIdOf,
  snapshotShowing,
  versionAt,
  versionBySeq,
  wantedVersion,
  type RecordVersions,
} from './record.ts';
export type { ColumnOutcome, Outcome, OutcomeKind, RestoreResult, RowOutcome } from './result.ts';
export { runPlan } from './run.ts';
export { sameValue } from './same-value.ts';
export { readPlan, readResult, storePlan } from './store.ts';
export { isStarted } from './journal.ts';
export { makeUndoPlan } from './undo.ts';
export { plannedColumns, whyNotWritable } from './writable.ts';

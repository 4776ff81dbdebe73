export { readBackupFacts } from './facts.ts';
export { planBackup } from './plan.ts';
export type { BackupFacts, BackupPlan, BackupPolicy, ExcludedTable, TablePlan } from './plan.ts';
export type { LeftOutColumn } from './columns.ts';
export { runBackup } from './run.ts';
export type { BackupResult, RunOptions, TableReport } from './run.ts';
export type { BackupPorts, BackupProgress } from './run-context.ts';
export { BackupError, interrupted } from './errors.ts';

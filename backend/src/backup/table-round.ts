import type { TableSchema, VaultTable } from '../vault/index.ts';
import type { TablePlan } from './plan.ts';
import type { RunContext } from './run-context.ts';
import type { VersionLog } from './version-log.ts';

/** One table in one run: what its rounds share. */
export interface TableRound {
  readonly run: RunContext;
  readonly plan: TablePlan;
  readonly schema: TableSchema;
  readonly table: VaultTable;
  readonly log: VersionLog;
  /** When a run that captured something of this table last began; null: never. */
  readonly lastCapturedAt: string | null;
  /** Days for which the service keeps deletes. */
  readonly keptDays: number;
  readonly warn: (warning: string) => void;
}

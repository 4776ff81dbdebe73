import type { Alert, TableAtSnapshot, TableInSnapshot } from '../vault/index.ts';
import { alertsOfTable } from './alerts/table-alerts.ts';
import { describeTable, fileSeqsOf } from './assemble.ts';
import { captureContents, countPending, hasContents, noContents, type ContentsOutcome } from './contents.ts';
import type { BackupPlan, TablePlan } from './plan.ts';
import type { Before, RunStart } from './run-begin.ts';
import type { RunContext } from './run-context.ts';
import { sweepIsDue } from './sweep.ts';
import { failTable, readTable, type TableOutcome, type TablePast } from './table-run.ts';

/** What became of one table in one run; a plain value, so that another process can write the snapshot. */
export interface TableResult extends TableOutcome {
  readonly contents: ContentsOutcome;
  /** What the snapshot will say of the table, counted and hashed here where the work is shared; null: nothing moved. */
  readonly described: TableInSnapshot | null;
  readonly alerts: readonly Alert[];
}

/**
 * Second step of a run, once for each table: rows and deletes, the contents that they name, the table's count and hash. An error of this table
 * is in the result; what no table could survive (stopped, signed out, storage gone) is thrown.
 */
export async function backUpTable(
  context: RunContext,
  plan: BackupPlan,
  table: TablePlan,
  { start, before }: { readonly start: RunStart; readonly before: Before },
): Promise<TableResult> {
  // What begins and ends a run is little, and a run that has begun must be able to end.
  const run = { ...context, client: context.client.inBackground() };
  const past: TablePast = {
    retired: (folder) => before.schema.tables[folder]?.retired ?? [],
    sweepIsDue: (folder) => sweepIsDue(start.mark.sweptAt?.[folder], start.startedAt),
  };
  const outcome = await readTable(run, table, past, plan.environment);
  const previous = before.tables.get(outcome.folder) ?? null;
  const contents = await contentsOf(run, plan, table, outcome, previous);
  const files = await fileSeqsOf(run.vault, before);
  const described = await describeTable(run.vault, { ...outcome, contents }, previous, files);
  const read = { ...table, leftOut: [...table.leftOut, ...(outcome.withdrawn ?? [])] };
  const alerts = await alertsOfTable(run.vault, plan, read, { start, before, outcome, contents });
  for (const alert of alerts) run.onAlert(alert);
  return { ...outcome, contents, described, alerts };
}

/** The result of a table that no process came to an end with: it is named as failed, and the run goes on. */
export async function failedTable(
  ports: Pick<RunContext, 'vault' | 'snapshot'>,
  table: TablePlan,
  before: Before,
  error: { readonly code: string; readonly message: string },
): Promise<TableResult> {
  const retired = (folder: string) => before.schema.tables[folder]?.retired ?? [];
  const failed = { ...(await failTable(ports, table, retired, error)), contents: noContents };
  const previous = before.tables.get(failed.folder) ?? null;
  const files = await fileSeqsOf(ports.vault, before);
  return { ...failed, described: await describeTable(ports.vault, failed, previous, files), alerts: [] };
}

async function contentsOf(
  run: RunContext,
  plan: BackupPlan,
  { schema, details }: TablePlan,
  outcome: TableOutcome,
  previous: TableAtSnapshot | null,
): Promise<ContentsOutcome> {
  const throughSeq = outcome.state?.throughSeq ?? 0;
  if (throughSeq === 0 || outcome.status !== 'read' || !hasContents(schema)) return noContents;
  // What an unfinished read captured has not been looked through for contents yet.
  const isLookedThrough = previous?.status === 'complete' || previous?.status === 'stale';
  const since = isLookedThrough && previous.files.pending === 0 ? previous.throughSeq : 0;
  if (since === throughSeq) return noContents;
  const rows = { folder: outcome.folder, details, throughSeq, since };
  return plan.files ? captureContents(run, rows) : countPending(run, rows);
}

import type { Alert, TableAtSnapshot, TableInSnapshot } from '../vault/index.ts';
import { alertsOfTable } from './alerts/table-alerts.ts';
import { describeTable, type Captured } from './assemble.ts';
import { captureContents, countPending, hasContents, noContents, type ContentsOutcome } from './contents.ts';
import type { BackupPlan, TablePlan } from './plan.ts';
import type { Before, RunStart } from './run-begin.ts';
import type { RunContext } from './run-context.ts';
import { sweepIsDue } from './sweep.ts';
import { errorOfTable, failTable, readTable, type TableOutcome, type TablePast } from './table-run.ts';

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
  const done = await complete(run, plan, table, outcome, before).catch((error: unknown) =>
    failAfterRows(run, outcome, before, error),
  );
  const read = { ...table, leftOut: [...table.leftOut, ...(outcome.withdrawn ?? [])] };
  const { contents } = done;
  const alerts = await alertsOfTable(run.vault, plan, read, { start, before, outcome: done, contents });
  for (const alert of alerts) run.onAlert(alert);
  return { ...done, alerts };
}

type Described = Omit<TableResult, 'alerts'>;

async function complete(
  run: RunContext,
  plan: BackupPlan,
  table: TablePlan,
  outcome: TableOutcome,
  before: Before,
): Promise<Described> {
  const previous = before.tables.get(outcome.folder) ?? null;
  const contents = await contentsOf(run, plan, table, outcome, previous);
  return describe(run, { ...outcome, contents }, before);
}

/**
 * The rows are in the vault, their contents, count or hash could not be made: the snapshot names the table as it was
 * before, with the error, and the next run goes on from the rows. Throws what no table survives.
 */
function failAfterRows(
  run: RunContext,
  outcome: TableOutcome,
  before: Before,
  error: unknown,
): Promise<Described> {
  const { code, message } = errorOfTable(error);
  const errors = [...outcome.errors, { code, message }];
  return describe(run, { ...outcome, status: 'failed', errors, contents: noContents }, before);
}

async function describe(
  { vault }: Pick<RunContext, 'vault'>,
  captured: Captured,
  before: Before,
): Promise<Described> {
  return { ...captured, described: await describeTable(vault, captured, before) };
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
  return { ...(await describe(ports, failed, before)), alerts: [] };
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

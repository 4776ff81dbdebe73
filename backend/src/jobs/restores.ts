import { RefusedError } from '../base/errors.ts';
import { isReference } from '../base/value.ts';
import {
  isStarted,
  makePlan,
  makeUndoPlan,
  readPlan,
  readRecord,
  readResult,
  runPlan,
  storePlan,
  type PlannedColumn,
  type PlannedRow,
  type RestorePlan,
  type RestoreResult,
} from '../restore/index.ts';
import type { TableSchema } from '../vault/index.ts';
import { accessTo } from './access.ts';
import type { PlanRestoreBody, Restore } from './contract.ts';
import type { Caller, Environment } from './environment.ts';
import { pointTwice } from './errors.ts';
import { readNames, shownValue, type Names } from './presentation.ts';
import { pointOf } from './records.ts';

/** Plans to put back one record as it was at a point. Nothing is written to Dataverse; the plan is kept in the vault. */
export async function planRestore(
  environment: Environment,
  body: PlanRestoreBody,
  caller: Caller,
): Promise<Restore> {
  if (body.at !== undefined && body.version !== undefined) throw pointTwice();
  const record = await readRecord(environment, body.table, body.id);
  const { requester, security, mayBringBack } = await accessTo(environment, caller, record, 'write');
  const at =
    body.version === undefined
      ? pointOf(body.at ?? 'latest')
      : ({ kind: 'version', seq: body.version } as const);
  const columns = body.columns ?? 'all';
  const { overwrite } = body;
  const plan = await makePlan(environment, {
    table: record.table,
    id: record.id,
    at,
    columns,
    overwrite,
    requester,
    security,
    mayBringBack,
  });
  await storePlan(environment.vault, plan);
  await audit(environment, caller, 'plan', plan);
  return await present(environment, plan, null);
}

/** Plans to put back what a restore replaced. */
export async function planUndo(
  environment: Environment,
  restoreId: string,
  caller: Caller,
): Promise<Restore> {
  const original = await readPlan(environment.vault, restoreId);
  checkOwn(original, caller);
  const record = await readRecord(environment, original.selection.table, original.selection.id);
  const { requester, security } = await accessTo(environment, caller, record, 'write');
  const plan = await makeUndoPlan(environment, restoreId, requester, security);
  await storePlan(environment.vault, plan);
  await audit(environment, caller, 'plan-undo', plan);
  return await present(environment, plan, null);
}

/**
 * Runs a plan, or goes on with a run that was cut short; one that has ended answers with its result. The caller's rights
 * are looked at again: they may have changed since the plan.
 */
export async function runRestore(
  environment: Environment,
  restoreId: string,
  caller: Caller,
): Promise<Restore> {
  const plan = await readPlan(environment.vault, restoreId);
  checkOwn(plan, caller);
  const ended = await readResult(environment.vault, restoreId);
  if (ended !== null) return await present(environment, plan, ended);
  const record = await readRecord(environment, plan.selection.table, plan.selection.id);
  const { security } = await accessTo(environment, caller, record, 'write');
  checkHidden(plan, security.hidden);
  await audit(environment, caller, 'restore', plan);
  const result = await runPlan(environment, restoreId);
  await audit(environment, caller, `restore-${result.status}`, plan);
  return await present(environment, plan, result);
}

/** A restore as it stands. For operators: what a user may see is checked by the other ways in. */
export async function showRestore(environment: Environment, restoreId: string): Promise<Restore> {
  const plan = await readPlan(environment.vault, restoreId);
  return await present(environment, plan, await readResult(environment.vault, restoreId));
}

/** A plan says what its maker may see and do: nobody else runs it. */
function checkOwn(plan: RestorePlan, caller: Caller): void {
  const own =
    caller.kind === 'operator'
      ? plan.by.kind === 'operator'
      : plan.by.kind === 'user' && plan.by.userId === caller.systemuserid;
  if (own) return;
  throw new RefusedError('not-your-plan', `The restore ${plan.id} was planned by somebody else.`, {
    hint: 'Make a plan of your own.',
    context: { restore: plan.id },
  });
}

/** A column may have been closed to the requester since the plan. */
function checkHidden(plan: RestorePlan, hidden: ReadonlySet<string>): void {
  const [row] = plan.rows;
  const closed = row?.columns.find(({ name, decision }) => decision === 'restore' && hidden.has(name));
  if (closed === undefined) return;
  throw new RefusedError(
    'plan-expired',
    `The plan ${plan.id} is no longer good: ${closed.label} is closed to you now.`,
    {
      hint: 'Make the plan again, look at it, and run that one.',
      context: { restore: plan.id },
    },
  );
}

async function audit(
  environment: Environment,
  caller: Caller,
  action: string,
  plan: RestorePlan,
): Promise<void> {
  const at = environment.clock.now().toISOString();
  const { table, id } = plan.selection;
  await environment.vault.appendAudit({
    at,
    action,
    caller,
    table,
    id,
    restore: plan.id,
    undoes: plan.undoes,
  });
}

async function present(
  environment: Environment,
  plan: RestorePlan,
  result: RestoreResult | null,
): Promise<Restore> {
  const started = result !== null || (await isStarted(environment.vault.restore(plan.id)));
  return {
    plan: await presentPlan(environment, plan),
    result: result === null ? null : presentResult(result),
    status: result?.status ?? (started ? 'running' : 'planned'),
  };
}

async function presentPlan(environment: Environment, plan: RestorePlan): Promise<Restore['plan']> {
  const schemas = new Map<string, TableSchema>();
  for (const { schema } of plan.rows) {
    if (schema !== null && !schemas.has(schema))
      schemas.set(schema, await environment.vault.schemas.read(schema));
  }
  const latest = await environment.vault.snapshots.resolve({ kind: 'latest' });
  const tables = await environment.vault.snapshots.tablesAt(latest);
  const references = plan.rows.flatMap(({ columns }) =>
    columns.flatMap(({ wanted, now }) => [wanted, now].filter(isReference)),
  );
  const names = await readNames(environment, tables, references);
  const { table, id, snapshot, capturedAt, overwrite, columns } = plan.selection;
  return {
    id: plan.id,
    environment: environment.name,
    createdAt: plan.createdAt,
    expiresAt: plan.expiresAt,
    undoes: plan.undoes,
    selection: {
      table,
      id,
      snapshot,
      capturedAt,
      overwrite,
      columns: columns === 'all' ? 'all' : [...columns],
    },
    rows: plan.rows.map((row) => presentRow(row, schemas, names)),
    problems: plan.problems.map((problem) => ({ ...problem, waysOut: [...problem.waysOut] })),
    sideEffects: [...plan.sideEffects],
    counts: countPlan(plan),
  };
}

function presentRow(
  row: PlannedRow,
  schemas: ReadonlyMap<string, TableSchema>,
  names: Names,
): Restore['plan']['rows'][number] {
  const { table, tableLabel, id, name, action, why } = row;
  const schema = row.schema === null ? undefined : schemas.get(row.schema);
  return {
    table,
    tableLabel,
    id,
    name,
    action,
    why,
    columns: row.columns.map((column) => presentColumn(row, column, schema, names)),
    files: row.contents.map((content) => ({
      column: content.column,
      name: content.name,
      bytes: content.bytes,
    })),
  };
}

function presentColumn(
  row: PlannedRow,
  column: PlannedColumn,
  schema: TableSchema | undefined,
  names: Names,
): Restore['plan']['rows'][number]['columns'][number] {
  const { name, label, type, decision, why, wanted, now } = column;
  const format = schema?.columns.find((candidate) => candidate.name === name) ?? { type };
  const planned = row.contents.find((content) => content.column === name);
  const stored =
    planned?.sha256 == null ? undefined : ({ ...planned, sha256: planned.sha256, state: 'stored' } as const);
  return {
    name,
    label,
    wanted: shownValue(format, wanted, names, stored),
    now: shownValue(format, now, names),
    decision,
    why,
  };
}

function countPlan(plan: RestorePlan): Restore['plan']['counts'] {
  const columns = plan.rows.flatMap((row) =>
    row.columns.map(({ decision }) => ({ decision, action: row.action })),
  );
  return {
    rows: plan.rows.filter(({ action }) => action !== 'none').length,
    columnsToRestore: columns.filter(({ decision, action }) => decision === 'restore' && action !== 'none')
      .length,
    columnsKept: columns.filter(({ decision }) => decision === 'kept').length,
    filesToRestore: plan.rows.reduce((total, { contents }) => total + contents.length, 0),
  };
}

function presentResult(result: RestoreResult): NonNullable<Restore['result']> {
  const count = (kind: string) => result.rows.filter((row) => row.kind === kind).length;
  const { id, status, startedAt, endedAt, undoOffered } = result;
  return {
    id,
    status,
    startedAt,
    endedAt,
    undoOffered,
    counts: {
      restored: count('restored'),
      kept: count('kept'),
      skipped: count('skipped'),
      failed: count('failed'),
    },
    rows: result.rows.map((row) => ({ ...row, columns: [...row.columns] })),
  };
}

import { assert } from '../base/assert.ts';
import { RefusedError } from '../base/errors.ts';
import { isReference } from '../base/value.ts';
import {
  isStarted,
  makePlan,
  makeUndoPlan,
  readDetails,
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
import { accessTo, type Access } from './access.ts';
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
  const access = await accessTo(environment, caller, record, 'write');
  const { requester, security, securityOf, mayBringBack } = access;
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
    securityOf,
    mayBringBack,
  });
  await storePlan(environment.vault, plan);
  await audit(environment, caller, 'plan', plan);
  return await present(environment, plan, null, access.reader);
}

/** Plans to put back what a restore replaced: a person their own, an operator anybody's. */
export async function planUndo(
  environment: Environment,
  restoreId: string,
  caller: Caller,
): Promise<Restore> {
  const original = await readPlan(environment.vault, restoreId);
  if (caller.kind === 'user') checkOwn(original, caller);
  const record = await readRecord(environment, original.selection.table, original.selection.id);
  const access = await accessTo(environment, caller, record, 'write');
  checkColumns(original, await hiddenFrom(environment, original, access));
  const plan = await makeUndoPlan(environment, restoreId, access);
  await storePlan(environment.vault, plan);
  await audit(environment, caller, 'plan-undo', plan);
  return await present(environment, plan, null, access.reader);
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
  const record = await readRecord(environment, plan.selection.table, plan.selection.id);
  const access = await accessTo(environment, caller, record, ended === null ? 'write' : 'read');
  checkColumns(plan, await hiddenFrom(environment, plan, access));
  if (ended !== null) return await present(environment, plan, ended, access.reader);
  await audit(environment, caller, 'restore', plan);
  const result = await runPlan(environment, restoreId);
  await audit(environment, caller, `restore-${result.status}`, plan);
  return await present(environment, plan, result, access.reader);
}

/** A restore as it stands. For operators: a user sees one by running it. */
export async function showRestore(
  environment: Environment,
  restoreId: string,
  caller: Caller,
): Promise<Restore> {
  assert(caller.kind === 'operator', 'a person sees a restore by running it, after a look at their rights');
  const plan = await readPlan(environment.vault, restoreId);
  await audit(environment, caller, 'show-restore', plan);
  return await present(environment, plan, await readResult(environment.vault, restoreId), null);
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

type HiddenByTable = ReadonlyMap<string, ReadonlySet<string>>;

/** By table of the plan's rows: the columns that are closed to whoever asks now. */
async function hiddenFrom(
  environment: Environment,
  plan: RestorePlan,
  access: Access,
): Promise<HiddenByTable> {
  const hidden = new Map([[plan.selection.table, access.security.hidden]]);
  for (const { table, schema } of plan.rows) {
    if (schema === null || hidden.has(table)) continue;
    const details = await readDetails(environment.client, table);
    if (details !== null) hidden.set(table, (await access.securityOf(details, schema)).hidden);
  }
  return hidden;
}

/** A column may have been closed to the requester since the plan, which shows its values. */
function checkColumns(plan: RestorePlan, hidden: HiddenByTable): void {
  const closed = plan.rows
    .flatMap(({ table, columns }) => columns.filter(({ name }) => hidden.get(table)?.has(name)))
    .at(0);
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
  reader: Access['reader'],
): Promise<Restore> {
  const started = result !== null || (await isStarted(environment.vault.restore(plan.id)));
  return {
    plan: await presentPlan(environment, plan, reader),
    result: result === null ? null : presentResult(result),
    status: result?.status ?? (started ? 'running' : 'planned'),
  };
}

async function presentPlan(
  environment: Environment,
  plan: RestorePlan,
  reader: Access['reader'],
): Promise<Restore['plan']> {
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
  const names = await readNames(environment, tables, references, reader);
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

import type { ManyToMany, TableDetails } from '../dataverse/index.ts';
import type { TableSchema } from '../vault/index.ts';
import type { RestoreContext } from './context.ts';
import { planExpired, restoreRunning, tableGone } from './errors.ts';
import { Journal } from './journal.ts';
import { rowOutcomes, skipped, statusOf } from './outcome.ts';
import type { PlannedLink, PlannedRow, RestorePlan } from './plan.ts';
import { readDetails } from './record.ts';
import type { RestoreResult } from './result.ts';
import { runLinkStep } from './run-link.ts';
import { runRowStep, type RowStep, type Run, type StepResult } from './run-step.ts';
import { columnsOf, stepsOf, type Step } from './steps.ts';
import { readPlan, readPreImage, readResult } from './store.ts';
import { fingerprint } from './writable.ts';

const leaseSeconds = 60;

/**
 * Writes what the plan lists and nothing else. Safe to repeat: a run that was cut short goes on where it stopped, one
 * that has ended answers with its result. Throws `restore-missing`, `plan-expired`, `restore-running`, and what makes
 * going on impossible (storage or Dataverse not there); then it can be run again.
 */
export async function runPlan(context: RestoreContext, id: string): Promise<RestoreResult> {
  const plan = await readPlan(context.vault, id);
  const ended = await readResult(context.vault, id);
  if (ended !== null) return ended;
  const { table, id: row } = plan.selection;
  const lease = await context.control.acquireLease(leaseName(context, table, row), leaseSeconds);
  if (lease === 'held') throw restoreRunning(table, row);
  try {
    return await runHeld(context, plan, async () => {
      if ((await lease.renew()) === 'lost') throw restoreRunning(table, row);
    });
  } finally {
    await lease.release();
  }
}

const leaseName = (context: RestoreContext, table: string, id: string): string =>
  `restores/${context.environmentId}/${table}/${id}`;

async function runHeld(
  context: RestoreContext,
  plan: RestorePlan,
  holdOn: () => Promise<void>,
): Promise<RestoreResult> {
  const ended = await readResult(context.vault, plan.id);
  if (ended !== null) return ended;
  const run = await openRun(context, plan);
  const by = plan.by.kind === 'user' ? plan.by.userId : plan.by.name;
  if (run.journal.startedAt === null) await run.journal.start(by);
  for (const step of run.steps) {
    if (run.journal.ended(step.number) !== null) continue;
    await holdOn();
    const { outcome, left } = await runStep(run, step);
    await run.journal.end(step.number, outcome, left);
  }
  return await conclude(run);
}

async function openRun(context: RestoreContext, plan: RestorePlan): Promise<Run> {
  const journal = await Journal.open(context.vault.restore(plan.id), context.clock, plan.selection);
  const details = await liveDetails(context, plan);
  checkFresh(context, plan, details, journal.startedAt !== null);
  const schemas = new Map<string, TableSchema>();
  for (const { schema } of plan.rows) {
    if (schema !== null && !schemas.has(schema))
      schemas.set(schema, await context.vault.schemas.read(schema));
  }
  const person = plan.by.kind === 'user' ? plan.by : null;
  return {
    context,
    plan,
    steps: stepsOf(plan),
    journal,
    writer: person === null ? context.client : context.client.as(person.entraObjectId),
    writerId: person?.userId ?? (await context.client.whoAmI()).userId,
    details,
    schemas,
  };
}

async function liveDetails(context: RestoreContext, plan: RestorePlan): Promise<Map<string, TableDetails>> {
  const names = plan.rows.flatMap(({ table, link }) => (link === null ? [table] : [link.table1]));
  const details = new Map<string, TableDetails>();
  for (const name of new Set(names)) {
    const found = await readDetails(context.client, name);
    if (found === null) throw tableGone(name);
    details.set(name, found);
  }
  return details;
}

/** A run that has begun goes on whatever the hour: each of its writes is guarded on its own. */
function checkFresh(
  context: RestoreContext,
  plan: RestorePlan,
  details: ReadonlyMap<string, TableDetails>,
  begun: boolean,
): void {
  if (!begun && context.clock.now().getTime() > Date.parse(plan.expiresAt)) {
    throw planExpired(plan.id, 'it is older than 24 hours');
  }
  for (const [table, planned] of Object.entries(plan.fingerprints)) {
    const live = details.get(table);
    if (live !== undefined && fingerprint(live) !== planned) {
      throw planExpired(plan.id, `the columns of ${table} have changed`);
    }
  }
}

async function runStep(run: Run, step: Step): Promise<StepResult> {
  const row = run.plan.rows[step.row];
  const stopped = row === undefined ? null : stoppedBy(run, step, row.needs);
  if (row !== undefined && stopped !== null) {
    const closing = await closingAgain(run, step);
    if (closing !== null) return await runRowStep(run, rowStep(run, row, closing));
  }
  if (row === undefined || stopped !== null)
    return { outcome: skipped(stopped ?? 'Not planned.'), left: null };
  if (row.link !== null) {
    const relation = relationOf(run, row.link);
    if (relation === null)
      throw planExpired(run.plan.id, `the relationship ${row.link.relationship} is gone`);
    return await runLinkStep(run, step, relation, row.link);
  }
  return await runRowStep(run, rowStep(run, row, step));
}

function rowStep(run: Run, row: PlannedRow, step: Step): RowStep {
  const details = run.details.get(row.table);
  const schema = row.schema === null ? undefined : run.schemas.get(row.schema);
  if (details === undefined || schema === undefined) throw tableGone(row.table);
  return { step, row, details, schema, columns: columnsOf(row, step) };
}

/** A row that this run opened and then could not write goes back into the state in which it was found. */
async function closingAgain(run: Run, step: Step): Promise<Step | null> {
  const opening = run.steps.find(({ row, kind }) => row === step.row && kind === 'open');
  if (step.kind !== 'state' || opening === undefined) return null;
  if (run.journal.ended(opening.number)?.outcome.kind !== 'restored') return null;
  const before = await readPreImage(run.context.vault.restore(run.plan.id), opening.number);
  const state = before?.values?.['statecode'];
  const status = before?.values?.['statuscode'];
  if (typeof state !== 'number' || typeof status !== 'number') return null;
  return { number: step.number, row: step.row, kind: 'state', pair: { state, status } };
}

function relationOf(run: Run, link: PlannedLink): ManyToMany | null {
  const relations = run.details.get(link.table1)?.manyToMany ?? [];
  return relations.find(({ schemaName }) => schemaName === link.relationship) ?? null;
}

/** Why a step is not even tried: the row's own first write, or the row it hangs from, did not come through. */
function stoppedBy(run: Run, step: Step, needs: number | null): string | null {
  const own = firstOutcome(run, step.row, step.number);
  if (own !== null) return own;
  const parent = needs === null ? null : firstOutcome(run, needs, step.number);
  return parent === null ? null : 'The record it belongs to was not restored.';
}

function firstOutcome(run: Run, row: number, before: number): string | null {
  const steps = run.steps.filter((step) => step.row === row && step.number < before);
  for (const step of steps) {
    const outcome = run.journal.ended(step.number)?.outcome;
    const stops =
      outcome?.kind === 'kept' || (outcome?.kind === 'failed' && outcome.code !== 'value-ignored');
    if (stops && step.kind !== 'content')
      return 'Not written: an earlier step of this row did not come through.';
  }
  return null;
}

async function conclude(run: Run): Promise<RestoreResult> {
  const { context, plan, journal, steps } = run;
  const rows = rowOutcomes(plan, steps, (step) => journal.ended(step.number)?.outcome ?? null);
  const endedAt = context.clock.now().toISOString();
  const result: RestoreResult = {
    format: 1,
    id: plan.id,
    status: statusOf(plan, rows),
    startedAt: journal.startedAt ?? endedAt,
    endedAt,
    undoOffered: await wroteAnything(run),
    rows,
  };
  await context.vault.restore(plan.id).write('result.json', result);
  return result;
}

async function wroteAnything(run: Run): Promise<boolean> {
  for (const step of run.steps) {
    const outcome = run.journal.ended(step.number)?.outcome;
    const wrote =
      outcome?.kind === 'restored' || outcome?.columns.some(({ kind }) => kind === 'restored') === true;
    if (wrote && (await readPreImage(run.context.vault.restore(run.plan.id), step.number)) !== null)
      return true;
  }
  return false;
}

import { RefusedError } from '../../base/errors.ts';
import { planRestoreBody, type PlanRestoreBody, type Restore } from '../../jobs/contract.ts';
import type { Environment } from '../../jobs/environment.ts';
import { planRestore, planUndo, runRestore, showRestore } from '../../jobs/restores.ts';
import { operator, withEnvironment, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import { inputInvalid } from '../input.ts';
import type { CommandResult } from '../output.ts';
import { confirmationNeeded, nothingNamed, planSaysIt } from '../errors.ts';
import { planText, resultText } from './restore-text.ts';

export interface RestoreChoices {
  readonly at?: string | undefined;
  readonly version?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly overwrite?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly plan?: string | undefined;
  readonly yes?: boolean | undefined;
}

/** Plans the restore of one record and, once confirmed, runs it; or runs a plan that was made before. */
export async function restore(
  context: CommandContext,
  row: { readonly table?: string | undefined; readonly id?: string | undefined },
  choices: RestoreChoices,
): Promise<CommandResult> {
  if (choices.plan !== undefined) refuseMore(row, choices);
  const body = choices.plan === undefined ? bodyOf(row, choices) : null;
  return withEnvironment(context, async (environment) => {
    const caller = operator(context.machine);
    const planned =
      body === null
        ? await showRestore(environment, choices.plan ?? '', caller)
        : await planRestore(environment, body, caller);
    return finish(context, environment, planned, choices);
  });
}

/** Plans the undoing of a restore and, once confirmed, runs it. */
export async function undo(
  context: CommandContext,
  restoreId: string,
  choices: Pick<RestoreChoices, 'dryRun' | 'yes'>,
): Promise<CommandResult> {
  return withEnvironment(context, async (environment) => {
    const planned = await planUndo(environment, restoreId, operator(context.machine));
    return finish(context, environment, planned, choices);
  });
}

/** A plan holds record, point and columns; what is named beside it would silently not be done. */
function refuseMore(
  row: { readonly table?: string | undefined },
  { at, version, columns, overwrite }: RestoreChoices,
): void {
  const more = [row.table, at, version, columns, overwrite].some((value) => value !== undefined);
  if (more) throw planSaysIt();
}

function bodyOf(
  row: { readonly table?: string | undefined; readonly id?: string | undefined },
  choices: RestoreChoices,
): PlanRestoreBody {
  if (row.table === undefined || row.id === undefined) throw nothingNamed();
  const { at, version, columns, overwrite } = choices;
  const given = { table: row.table, id: row.id, at, version, columns, overwrite };
  const parsed = planRestoreBody.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if (!parsed.success) throw inputInvalid(parsed.error.issues);
  return parsed.data;
}

async function finish(
  context: CommandContext,
  environment: Environment,
  planned: Restore,
  choices: Pick<RestoreChoices, 'dryRun' | 'yes'>,
): Promise<CommandResult> {
  if (choices.dryRun === true) return plannedOnly(context, planned, 'planned');
  if (planned.result === null && hasNothingToDo(planned))
    return plannedOnly(context, planned, 'nothing-to-do');
  if (choices.yes !== true) await confirm(context, planned);
  const ran = await runRestore(environment, planned.plan.id, operator(context.machine));
  const codes = {
    done: exit.done,
    partly: exit.partly,
    failed: exit.failed,
    planned: exit.failed,
    running: exit.failed,
  };
  return {
    ok: ran.status === 'done',
    code: ran.status,
    exitCode: codes[ran.status],
    data: ran,
    text: resultText(ran),
    warnings: context.warnings,
  };
}

function plannedOnly(context: CommandContext, planned: Restore, code: string): CommandResult {
  const { warnings } = context;
  return { ok: true, code, exitCode: exit.done, data: planned, text: planText(planned.plan), warnings };
}

/** A plan that writes nothing because something stands in the way is run all the same: its result says what. */
function hasNothingToDo({ plan }: Restore): boolean {
  return plan.rows.every((row) => row.action === 'none') && plan.problems.length === 0;
}

async function confirm({ machine, output }: CommandContext, planned: Restore): Promise<void> {
  if (!machine.isTerminal || output.json) throw confirmationNeeded(planned.plan.id);
  output.err(`${planText(planned.plan)}\n\n`);
  const answer = await machine.ask('Write this to Dataverse? [y/N] ');
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new RefusedError('not-confirmed', 'Nothing was written.', {
    hint: `The plan stays good for a day: rowback restore --plan ${planned.plan.id} --yes runs it.`,
  });
}

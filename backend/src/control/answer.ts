import { InputError, RowbackError } from '../base/errors.ts';
import type { RequestResult, Restore } from '../jobs/contract.ts';
import type { Caller, Environment } from '../jobs/environment.ts';
import { compareVersions, recordHistory } from '../jobs/records.ts';
import { planRestore, planUndo, runRestore } from '../jobs/restores.ts';
import type { Request } from './request.ts';
import type { RestoreRows } from './restore-rows.ts';

/** Length of `rowback_result`. */
const longest = 1_048_576;

/** Does what a request asks, in the name of the person who made it. Throws what the jobs throw. */
export async function answer(
  environment: Environment,
  rows: RestoreRows,
  request: Request,
): Promise<RequestResult> {
  const caller: Caller = { kind: 'user', systemuserid: request.userId };
  const { table, row: id, input } = request;
  switch (input.kind) {
    case 'history':
      return { ok: true, kind: 'history', data: await recordHistory(environment, { table, id }, caller) };
    case 'compare': {
      const { from, to } = input;
      return {
        ok: true,
        kind: 'compare',
        data: await compareVersions(environment, { table, id, from, to }, caller),
      };
    }
    case 'plan': {
      const { version, columns, overwrite } = input;
      const body = { table, id, version, overwrite, ...(columns === undefined ? {} : { columns }) };
      return { ok: true, kind: 'plan', data: (await planRestore(environment, body, caller)).plan };
    }
    case 'restore':
      return {
        ok: true,
        kind: 'restore',
        data: await run(environment, rows, request, input.restoreId, caller),
      };
    case 'undo': {
      const planned = await planUndo(environment, input.restoreId, caller);
      return { ok: true, kind: 'undo', data: await run(environment, rows, request, planned.plan.id, caller) };
    }
  }
}

/** A run is also told in a row that people read. */
async function run(
  environment: Environment,
  rows: RestoreRows,
  request: Request,
  restoreId: string,
  caller: Caller,
): Promise<Restore> {
  const row = await rows.begin(request, restoreId);
  try {
    const restore = await runRestore(environment, restoreId, caller);
    await row.end(restore);
    return restore;
  } catch (error) {
    await row.fail(error instanceof RowbackError ? error.message : 'It stopped on an error inside Rowback.');
    throw error;
  }
}

/** Text for the result column. Throws `result-too-long`. */
export function resultText(result: RequestResult): string {
  const text = JSON.stringify(result);
  if (text.length <= longest) return text;
  throw new InputError('result-too-long', 'The answer is longer than a request can carry.', {
    hint: 'Ask for fewer columns, or use the command line.',
  });
}

/** An error as the form shows it. What is not ours is not told to a person: it is for the log. */
export function failure(error: unknown): Extract<RequestResult, { ok: false }> {
  if (error instanceof RowbackError) {
    const { code, message, hint } = error;
    return { ok: false, error: { code, message, hint } };
  }
  const hint = "The backend's log says more. Try again; if it stays, tell an operator.";
  return {
    ok: false,
    error: { code: 'internal-error', message: 'Something went wrong inside Rowback.', hint },
  };
}

import { assert } from '../base/assert.ts';
import type { RowbackError } from '../base/errors.ts';
import type { PlannedColumn, PlannedRow, RestorePlan } from './plan.ts';
import type { ColumnOutcome, Outcome, OutcomeKind, RestoreResult, RowOutcome } from './result.ts';
import type { Step } from './steps.ts';

const plain = { code: null, why: null, hint: null } as const;

export const restored = (columns: readonly ColumnOutcome[] = []): Outcome => ({
  kind: 'restored',
  ...plain,
  columns,
});

export const skipped = (why: string): Outcome => ({
  kind: 'skipped',
  code: null,
  why,
  hint: null,
  columns: [],
});

/** Somebody was there first: nothing was written, and that is said of each column. */
export function kept(code: string, why: string, columns: readonly PlannedColumn[]): Outcome {
  const hint = 'Make the plan again to see the row as it is now.';
  return { kind: 'kept', code, why, hint, columns: columns.map(({ name }) => ({ name, kind: 'kept', why })) };
}

export function failed(error: RowbackError, columns: readonly PlannedColumn[]): Outcome {
  const { code, message: why, hint } = error;
  return {
    kind: 'failed',
    code,
    why,
    hint,
    columns: columns.map(({ name }) => ({ name, kind: 'failed', why })),
  };
}

/** Judged by what was read back. A value that the service ignored is never called restored. */
export function judged(columns: readonly ColumnOutcome[]): Outcome {
  const ignored = columns.filter(({ kind }) => kind === 'failed');
  if (ignored.length === 0) return restored(columns);
  const names = ignored.map(({ name }) => name).join(', ');
  return {
    kind: 'failed',
    code: 'value-ignored',
    why: `The service took the write and left another value in ${names}.`,
    hint: 'A plug-in or flow may set these columns, or the platform does not let them be set.',
    columns,
  };
}

/** What became of each row, from what became of its steps. */
export function rowOutcomes(
  plan: RestorePlan,
  steps: readonly Step[],
  outcomeOf: (step: Step) => Outcome | null,
): RowOutcome[] {
  return plan.rows.map((row, index) => {
    const outcomes = steps
      .filter((step) => step.row === index)
      .map((step) => outcomeOf(step) ?? skipped('Not run.'));
    const { table, id, name } = row;
    return { table, id, name, ...rowOutcome(row, outcomes), columns: columnOutcomes(row, outcomes) };
  });
}

function rowOutcome(row: PlannedRow, outcomes: readonly Outcome[]): Omit<Outcome, 'columns'> {
  const first = (kind: OutcomeKind) => outcomes.find((outcome) => outcome.kind === kind);
  const decisive = first('failed') ?? first('kept') ?? first('restored') ?? first('skipped');
  if (decisive !== undefined) {
    const { kind, code, why, hint } = decisive;
    return { kind, code, why, hint };
  }
  const keeps = row.columns.find(({ decision }) => decision === 'kept');
  return {
    kind: keeps === undefined ? 'skipped' : 'kept',
    code: null,
    why: keeps?.why ?? row.why,
    hint: null,
  };
}

/** Columns that were to be written, and those that a person would miss. */
function columnOutcomes(row: PlannedRow, outcomes: readonly Outcome[]): ColumnOutcome[] {
  const written = new Map(
    outcomes.flatMap(({ columns }) => columns.map((column) => [column.name, column] as const)),
  );
  return row.columns.flatMap(({ name, decision, why }): ColumnOutcome[] => {
    switch (decision) {
      case 'restore':
        return [written.get(name) ?? { name, kind: 'skipped', why: 'Not written: an earlier step stopped.' }];
      case 'kept':
        return [{ name, kind: 'kept', why }];
      case 'cannot':
        return [{ name, kind: 'skipped', why }];
      case 'already-right': {
        const filled = written.get(name);
        return filled === undefined ? [] : [filled];
      }
      case 'not-captured':
      case 'untouched':
        return [];
    }
  });
}

/** Partly: something failed, was kept although the plan meant to write it, or a problem left something out. */
export function statusOf(plan: RestorePlan, rows: readonly RowOutcome[]): RestoreResult['status'] {
  assert(rows.length === plan.rows.length, 'every planned row has an outcome');
  const some = (kind: OutcomeKind) =>
    rows.some((row) => row.kind === kind || row.columns.some((c) => c.kind === kind));
  const keptAtRun = rows.some(({ kind, code }) => kind === 'kept' && code !== null);
  if (some('failed')) return some('restored') ? 'partly' : 'failed';
  return keptAtRun || plan.problems.length > 0 ? 'partly' : 'done';
}

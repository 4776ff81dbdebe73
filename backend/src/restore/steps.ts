import type { PlannedContent, PlannedRow, RestorePlan, StatePair } from './plan.ts';

/** One write of a run, with the read that guards it. Numbered from 1, the same in every run of the plan. */
export type Step = { readonly number: number; readonly row: number } & StepAction;

export type StepAction =
  | { readonly kind: 'open'; readonly pair: StatePair }
  | { readonly kind: 'create' }
  | { readonly kind: 'update' }
  /** Columns that can only be written once the row is there. */
  | { readonly kind: 'complete' }
  | { readonly kind: 'content'; readonly content: PlannedContent }
  | { readonly kind: 'associate' }
  | { readonly kind: 'disassociate' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'state'; readonly pair: StatePair };

/**
 * The steps of a plan in the order in which they are safe: rows, then what hangs from them, then contents, and states
 * last, because a closed row may refuse everything else.
 */
export function stepsOf(plan: RestorePlan): readonly Step[] {
  const actions: { readonly row: number; readonly action: StepAction }[] = [];
  const add = (row: number, action: StepAction): number => actions.push({ row, action });
  plan.rows.forEach((row, index) => rowActions(row).forEach((action) => add(index, action)));
  plan.rows.forEach((row, index) =>
    contentsApart(row).forEach((content) => add(index, { kind: 'content', content })),
  );
  plan.rows.forEach((row, index) => {
    if (row.state !== null && row.action !== 'none') add(index, { kind: 'state', pair: row.state });
  });
  return actions.map(({ row, action }, index) => ({ number: index + 1, row, ...action }));
}

function rowActions(row: PlannedRow): StepAction[] {
  switch (row.action) {
    case 'none':
      return [];
    case 'associate':
    case 'disassociate':
    case 'delete':
      return [{ kind: row.action }];
    case 'create':
      return writes(row, 'later') ? [{ kind: 'create' }, { kind: 'complete' }] : [{ kind: 'create' }];
    case 'update': {
      const update: StepAction[] = writes(row, 'row') ? [{ kind: 'update' }] : [];
      return row.open === null ? update : [{ kind: 'open', pair: row.open }, ...update];
    }
  }
}

const writes = (row: PlannedRow, step: 'row' | 'later'): boolean =>
  row.columns.some((column) => column.step === step && column.decision === 'restore');

/** The body of a new note travels with its row. */
const contentsApart = (row: PlannedRow): readonly PlannedContent[] =>
  row.contents.filter(({ kind }) => row.action !== 'create' || kind !== 'body');

/** Columns that a step writes and proves. */
export function columnsOf(row: PlannedRow, step: Step): readonly PlannedRow['columns'][number][] {
  const restore = row.columns.filter(({ decision }) => decision === 'restore');
  switch (step.kind) {
    case 'create':
    case 'update':
      return restore.filter((column) => column.step === 'row');
    case 'complete':
      return restore.filter((column) => column.step === 'later');
    case 'content':
      return restore.filter(({ name }) => name === step.content.column);
    case 'state':
      return restore.filter((column) => column.step === 'state');
    case 'open':
    case 'associate':
    case 'disassociate':
    case 'delete':
      return [];
  }
}

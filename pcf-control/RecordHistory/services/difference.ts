import type { ComparedColumn, Comparison, PlannedColumn, PlannedRow, RestorePlan, Shown } from './contract';

/** One line of the comparison, with what a restore may do about it. */
export type DifferenceColumn = {
  name: string;
  label: string;
  then: Shown;
  now: Shown;
  differs: boolean;
  change: ComparedColumn['change'];
  tick: Tick;
  /** Why it is not ticked, or cannot be. */
  why: string | null;
};

export type Tick =
  /** Nothing to put back: equal, or not in this backup. */
  | { kind: 'none' }
  /** The plan is not here yet. */
  | { kind: 'pending' }
  | { kind: 'offered'; ticked: boolean; kept: boolean }
  | { kind: 'cannot' };

/** What the user decided against the plan's own choice, by column. */
export type Overrides = ReadonlyMap<string, boolean>;

/** The platform rewrites these with every save: the timeline tells who and when, so here they would only be noise. */
const bookkeeping = new Set(['modifiedon', 'modifiedby', 'modifiedonbehalfby', 'versionnumber']);

/** The comparison's columns with ticks as the plan decides them and the user overrides them. */
export function differences(
  comparison: Comparison,
  plan: RestorePlan | null,
  overrides: Overrides,
): DifferenceColumn[] {
  const planned = new Map(plan === null ? [] : rowOf(plan)?.columns.map((column) => [column.name, column]));
  return comparison.columns.map((column) => {
    const decision = planned.get(column.name);
    const isEqual = column.change === 'same' || column.change === 'not-captured';
    const differs = !isEqual && !bookkeeping.has(column.name);
    const tick = tickOf(column, differs, plan !== null, decision, overrides.get(column.name));
    const why = column.restorable ? (decision?.why ?? null) : column.why;
    const { name, label, from, to, change } = column;
    return {
      name,
      label,
      then: from,
      now: to,
      differs,
      change,
      tick,
      why: differs && hasReason(tick) ? why : null,
    };
  });
}

function tickOf(
  column: ComparedColumn,
  differs: boolean,
  isPlanned: boolean,
  decision: PlannedColumn | undefined,
  override: boolean | undefined,
): Tick {
  if (!differs || !column.from.captured) return { kind: 'none' };
  if (!column.restorable) return { kind: 'cannot' };
  if (!isPlanned) return { kind: 'pending' };
  if (decision === undefined || decision.decision === 'cannot' || decision.decision === 'not-captured') {
    return { kind: 'cannot' };
  }
  const byPlan = decision.decision === 'restore';
  return { kind: 'offered', ticked: override ?? byPlan, kept: !byPlan };
}

const hasReason = (tick: Tick): boolean => tick.kind === 'cannot' || (tick.kind === 'offered' && tick.kept);

/** The plan's line about the record itself, not about what belongs to it. */
export function rowOf(plan: RestorePlan): PlannedRow | undefined {
  return plan.rows.find((row) => row.table === plan.selection.table && row.id === plan.selection.id);
}

export const tickedColumns = (columns: readonly DifferenceColumn[]): string[] =>
  columns.filter(({ tick }) => tick.kind === 'offered' && tick.ticked).map(({ name }) => name);

/** Whether this plan, as it is, writes exactly these columns of the record; else it has to be made again. */
export function plansExactly(plan: RestorePlan, columns: readonly string[], now: number): boolean {
  if (Date.parse(plan.expiresAt) <= now) return false;
  const writes = (rowOf(plan)?.columns ?? []).filter(({ decision }) => decision === 'restore');
  return writes.length === columns.length && writes.every(({ name }) => columns.includes(name));
}

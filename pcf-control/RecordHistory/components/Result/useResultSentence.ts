import type { Restore } from '../../services/contract';
import { useSurroundings } from '../surroundings';
import { isOutcomeUnknown } from '../../services/backup-client';
import type { RestoreState } from '../Version/useRestore';

const failedTitle = {
  plan: 'PlanFailed_Title',
  restore: 'RestoreFailed_Title',
  undo: 'UndoFailed_Title',
} as const;

/** Saying "not done" of what may still be running would be the worst of answers. */
const unknownTitle = {
  plan: failedTitle.plan,
  restore: 'RestoreUnknown_Title',
  undo: 'UndoUnknown_Title',
} as const;

/** What became of it, in one sentence; empty while there is no result. */
export function useResultSentence(state: RestoreState): string {
  const { text, dates } = useSurroundings();
  if (state.kind === 'failed') {
    const titles = isOutcomeUnknown(state.problem.code) ? unknownTitle : failedTitle;
    return `${text.say(titles[state.what])}.`;
  }
  if (state.kind !== 'finished') return '';
  const { result } = state.restore;
  const isPartly = result !== null && result.counts.failed > 0;
  const what =
    state.what === 'undo' && !isPartly ? text.say('Result_Undone') : restoredWhat(state.restore, text);
  return result?.endedAt ? text.say('Result_At', what, dates.moment(result.endedAt)) : `${what}.`;
}

function restoredWhat({ plan, result }: Restore, text: ReturnType<typeof useSurroundings>['text']): string {
  const row = result?.rows.find(
    ({ table, id }) => table === plan.selection.table && id === plan.selection.id,
  );
  if (row?.kind === 'restored' && row.columns.every(({ kind }) => kind !== 'failed') && createsRow(plan)) {
    return text.say('Result_Record');
  }
  const restored = (row?.columns ?? []).filter(({ kind }) => kind === 'restored').length;
  if (restored > 0) return text.count('Result_Restored', restored);
  return text.say((result?.counts.restored ?? 0) > 0 ? 'Result_Partly' : 'Result_Nothing');
}

const createsRow = (plan: Restore['plan']): boolean =>
  plan.rows.some(
    ({ table, id, action }) =>
      table === plan.selection.table && id === plan.selection.id && action === 'create',
  );

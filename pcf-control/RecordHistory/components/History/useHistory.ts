import * as React from 'react';
import { isNeverBackedUp, isPermissionProblem, type Problem } from '../../services/backup-client';
import type { RecordHistory } from '../../services/contract';
import { useSurroundings } from '../surroundings';
import { useLatest } from '../use-latest';

/** What the control shows. Nothing is fetched before the user asks: it begins idle. */
export type HistoryState =
  | { kind: 'idle' }
  | { kind: 'loading' }
  | { kind: 'ready'; history: RecordHistory; isRefreshing: boolean; problem: Problem | null }
  | { kind: 'empty'; lastBackupAt: string | null }
  | { kind: 'failed'; problem: Problem }
  | { kind: 'no-permission'; problem: Problem }
  | { kind: 'offline' };

export function useHistory() {
  const { client, record, isOnline } = useSurroundings();
  const { run } = useLatest();
  const [state, setState] = React.useState<HistoryState>({ kind: 'idle' });

  const load = React.useCallback(() => {
    if (!isOnline()) return setState({ kind: 'offline' });
    // What is there stays on screen while it is read again.
    setState((before) =>
      before.kind === 'ready' ? { ...before, isRefreshing: true, problem: null } : { kind: 'loading' },
    );
    run(
      (signal) => client.history(record, signal),
      (outcome) =>
        setState((before) =>
          outcome.kind === 'answer' ? loaded(outcome.value) : refused(before, outcome.problem),
        ),
    );
  }, [client, record, isOnline, run]);

  return { state, load };
}

const loaded = (history: RecordHistory): HistoryState =>
  history.versions.length === 0
    ? { kind: 'empty', lastBackupAt: history.lastBackupAt }
    : { kind: 'ready', history, isRefreshing: false, problem: null };

/** What is on screen, a result above all, is not thrown away because reading it again failed. */
const refused = (before: HistoryState, problem: Problem): HistoryState => {
  if (before.kind === 'ready') return { ...before, isRefreshing: false, problem };
  if (isNeverBackedUp(problem.code)) return { kind: 'empty', lastBackupAt: null };
  return isPermissionProblem(problem.code) ? { kind: 'no-permission', problem } : { kind: 'failed', problem };
};

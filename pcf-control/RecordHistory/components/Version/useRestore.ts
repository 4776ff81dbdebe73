import * as React from 'react';
import type { PlanInput, Problem } from '../../services/backup-client';
import type { Restore, RestorePlan } from '../../services/contract';
import { useSurroundings } from '../surroundings';
import { useLatest } from '../use-latest';

export type Purpose = 'preview' | 'confirm';

/** From the click on a button to the result. `planning` and `planned` are the open dialog. */
export type RestoreState =
  | { kind: 'idle' }
  | { kind: 'planning'; purpose: Purpose }
  | { kind: 'planned'; purpose: Purpose; plan: RestorePlan }
  | { kind: 'running'; what: 'restore' | 'undo' }
  | { kind: 'finished'; what: 'restore' | 'undo'; restore: Restore }
  | { kind: 'failed'; what: 'plan' | 'restore' | 'undo'; problem: Problem };

/** `onWritten` is called when something may have been written, so that the screen reads again. */
export function useRestore(onWritten: () => void) {
  const { client, record } = useSurroundings();
  const { run, stop } = useLatest();
  const [state, setState] = React.useState<RestoreState>({ kind: 'idle' });

  const open = React.useCallback(
    (purpose: Purpose, known: RestorePlan | null, input: PlanInput) => {
      if (known !== null) return setState({ kind: 'planned', purpose, plan: known });
      setState({ kind: 'planning', purpose });
      run(
        (signal) => client.plan(record, input, signal),
        (outcome) =>
          setState(
            outcome.kind === 'answer'
              ? { kind: 'planned', purpose, plan: outcome.value }
              : { kind: 'failed', what: 'plan', problem: outcome.problem },
          ),
      );
    },
    [client, record, run],
  );

  const write = React.useCallback(
    (what: 'restore' | 'undo', restoreId: string) => {
      setState({ kind: 'running', what });
      run(
        (signal) => client[what](record, restoreId, signal),
        (outcome) => {
          if (outcome.kind === 'answer') setState({ kind: 'finished', what, restore: outcome.value });
          else setState({ kind: 'failed', what, problem: outcome.problem });
          onWritten();
        },
      );
    },
    [client, record, run, onWritten],
  );

  const close = React.useCallback(() => {
    stop();
    setState({ kind: 'idle' });
  }, [stop]);

  return { state, open, write, close };
}

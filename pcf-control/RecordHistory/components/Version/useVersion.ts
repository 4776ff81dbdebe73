import * as React from 'react';
import type { Problem } from '../../services/backup-client';
import type { Comparison, RestorePlan } from '../../services/contract';
import { useSurroundings } from '../surroundings';
import { useLatest } from '../use-latest';

/** The chosen version beside the live row. The plan, which decides the ticks, may come after the comparison. */
export type VersionState =
  | { kind: 'none' }
  /** The version says that the row was deleted: there is nothing to compare. */
  | { kind: 'tombstone'; version: string }
  | { kind: 'loading'; version: string }
  | { kind: 'failed'; version: string; problem: Problem }
  /** Not current: something was written since, and the comparison is being made again. */
  | { kind: 'ready'; version: string; comparison: Comparison; isCurrent: boolean; planned: Planned };

export type Planned =
  | { kind: 'pending' }
  | { kind: 'planned'; plan: RestorePlan }
  | { kind: 'failed'; problem: Problem }
  /** The form is read-only: nothing is planned. */
  | { kind: 'not-wanted' };

export function useVersion() {
  const { client, record, isReadOnly } = useSurroundings();
  const comparing = useLatest();
  const planning = useLatest();
  const [state, setState] = React.useState<VersionState>({ kind: 'none' });
  const waiting = React.useRef<Planned>({ kind: 'pending' });

  const choose = React.useCallback(
    (version: string, isTombstone: boolean) => {
      comparing.stop();
      planning.stop();
      if (isTombstone) return setState({ kind: 'tombstone', version });
      waiting.current = isReadOnly ? { kind: 'not-wanted' } : { kind: 'pending' };
      // The same version read again stays on screen, without ticks, so that nothing jumps.
      setState((before) =>
        before.kind === 'ready' && before.version === version
          ? { ...before, isCurrent: false, planned: waiting.current }
          : { kind: 'loading', version },
      );
      comparing.run(
        (signal) => client.compare(record, version, signal),
        (outcome) =>
          setState(
            outcome.kind === 'answer'
              ? {
                  kind: 'ready',
                  version,
                  comparison: outcome.value,
                  isCurrent: true,
                  planned: waiting.current,
                }
              : { kind: 'failed', version, problem: outcome.problem },
          ),
      );
      if (isReadOnly) return;
      planning.run(
        (signal) => client.plan(record, { version }, signal),
        (outcome) => {
          waiting.current =
            outcome.kind === 'answer'
              ? { kind: 'planned', plan: outcome.value }
              : { kind: 'failed', problem: outcome.problem };
          setState((now) => (now.kind === 'ready' ? { ...now, planned: waiting.current } : now));
        },
      );
    },
    [client, record, isReadOnly, comparing, planning],
  );

  return { state, choose };
}

import * as React from 'react';
import { BackupError, type Problem } from '../services/backup-client';
import { useSurroundings } from './surroundings';

export type Outcome<T> = { kind: 'answer'; value: T } | { kind: 'problem'; problem: Problem };

/**
 * Runs one piece of work at a time: a newer one, or leaving the screen, aborts the one before, and its answer is never
 * delivered, however late it comes.
 */
export function useLatest() {
  const { text } = useSurroundings();
  const current = React.useRef<AbortController | null>(null);
  const stop = React.useCallback(() => current.current?.abort(), []);
  React.useEffect(() => stop, [stop]);
  const run = React.useCallback(
    <T>(work: (signal: AbortSignal) => Promise<T>, deliver: (outcome: Outcome<T>) => void): void => {
      stop();
      const mine = new AbortController();
      current.current = mine;
      const settle = (outcome: Outcome<T>) => {
        if (!mine.signal.aborted) deliver(outcome);
      };
      void work(mine.signal)
        .then((value): Outcome<T> => ({ kind: 'answer', value }))
        .catch((error: unknown): Outcome<T> => ({
          kind: 'problem',
          problem: problemOf(error, text.say('Error_Unexpected')),
        }))
        .then(settle);
    },
    [stop, text],
  );
  return React.useMemo(() => ({ run, stop }), [run, stop]);
}

function problemOf(error: unknown, unexpected: string): Problem {
  if (error instanceof BackupError) return { code: error.code, message: error.message, hint: error.hint };
  return {
    code: 'unexpected',
    message: unexpected,
    hint: error instanceof Error ? error.message : String(error),
  };
}

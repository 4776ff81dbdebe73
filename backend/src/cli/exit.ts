import { InputError, RefusedError, RowbackError } from '../base/errors.ts';

/** Exit codes, stable: scripts decide by them. */
export const exit = {
  done: 0,
  failed: 1,
  wrongUse: 2,
  partly: 3,
  refused: 4,
  interrupted: 130,
} as const;

/** Codes of errors that are not {@link InputError}s and still mean that the wrong thing was asked for. */
const wrongUse = new Set([
  'snapshot-missing',
  'no-snapshot-yet',
  'unknown-column',
  'container-missing',
  'queue-missing',
  'storage-malformed',
]);

export function exitCodeOf(error: unknown): number {
  if (error instanceof RowbackError && error.code === 'interrupted') return exit.interrupted;
  if (error instanceof InputError) return exit.wrongUse;
  if (error instanceof RefusedError) return exit.refused;
  if (error instanceof RowbackError && wrongUse.has(error.code)) return exit.wrongUse;
  return exit.failed;
}

export interface ErrorShown {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Message, hint and code. What is no error of ours is a fault of ours, and says so. */
export function shownError(error: unknown): ErrorShown {
  if (error instanceof RowbackError) return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal-error',
    message: `Something went wrong inside Rowback: ${message}`,
    hint: 'This is a fault of Rowback. Report it.',
  };
}

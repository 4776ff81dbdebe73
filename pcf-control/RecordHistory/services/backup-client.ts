import type { Comparison, RecordHistory, RequestInput, Restore, RestorePlan } from './contract';

/** A row of Dataverse: logical name of its table and lower-case id without braces. */
export type RecordRef = { table: string; id: string };

export type PlanInput = Omit<Extract<RequestInput, { kind: 'plan' }>, 'kind'>;

/**
 * What the control asks of the backend. Every call ends with the answer or with a BackupError, and stops asking as soon
 * as its signal is aborted. Nothing is written to the record before `restore` or `undo`.
 */
export type BackupClient = {
  history(record: RecordRef, signal: AbortSignal): Promise<RecordHistory>;
  /** A version (`from`) against the live row. */
  compare(record: RecordRef, version: string, signal: AbortSignal): Promise<Comparison>;
  plan(record: RecordRef, input: PlanInput, signal: AbortSignal): Promise<RestorePlan>;
  restore(record: RecordRef, restoreId: string, signal: AbortSignal): Promise<Restore>;
  undo(record: RecordRef, restoreId: string, signal: AbortSignal): Promise<Restore>;
};

/** Why the backend, or the way to it, gave no answer: in words for people, with what to do. */
export type Problem = { code: string; message: string; hint: string };

export class BackupError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'BackupError';
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

/** Codes that mean "you may not": they get a screen of their own, without a retry. */
const permissionCodes = new Set(['no-permission', 'not-allowed', 'user-unknown', 'user-disabled']);
/** The backend knows nothing of the record: a screen of its own, for it is no fault. */
export const isNeverBackedUp = (code: string): boolean => code === 'record-not-in-backup';
/** The request went out and no answer could be read: what it asked for may be done, or still be running. */
const unknownCodes = new Set(['no-answer', 'answer-lost', 'unreadable-answer']);
export const isOutcomeUnknown = (code: string): boolean => unknownCodes.has(code);
export const isPermissionProblem = (code: string): boolean => permissionCodes.has(code);

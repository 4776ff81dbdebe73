/** What became of a row or a column. */
export type OutcomeKind = 'restored' | 'kept' | 'skipped' | 'failed';

export interface ColumnOutcome {
  readonly name: string;
  readonly kind: OutcomeKind;
  readonly why: string | null;
}

export interface Outcome {
  readonly kind: OutcomeKind;
  readonly code: string | null;
  readonly why: string | null;
  readonly hint: string | null;
  readonly columns: readonly ColumnOutcome[];
}

export interface RowOutcome extends Outcome {
  readonly table: string;
  readonly id: string;
  readonly name: string | null;
}

/** Kept as `restores/<id>/result.json`, written last. */
export interface RestoreResult {
  readonly format: 1;
  readonly id: string;
  readonly status: 'done' | 'partly' | 'failed';
  readonly startedAt: string;
  readonly endedAt: string;
  /** It wrote something, and what that replaced is kept. */
  readonly undoOffered: boolean;
  readonly rows: readonly RowOutcome[];
}

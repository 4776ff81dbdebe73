import type { Value } from '../base/value.ts';
import type { ColumnType } from '../vault/index.ts';
import { sameValue } from './same-value.ts';

/**
 * What becomes of a column.
 *
 * | decision | when |
 * | --- | --- |
 * | `restore` | it went bad and nobody touched it since, or it was named |
 * | `already-right` | the live row has the wanted value |
 * | `untouched` | the version that went bad has the wanted value: it did not go bad |
 * | `kept` | somebody changed it since |
 * | `not-captured` | the wanted version does not hold the column: never written |
 * | `cannot` | it differs, and may not be written |
 */
export type Decision = 'restore' | 'already-right' | 'untouched' | 'kept' | 'not-captured' | 'cannot';

/** Values of one column; left out where a version does not hold it. */
export interface ColumnCase {
  readonly type: ColumnType;
  readonly wanted: Value | undefined;
  /** In the version that the selected change produced; without a selected change, in the newest capture. */
  readonly bad: Value | undefined;
  /** In the versions captured after `bad`. */
  readonly since: readonly (Value | undefined)[];
  readonly now: Value | undefined;
  /** Named by the person, or everything is to be overwritten: put back on request, whoever changed it. */
  readonly onRequest: boolean;
  /** Why it cannot be written; null: it can. */
  readonly cannot: string | null;
}

export interface Decided {
  readonly decision: Decision;
  readonly why: string | null;
}

/** The three-way rule, for one column. */
export function decide(column: ColumnCase): Decided {
  const { wanted, bad, now, type } = column;
  if (wanted === undefined) return { decision: 'not-captured', why: 'This backup does not hold the column.' };
  if (now === undefined)
    return { decision: 'cannot', why: column.cannot ?? 'The live value cannot be read.' };
  const right = sameValue(type, now, wanted);
  if (!column.onRequest && bad !== undefined && sameValue(type, wanted, bad)) {
    return {
      decision: 'untouched',
      why: right ? null : 'It was changed after the newest backup.',
    };
  }
  if (right) return { decision: 'already-right', why: null };
  if (column.cannot !== null) return { decision: 'cannot', why: column.cannot };
  if (column.onRequest) return { decision: 'restore', why: null };
  return decideUnnamed(column, now, bad);
}

function decideUnnamed(column: ColumnCase, now: Value, bad: Value | undefined): Decided {
  if (bad === undefined) {
    return {
      decision: 'kept',
      why: 'The version to be replaced does not hold the column, so nobody knows who changed it.',
    };
  }
  const touched = column.since.some((value) => value !== undefined && !sameValue(column.type, value, bad));
  if (!touched && sameValue(column.type, now, bad)) return { decision: 'restore', why: null };
  return { decision: 'kept', why: 'Somebody changed it since.' };
}

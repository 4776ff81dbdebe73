import { decide } from './decide.ts';
import { openingState } from './locked.ts';
import type { PlannedColumn, PlannedContent, PlannedRow, StatePair } from './plan.ts';
import type { PlannedRowWithProblems, RowChoices } from './plan-row.ts';
import type { TableDetails } from '../dataverse/index.ts';
import type { TableSchema } from '../vault/index.ts';
import type { PreImage } from './store.ts';
import { contentColumns } from './contents.ts';
import { isReference, type Values } from '../base/value.ts';
import { whyNotWritable } from './writable.ts';

/** What one row of a restore replaced, and what the restore left in its place. */
export interface UndoFacts {
  readonly row: PlannedRow;
  readonly details: TableDetails;
  readonly schema: TableSchema;
  /** Values before, of the columns that were written; null: the row was not there. */
  readonly before: Values | null;
  readonly contents: PreImage['contents'];
  /** Columns that the restore really wrote. */
  readonly written: ReadonlySet<string>;
  /** Values right after the restore's last write. */
  readonly left: Values;
  readonly now: { readonly etag: string | null; readonly values: Values } | null;
}

/** Decides the columns that a restore wrote over. Pure. */
export function undoColumns(facts: UndoFacts, choices: RowChoices): PlannedRowWithProblems {
  const columns = facts.schema.columns
    .filter(({ name }) => facts.written.has(name) && !choices.security.hidden.has(name))
    .map((column): PlannedColumn => {
      const wanted = facts.before?.[column.name];
      const now = facts.now?.values[column.name];
      const cannot = whyNotWritable({
        details: facts.details,
        column,
        action: 'update',
        writableSecured: choices.security.writableSecured,
        ownershipAcrossBusinessUnits: choices.ownershipAcrossBusinessUnits,
      });
      const target = isReference(wanted) ? choices.badTargets.get(`${wanted.table}:${wanted.id}`) : undefined;
      const decided = decide({
        type: column.type,
        wanted,
        bad: facts.left[column.name],
        since: [],
        now,
        onRequest: false,
        cannot: column.name === 'statecode' ? null : (target ?? cannot),
      });
      return {
        name: column.name,
        label: column.label,
        type: column.type,
        ...(wanted === undefined ? {} : { wanted }),
        ...(now === undefined ? {} : { now }),
        ...decided,
        step: stepOf(facts, column.name),
      };
    });
  return { row: assemble(facts, columns), problems: [] };
}

function stepOf(facts: UndoFacts, name: string): PlannedColumn['step'] {
  if (name === 'statecode' || name === 'statuscode') return 'state';
  return contentColumns(facts.schema).has(name) ? 'content' : 'row';
}

/** A row of an undo without columns: it goes, or stays as it is. */
export function undoneRow(facts: UndoFacts, action: 'delete' | 'none', why: string | null): PlannedRow {
  return { ...assemble(facts, []), action, why };
}

function assemble(facts: UndoFacts, columns: readonly PlannedColumn[]): PlannedRow {
  const { row, now } = facts;
  const restores = columns.filter(({ decision }) => decision === 'restore');
  const live = now === null ? null : pairOf(now.values);
  const wantsState = restores.some(({ step }) => step === 'state');
  const open =
    restores.every(({ step }) => step === 'state') || live === null
      ? null
      : openingState(row.table, live.state);
  const state = wantsState && facts.before !== null ? pairOf(facts.before) : open === null ? null : live;
  return {
    ...row,
    action: restores.length > 0 ? 'update' : 'none',
    why: restores.length > 0 ? null : 'Nothing to put back.',
    etag: now?.etag ?? null,
    columns,
    contents: contentsOf(facts, restores),
    createdOn: null,
    open,
    state,
    parties: null,
    needs: null,
  };
}

function pairOf(values: Values): StatePair | null {
  const state = values['statecode'];
  const status = values['statuscode'];
  return typeof state === 'number' && typeof status === 'number' ? { state, status } : null;
}

const contentsOf = (facts: UndoFacts, restores: readonly PlannedColumn[]): readonly PlannedContent[] =>
  facts.contents.filter(({ column }) => restores.some(({ name }) => name === column));

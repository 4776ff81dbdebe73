import { isReference, type Reference, type Value, type Values } from '../base/value.ts';
import type { TableDetails } from '../dataverse/index.ts';
import type { ColumnSchema, TableSchema } from '../vault/index.ts';
import type { ColumnSecurity } from './context.ts';
import { contentColumns, type RowWithContents } from './contents.ts';
import { decide, type Decided } from './decide.ts';
import { actingStatus, birthState, openingState } from './locked.ts';
import type { PlannedColumn, PlannedContent, PlannedRow, Problem, StatePair } from './plan.ts';
import { plannedColumns, whyLost, whyNotWritable, type WritableCase } from './writable.ts';

/** All that planning one row needs to know; nothing is read while it is planned. */
export interface RowFacts {
  readonly details: TableDetails;
  /** Of the wanted version. */
  readonly schema: TableSchema;
  readonly schemaId: string;
  readonly id: string;
  readonly name: string | null;
  readonly wanted: RowWithContents;
  /** The version that went bad; null: none but the wanted one is known. */
  readonly bad: Values | null;
  /** Captured after `bad`, oldest first. */
  readonly since: readonly Values[];
  /** Null: not there. */
  readonly now: { readonly etag: string | null; readonly values: Values } | null;
  readonly needs: number | null;
}

export interface RowChoices {
  readonly columns: 'all' | readonly string[];
  readonly overwrite: boolean;
  readonly security: ColumnSecurity;
  /** `table:id` of lookup targets that are not there, with what is wrong with them. */
  readonly badTargets: ReadonlyMap<string, string>;
  readonly mayOverrideCreatedOn: boolean;
  /** Create a row for another owner. */
  readonly mayAssign: boolean;
  readonly ownershipAcrossBusinessUnits: boolean;
  /** Appended to why a column is kept: who saved the live row last, and when. */
  readonly lastSaved: string | null;
}

export interface PlannedRowWithProblems {
  readonly row: PlannedRow;
  readonly problems: readonly Problem[];
}

/** Decides every column of one row. Pure. */
export function planRow(facts: RowFacts, choices: RowChoices): PlannedRowWithProblems {
  const action = facts.now === null ? 'create' : 'update';
  const columns = plannedColumns(facts.schema)
    .filter(({ name }) => !choices.security.hidden.has(name))
    .filter(
      ({ name }) => choices.columns === 'all' || choices.columns.includes(name) || isPartner(name, choices),
    )
    .map((column) => planColumn(facts, choices, action, column));
  const problems: Problem[] = columns.flatMap((column) => [
    ...contentProblem(facts, choices, column),
    ...lossProblem(facts, choices, column),
  ]);
  const solved = pairStates(facts, columns).map((column) => solveTarget(facts, choices, column, problems));
  const missing = problems.some(({ code }) => code === 'required-target-missing');
  return { row: assemble(facts, choices, solved, missing), problems };
}

/** A file that the backup never got is missed where the row is new, or where it was asked for by name. */
function contentProblem(facts: RowFacts, choices: RowChoices, column: PlannedColumn): Problem[] {
  const content = facts.wanted.contents[column.name];
  const missed = facts.now === null || choices.columns !== 'all';
  if (!missed || column.decision !== 'not-captured' || content?.state !== 'missing') return [];
  const at = { table: facts.details.name, id: facts.id, column: column.name };
  const waysOut = ['Restore everything else', 'Choose another version'];
  return [{ code: 'content-not-in-backup', message: `${column.label}: ${content.why}`, waysOut, ...at }];
}

/**
 * A value that will not come back although somebody will miss it: it was asked for by name, or rights, column security or
 * the table's schema stand in the way. What is the platform's own business is no loss.
 */
function lossProblem(facts: RowFacts, choices: RowChoices, column: PlannedColumn): Problem[] {
  const named = choices.columns !== 'all' && choices.columns.includes(column.name);
  const why =
    column.decision === 'cannot' && column.wanted != null
      ? (lossOf(facts, choices, column.name) ?? (named ? column.why : null))
      : named && column.decision === 'not-captured' && facts.wanted.contents[column.name] === undefined
        ? column.why
        : null;
  if (why === null) return [];
  const at = { table: facts.details.name, id: facts.id, column: column.name };
  const message = `${column.label}: ${why}`;
  return [{ code: 'column-not-restored', message, waysOut: ['Restore everything else'], ...at }];
}

/** Lookups that the row as planned would write. */
export function referencesIn(row: PlannedRow): readonly Reference[] {
  return row.columns.flatMap(({ decision, wanted }) =>
    decision === 'restore' && isReference(wanted) ? [wanted] : [],
  );
}

/** Status follows state: when one is named the other comes along. */
function isPartner(name: string, choices: RowChoices): boolean {
  if (choices.columns === 'all') return true;
  if (name === 'statecode') return choices.columns.includes('statuscode');
  return name === 'statuscode' && choices.columns.includes('statecode');
}

function planColumn(
  facts: RowFacts,
  choices: RowChoices,
  action: 'create' | 'update',
  column: ColumnSchema,
): PlannedColumn {
  const decided =
    action === 'create' ? decideNew(facts, choices, column) : decideLive(facts, choices, column);
  const wanted = facts.wanted.values[column.name];
  const now = facts.now === null ? null : facts.now.values[column.name];
  return {
    name: column.name,
    label: column.label,
    type: column.type,
    ...(wanted === undefined ? {} : { wanted }),
    ...(now === undefined ? {} : { now }),
    ...decided,
    step: stepOf(facts, column, action),
  };
}

function decideLive(facts: RowFacts, choices: RowChoices, column: ColumnSchema): Decided {
  const { name } = column;
  const decided = decide({
    type: column.type,
    wanted: facts.wanted.values[name],
    bad: facts.bad?.[name],
    since: facts.since.map((values) => values[name]),
    now: facts.now?.values[name],
    onRequest: choices.overwrite || choices.columns !== 'all',
    cannot: cannot(facts, choices, column, 'update'),
  });
  if (decided.decision === 'not-captured')
    return { ...decided, why: notCaptured(facts, name) ?? decided.why };
  if (decided.decision !== 'kept' || choices.lastSaved === null) return decided;
  return { ...decided, why: `${decided.why ?? ''} ${choices.lastSaved}` };
}

/**
 * A row that is not there: everything captured is written. What was empty stays so by itself, but a choice or a yes/no may
 * be born with a default: those are emptied afterwards.
 */
function decideNew(facts: RowFacts, choices: RowChoices, column: ColumnSchema): Decided {
  const wanted = facts.wanted.values[column.name];
  if (wanted === undefined) return { decision: 'not-captured', why: notCaptured(facts, column.name) };
  const why = cannot(facts, choices, column, wanted === null ? 'update' : 'create');
  if (wanted !== null) return why === null ? { decision: 'restore', why } : { decision: 'cannot', why };
  const empties = why === null && mayHaveDefault(facts, column);
  return { decision: empties ? 'restore' : 'already-right', why: null };
}

/** The platform's own required columns cannot be emptied. */
function mayHaveDefault(facts: RowFacts, { name, type, choices }: ColumnSchema): boolean {
  const required = facts.details.columns.some((live) => live.name === name && live.required === 'system');
  return !required && (type === 'boolean' || choices !== undefined);
}

function cannot(
  facts: RowFacts,
  choices: RowChoices,
  column: ColumnSchema,
  action: 'create' | 'update',
): string | null {
  const refused = refusal(facts, choices, column.name, action);
  if (refused !== null || column.name === 'statecode') return refused;
  return whyNotWritable(writableCase(facts, choices, column, action));
}

/** Of a column that cannot be written, why somebody will miss its value; null: nobody will. */
function lossOf(facts: RowFacts, choices: RowChoices, name: string): string | null {
  const column = facts.schema.columns.find((candidate) => candidate.name === name);
  if (column === undefined) return null;
  const action = facts.now === null ? 'create' : 'update';
  return refusal(facts, choices, name, action) ?? whyLost(writableCase(facts, choices, column, action));
}

function writableCase(
  { details }: RowFacts,
  { security: { writableSecured }, ownershipAcrossBusinessUnits }: RowChoices,
  column: ColumnSchema,
  action: 'create' | 'update',
): WritableCase {
  return { details, column, action, writableSecured, ownershipAcrossBusinessUnits };
}

/** Why whoever restores may not, or had better not, write this value. */
function refusal(
  facts: RowFacts,
  choices: RowChoices,
  name: string,
  action: 'create' | 'update',
): string | null {
  if (name === 'createdon' && action === 'create' && !choices.mayOverrideCreatedOn) {
    return 'Will differ: whoever restores lacks the privilege prvOverrideCreatedOnCreatedBy.';
  }
  if (name === 'ownerid' && action === 'create' && !choices.mayAssign) {
    return 'Will differ: whoever restores may not give rows of this table to another owner.';
  }
  if (name !== 'statuscode') return null;
  const status = facts.wanted.values['statuscode'];
  return typeof status === 'number' ? actingStatus(facts.details.name, status) : null;
}

function notCaptured(facts: RowFacts, column: string): string | null {
  const content = facts.wanted.contents[column];
  return content?.state === 'missing' ? content.why : 'This backup does not hold the column.';
}

function stepOf(facts: RowFacts, column: ColumnSchema, action: 'create' | 'update'): PlannedColumn['step'] {
  if (column.name === 'statecode' || column.name === 'statuscode') return 'state';
  if (column.type === 'body') return action === 'create' ? 'row' : 'content';
  if (column.type === 'file' || column.type === 'image') return 'content';
  const wanted = facts.wanted.values[column.name];
  // A row cannot refer to itself before it is there.
  const self = isReference(wanted) && wanted.id === facts.id && wanted.table === facts.details.name;
  const live = facts.details.columns.find(({ name }) => name === column.name);
  const updateOnly = live?.validForCreate === false && live.validForUpdate;
  const later = self || wanted === null || (updateOnly && column.name !== 'createdon');
  return action === 'create' && later ? 'later' : 'row';
}

/** State and status are one decision: a state without its status would get another one by default. */
function pairStates(facts: RowFacts, columns: readonly PlannedColumn[]): PlannedColumn[] {
  const pair = columns.filter(({ step }) => step === 'state');
  const restores = pair.some(({ decision }) => decision === 'restore');
  const blocked = pair.find(({ decision }) => decision === 'cannot' || decision === 'not-captured');
  if (!restores || facts.now === null) return blockPair(columns, restores ? blocked : undefined);
  if (blocked !== undefined) return blockPair(columns, blocked);
  return columns.map((column) =>
    column.step === 'state' && column.decision !== 'already-right' && column.decision !== 'restore'
      ? { ...column, decision: 'restore', why: 'State and status go together.' }
      : column,
  );
}

function blockPair(columns: readonly PlannedColumn[], blocked: PlannedColumn | undefined): PlannedColumn[] {
  if (blocked === undefined) return [...columns];
  const why = blocked.why;
  return columns.map((column) =>
    column.step === 'state' && column.decision === 'restore'
      ? { ...column, decision: 'cannot', why }
      : column,
  );
}

/** A lookup whose target is not there is not written: left empty in a new row, left as it is in a live one. */
function solveTarget(
  facts: RowFacts,
  choices: RowChoices,
  column: PlannedColumn,
  problems: Problem[],
): PlannedColumn {
  if (column.decision !== 'restore' || !isReference(column.wanted)) return column;
  const { table, id } = column.wanted;
  const disabled = column.name === 'ownerid' ? choices.badTargets.get(`owner:${id}`) : undefined;
  const wrong = disabled ?? choices.badTargets.get(`${table}:${id}`);
  if (wrong === undefined) return column;
  const live = facts.details.columns.find(({ name }) => name === column.name);
  const required = live?.required === 'system' && live.kind !== 'owner' && facts.now === null;
  problems.push(targetProblem(facts, column, wrong, required));
  return { ...column, decision: 'cannot', why: wrong };
}

function targetProblem(facts: RowFacts, column: PlannedColumn, wrong: string, required: boolean): Problem {
  const { name: table } = facts.details;
  const at = { table, id: facts.id, column: column.name };
  const again = `Restore the record it points to first, then this one again`;
  if (required) {
    return {
      code: 'required-target-missing',
      message: `${column.label}: ${wrong}`,
      waysOut: ['Skip the row', again],
      ...at,
    };
  }
  if (column.name === 'ownerid') {
    const first =
      facts.now === null ? 'The row will belong to whoever restores it' : 'Leave the owner as it is now';
    return { code: 'owner-unusable', message: `${column.label}: ${wrong}`, waysOut: [first], ...at };
  }
  const first = facts.now === null ? `Leave ${column.label} empty` : `Leave ${column.label} as it is now`;
  return {
    code: 'lookup-target-missing',
    message: `${column.label}: ${wrong}`,
    waysOut: [first, again],
    ...at,
  };
}

function assemble(
  facts: RowFacts,
  choices: RowChoices,
  columns: readonly PlannedColumn[],
  impossible: boolean,
): PlannedRow {
  const create = facts.now === null;
  const restores = columns.filter(({ decision }) => decision === 'restore');
  const action = impossible ? 'none' : create ? 'create' : restores.length > 0 ? 'update' : 'none';
  const state = action === 'none' ? null : stateToWrite(facts, columns);
  const open = action === 'update' ? opening(facts, restores) : null;
  return {
    table: facts.details.name,
    tableLabel: facts.details.label,
    id: facts.id,
    name: facts.name,
    action,
    why: impossible ? 'It needs a record that is not there.' : action === 'none' ? 'Nothing to write.' : null,
    etag: facts.now?.etag ?? null,
    schema: facts.schemaId,
    columns,
    contents: action === 'none' ? [] : contentsToWrite(facts, restores),
    createdOn: createdOn(columns, action === 'create' && choices.mayOverrideCreatedOn),
    open,
    state: state ?? (open === null ? null : liveState(facts)),
    parties: null,
    link: null,
    needs: facts.needs,
  };
}

function createdOn(columns: readonly PlannedColumn[], allowed: boolean): string | null {
  const column = columns.find(({ name, decision }) => name === 'createdon' && decision === 'restore');
  return allowed && typeof column?.wanted === 'string' ? column.wanted : null;
}

function stateToWrite(facts: RowFacts, columns: readonly PlannedColumn[]): StatePair | null {
  if (!columns.some(({ step, decision }) => step === 'state' && decision === 'restore')) return null;
  const pair = pairOf(facts.wanted.values);
  const birth = birthState(facts.details);
  const born = facts.now === null && birth !== null && pair !== null;
  return born && birth.state === pair.state && birth.status === pair.status ? null : pair;
}

function pairOf(values: Values): StatePair | null {
  const state: Value | undefined = values['statecode'];
  const status: Value | undefined = values['statuscode'];
  return typeof state === 'number' && typeof status === 'number' ? { state, status } : null;
}

const liveState = (facts: RowFacts): StatePair | null =>
  facts.now === null ? null : pairOf(facts.now.values);

/** Opened only when more than the state is to be written. */
function opening(facts: RowFacts, restores: readonly PlannedColumn[]): StatePair | null {
  const now = liveState(facts);
  return now === null || restores.every(({ step }) => step === 'state')
    ? null
    : openingState(facts.details.name, now.state);
}

function contentsToWrite(facts: RowFacts, restores: readonly PlannedColumn[]): readonly PlannedContent[] {
  const kinds = contentColumns(facts.schema);
  return restores.flatMap(({ name, wanted }): PlannedContent[] => {
    const kind = kinds.get(name);
    const fact = facts.wanted.contents[name];
    if (kind === undefined) return [];
    if (fact?.state === 'stored') {
      const { sha256, bytes, mimeType } = fact;
      return [{ column: name, kind, sha256, bytes, name: fact.name, mimeType }];
    }
    return wanted === null
      ? [{ column: name, kind, sha256: null, bytes: null, name: null, mimeType: null }]
      : [];
  });
}

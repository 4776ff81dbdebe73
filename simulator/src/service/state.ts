import type { TableDefinition } from '../model/definitions.ts';
import type { Row } from '../store/table-store.ts';
import { badRequest } from './errors.ts';

/** The state a new row gets: the lowest one unless the column says otherwise. Undefined: the table has no states. */
export function defaultState(table: TableDefinition): number | undefined {
  const column = table.columns.get('statecode');
  if (column === undefined) return undefined;
  if (typeof column.defaultValue === 'number' && column.defaultValue >= 0) return column.defaultValue;
  return column.options?.[0]?.value ?? 0;
}

export function defaultStatus(table: TableDefinition, state: number): number | undefined {
  const option = table.columns.get('statecode')?.options?.find(({ value }) => value === state);
  if (option?.defaultStatus !== undefined) return option.defaultStatus;
  return table.columns.get('statuscode')?.options?.find((status) => status.state === state)?.value;
}

/** 400 `0x80048408` where the status does not belong to the state, or the state does not exist. */
export function checkPair(table: TableDefinition, id: string, state: number, status: number): void {
  const states = table.columns.get('statecode')?.options ?? [];
  const stateOption = states.find(({ value }) => value === state);
  if (states.length > 0 && stateOption === undefined) throw invalidPair();
  const statuses = table.columns.get('statuscode')?.options ?? [];
  if (statuses.length === 0) return;
  if (statuses.some((option) => option.value === status && (option.state ?? state) === state)) return;
  const name = stateOption?.invariantName ?? stateOption?.label ?? String(state);
  throw badRequest(
    `${status} is not a valid status code for state code ${table.schemaName}State.${name} on ` +
      `${table.logicalName} with Id ${id}.`,
    '0x80048408',
  );
}

function invalidPair() {
  return badRequest(
    'State code is invalid or state code is valid but status code is invalid for a specified state code.',
    '0x80048408',
  );
}

/** May a row of this status move to that state and status? Rules hold only where the state changes. */
export function mayMove(table: TableDefinition, row: Row, state: number, status: number): boolean {
  if (Number(row.values['statecode'] ?? 0) === state) return true;
  if (table.logicalName === 'lead') return !isBetweenEnds(row, state);
  if (table.enforceStateTransitions !== true) return true;
  const before = Number(row.values['statuscode']);
  const statuses = table.columns.get('statuscode')?.options ?? [];
  const allowed = statuses.find(({ value }) => value === before)?.transitions;
  return allowed?.includes(status) ?? true;
}

/** A lead gets from Qualified to Disqualified, or back, only through Open. */
function isBetweenEnds(row: Row, state: number): boolean {
  return Number(row.values['statecode'] ?? 0) !== 0 && state !== 0;
}

/** 400 `0x8004f00e` where the table's rules forbid the move. */
export function refuseTransition(table: TableDefinition, row: Row, state: number, status: number): void {
  if (mayMove(table, row, state, status)) return;
  const states = table.columns.get('statecode')?.options ?? [];
  const before = states.find(({ value }) => value === Number(row.values['statecode'] ?? 0));
  throw badRequest(
    `The ${table.logicalName} (Id=${row.id}) entity or component has attempted to transition from an invalid ` +
      `state: ${before?.invariantName ?? before?.label ?? ''}.`,
    '0x8004f00e',
  );
}

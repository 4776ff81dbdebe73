import { InputError, RefusedError } from '../base/errors.ts';

/**
 * Why a record cannot be looked at or a restore not be planned or run. Nothing was written when one of these is thrown.
 *
 * | code | what happened |
 * | --- | --- |
 * | `table-unknown` | neither the vault nor Dataverse has such a table |
 * | `table-gone` | the vault has it, Dataverse has it no more: it can be read, not restored |
 * | `table-unsupported` | the table cannot be restored by us (elastic, or written by the scheduling service alone) |
 * | `row-id-malformed` | the id is no guid |
 * | `column-unknown` | no captured version of the table has such a column |
 * | `record-not-in-backup` | no snapshot holds the record |
 * | `version-missing` | the record has no such version |
 * | `record-not-in-snapshot` | the record was not there, or already gone, at that point |
 * | `point-malformed` | neither `latest`, a snapshot id, an instant nor a version |
 * | `restore-missing` | no restore has this id |
 * | `restore-unfinished` | it never came to an end: run it again before undoing it |
 * | `nothing-to-undo` | it wrote nothing |
 * | `plan-expired` | older than 24 hours, or made against another schema |
 * | `restore-running` | another restore of this record is under way |
 */
export const tableUnknown = (table: string): InputError =>
  new InputError('table-unknown', `There is no table ${table}, neither in the vault nor in Dataverse.`, {
    hint: 'Use the logical name, such as account. rowback plan lists the tables.',
    context: { table },
  });

export const tableGone = (table: string): InputError =>
  new InputError('table-gone', `The table ${table} is in the vault, but Dataverse has it no more.`, {
    hint: 'Bring the table back (its solution), then restore its rows.',
    context: { table },
  });

export const tableUnsupported = (table: string, why: string): RefusedError =>
  new RefusedError('table-unsupported', `Rows of ${table} cannot be restored: ${why}.`, {
    hint: 'Read the values with history or compare, and enter them by hand.',
    context: { table },
  });

export const rowIdMalformed = (id: string): InputError =>
  new InputError('row-id-malformed', `${id.slice(0, 80)} is no id of a row.`, {
    hint: 'A row is named by its id, such as 0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34.',
  });

export const columnUnknown = (table: string, column: string): InputError =>
  new InputError('column-unknown', `The backup of ${table} has no column ${column}.`, {
    hint: 'Use logical names, such as telephone1. compare lists the columns.',
    context: { table, column },
  });

export const recordNotInBackup = (table: string, id: string, why: string): InputError =>
  new InputError('record-not-in-backup', `No backup holds ${table} ${id}: ${why}.`, {
    hint: 'Check table and id. A row that is new appears with the next backup.',
    context: { table, id },
  });

export const versionMissing = (table: string, id: string, version: string): InputError =>
  new InputError('version-missing', `${table} ${id} has no version ${version}.`, {
    hint: 'history lists the versions of a record.',
    context: { table, id, version },
  });

export const recordNotInSnapshot = (table: string, id: string, snapshot: string, why: string): InputError =>
  new InputError('record-not-in-snapshot', `${table} ${id} is not in the snapshot ${snapshot}: ${why}.`, {
    hint: 'Choose a point at which the record was there; history lists its versions.',
    context: { table, id, snapshot },
  });

export const pointMalformed = (text: string): InputError =>
  new InputError('point-malformed', `${text.slice(0, 80)} names no point in time.`, {
    hint: 'Use live, latest, the id of a snapshot, an instant such as 2026-11-23T14:02:05Z, or a version of the history.',
  });

export const restoreMissing = (id: string): InputError =>
  new InputError('restore-missing', `There is no restore ${id.slice(0, 80)}.`, {
    hint: 'The plan of a restore prints its id.',
  });

export const restoreUnfinished = (id: string): RefusedError =>
  new RefusedError('restore-unfinished', `The restore ${id} was not run, or not to its end.`, {
    hint: `Nothing of it, or not all, is there to be undone. rowback restore --plan ${id} runs it, or goes on where it stopped.`,
    context: { restore: id },
  });

export const nothingToUndo = (id: string): RefusedError =>
  new RefusedError('nothing-to-undo', `The restore ${id} wrote nothing that could be undone.`, {
    hint: 'Its result says what became of each row.',
    context: { restore: id },
  });

export const planExpired = (id: string, why: string): RefusedError =>
  new RefusedError('plan-expired', `The plan ${id} is no longer good: ${why}.`, {
    hint: 'Make the plan again, look at it, and run that one.',
    context: { restore: id },
  });

export const restoreRunning = (table: string, id: string): RefusedError =>
  new RefusedError('restore-running', `Another restore of ${table} ${id} is under way.`, {
    hint: 'Wait until it has ended (a minute after a crash), then try again.',
    context: { table, id },
  });

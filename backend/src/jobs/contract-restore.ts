import { z } from 'zod';
import {
  columnName,
  count,
  flag,
  instant,
  maybeText,
  pointText,
  rowId,
  said,
  shown,
  tableName,
  text,
} from './contract-terms.ts';

/** Restoring: what is asked, the plan, and what became of each row. */

export const columnDecision = said(
  z.enum(['restore', 'already-right', 'untouched', 'kept', 'not-captured', 'cannot']),
  'Decision',
  'What the restore does with the column: restore, already-right, untouched, kept, not-captured or cannot.',
);

export const plannedColumn = said(
  z.object({
    name: text('Column', 'Logical name of the column.'),
    label: text('Column Label', 'Name of the column as people see it.'),
    wanted: said(shown, 'Wanted', 'Value at the chosen point.'),
    now: said(shown, 'Now', 'Value of the live record.'),
    decision: columnDecision,
    why: maybeText('Why', 'The reason for the decision.'),
  }),
  'Planned Column',
  'One column of a plan.',
);

export const plannedRow = said(
  z.object({
    table: text('Table', 'Logical name of the table.'),
    tableLabel: text('Table Label', 'Name of the table as people see it.'),
    id: text('Row ID', 'Primary key of the row.'),
    name: maybeText('Name', 'Primary name of the row.'),
    action: said(
      z.enum(['create', 'update', 'associate', 'delete', 'disassociate', 'none']),
      'Action',
      'What the restore does with the row: create, update, associate, delete, disassociate or none.',
    ),
    why: maybeText('Why', 'The reason for the action.'),
    columns: said(z.array(plannedColumn), 'Columns', 'The columns of the row.'),
    files: said(
      z.array(
        z.object({
          column: text('Column', 'Logical name of the column that holds the content.'),
          name: maybeText('File Name', 'Name of the file.'),
          bytes: said(z.number().nullable(), 'Size', 'Size of the content in bytes.'),
        }),
      ),
      'Files',
      'Contents that will be written: files, images and bodies of notes.',
    ),
  }),
  'Planned Row',
  'One row of a plan.',
);

export const problem = said(
  z.object({
    code: text('Code', 'Stable code of the problem.'),
    message: text('Message', 'What stands in the way.'),
    waysOut: said(
      z.array(z.string()),
      'Ways Out',
      'What can be done about it; the first is what the run does unless told otherwise.',
    ),
    table: text('Table', 'Logical name of the table.'),
    id: text('Row ID', 'Primary key of the row.'),
    column: maybeText('Column', 'Logical name of the column.'),
  }),
  'Problem',
  'Something that stands in the way of the restore.',
);

export const restorePlan = said(
  z.object({
    id: text('Restore ID', 'ID of the restore.'),
    environment: text('Environment', 'Name of the environment.'),
    createdAt: said(instant, 'Planned At', 'When the plan was made.'),
    expiresAt: said(instant, 'Expires At', 'After this the plan must be made again.'),
    undoes: maybeText('Undoes', 'ID of the restore that this one undoes.'),
    selection: said(
      z.object({
        table: text('Table', 'Logical name of the table.'),
        id: text('Row ID', 'Primary key of the record.'),
        snapshot: text('Snapshot ID', 'ID of the snapshot that the values come from.'),
        capturedAt: text('Captured At', 'When the values were captured.'),
        columns: said(
          z.union([z.literal('all'), z.array(z.string())]),
          'Columns',
          'The word all, or the logical names of the columns.',
        ),
        overwrite: flag('Overwrite', 'Whether what somebody changed since is put back too.'),
      }),
      'Selection',
      'What was asked for.',
    ),
    rows: said(z.array(plannedRow), 'Rows', 'The rows, in the order in which they are written.'),
    problems: said(z.array(problem), 'Problems', 'What stands in the way, with the ways out.'),
    sideEffects: said(z.array(z.string()), 'Side Effects', 'What the restore sets off besides, in words.'),
    counts: said(
      z.object({
        rows: count('Rows', 'Number of rows.'),
        columnsToRestore: count('Columns To Restore', 'Number of columns that are written.'),
        columnsKept: count('Columns Kept', 'Number of columns that stay as somebody changed them since.'),
        filesToRestore: count('Files To Restore', 'Number of contents that are written.'),
      }),
      'Counts',
      'The plan in numbers.',
    ),
  }),
  'Restore Plan',
  'Everything that a restore will write; nothing has been written yet.',
);

const outcomeKind = z.enum(['restored', 'kept', 'skipped', 'failed']);

export const rowOutcome = said(
  z.object({
    table: text('Table', 'Logical name of the table.'),
    id: text('Row ID', 'Primary key of the row.'),
    name: maybeText('Name', 'Primary name of the row.'),
    kind: said(outcomeKind, 'Outcome', 'What became of the row: restored, kept, skipped or failed.'),
    code: maybeText('Code', 'Stable code of the reason.'),
    why: maybeText('Why', 'The reason, in words.'),
    hint: maybeText('Hint', 'What can be done about it.'),
    columns: said(
      z.array(
        z.object({
          name: text('Column', 'Logical name of the column.'),
          kind: said(outcomeKind, 'Outcome', 'What became of the column: restored, kept, skipped or failed.'),
          why: maybeText('Why', 'The reason, in words.'),
        }),
      ),
      'Columns',
      'What became of each column.',
    ),
  }),
  'Row Outcome',
  'What became of one row.',
);

export const restoreStatus = said(
  z.enum(['planned', 'running', 'done', 'partly', 'failed']),
  'Status',
  'How far the restore is: planned, running, done, partly or failed.',
);

export const restoreResult = said(
  z.object({
    id: text('Restore ID', 'ID of the restore.'),
    status: restoreStatus,
    startedAt: said(instant.nullable(), 'Started At', 'When the run began.'),
    endedAt: said(instant.nullable(), 'Ended At', 'When the run ended.'),
    undoOffered: flag('Undo Offered', 'Whether what was replaced can be put back.'),
    counts: said(
      z.object({
        restored: count('Restored', 'Number of rows that were restored.'),
        kept: count('Kept', 'Number of rows that were kept as somebody changed them since.'),
        skipped: count('Skipped', 'Number of rows that were skipped.'),
        failed: count('Failed', 'Number of rows that could not be restored.'),
      }),
      'Counts',
      'The result in numbers.',
    ),
    rows: said(z.array(rowOutcome), 'Rows', 'What became of each row.'),
  }),
  'Restore Result',
  'What became of a restore, row by row.',
);

/** A restore as it stands: its plan, and its result once it has run. */
export const restore = said(
  z.object({
    plan: said(restorePlan, 'Plan', 'What the restore writes.'),
    result: said(restoreResult.nullable(), 'Result', 'What became of it; empty until it has run.'),
    status: restoreStatus,
  }),
  'Restore',
  'A restore as it stands: its plan, and its result once it has run.',
);

export const planRestoreBody = z.strictObject({
  table: tableName,
  id: rowId,
  /** A point, or `version` for one version of the record's history. */
  at: pointText.optional(),
  version: said(
    z
      .string()
      .regex(/^\d{1,19}$/, 'a version is a number, as the history shows it')
      .optional(),
    'Version',
    'A version of the record, as its history names it. Used instead of a point in time.',
  ),
  columns: said(
    z.array(columnName).min(1, 'name at least one column, or leave it out').max(1000).optional(),
    'Columns',
    'Logical names of the columns to restore. Without them all columns are compared and what went bad is restored.',
  ),
  overwrite: said(
    z.boolean().default(false),
    'Overwrite',
    'Also put back what somebody changed since. Named columns are put back in any case.',
  ),
});

export type PlannedColumn = z.infer<typeof plannedColumn>;
export type PlannedRow = z.infer<typeof plannedRow>;
export type Problem = z.infer<typeof problem>;
export type RestorePlan = z.infer<typeof restorePlan>;
export type RowOutcome = z.infer<typeof rowOutcome>;
export type RestoreResult = z.infer<typeof restoreResult>;
export type Restore = z.infer<typeof restore>;
export type PlanRestoreBody = z.infer<typeof planRestoreBody>;

import { z } from 'zod';
import { count, instant, maybeText, said, tableName, text } from './contract-terms.ts';

/** Backing up: environments, snapshots and the job that writes them; and how errors look. */

export const tableInSnapshot = said(
  z.object({
    table: text('Table', 'Logical name of the table.'),
    status: said(
      z.enum(['complete', 'stale', 'incomplete', 'failed']),
      'Status',
      'How the table came out of the backup: complete, stale, incomplete or failed.',
    ),
    mode: text('Mode', 'How the table was read: change-tracking, version-scan, append or full.'),
    rowCount: count('Row Count', 'Rows of the table at this snapshot.'),
    put: count('Rows Captured', 'Rows that were new or changed.'),
    gone: count('Rows Gone', 'Rows that were deleted.'),
    bytes: count('Bytes', 'Bytes that were read.'),
    requests: count('Requests', 'Requests that were made.'),
    filesPending: count('Files Pending', 'Contents that are named and not in the vault yet.'),
    filesLost: count('Files Lost', 'Contents that can never be had.'),
    warnings: said(z.array(z.string()), 'Warnings', 'What is worth knowing, in words.'),
    errors: said(
      z.array(
        z.object({
          code: text('Code', 'Stable code of the error.'),
          message: text('Message', 'What happened.'),
        }),
      ),
      'Errors',
      'What went wrong.',
    ),
  }),
  'Table In Snapshot',
  'How one table came out of a backup.',
);

export const snapshotSummary = said(
  z.object({
    id: text('Snapshot ID', 'ID of the snapshot.'),
    startedAt: said(instant, 'Started At', 'When the backup began.'),
    endedAt: said(instant, 'Ended At', 'When the backup ended.'),
    trigger: text('Trigger', 'What started the backup.'),
    tables: count('Tables', 'Number of tables.'),
    rows: count('Rows', 'Number of rows at this snapshot.'),
    put: count('Rows Captured', 'Rows that were new or changed.'),
    gone: count('Rows Gone', 'Rows that were deleted.'),
    bytes: count('Bytes', 'Bytes that were read.'),
    requests: count('Requests', 'Requests that were made.'),
    status: said(
      z.enum(['complete', 'partly', 'failed']),
      'Status',
      'Whether every table is complete: complete, partly or failed.',
    ),
  }),
  'Snapshot',
  'What one backup captured.',
);

export const alert = said(
  z.object({
    id: text('Alert ID', 'ID of the alert; the same in webhooks.'),
    code: text('Code', 'Stable code of what was found.'),
    table: maybeText('Table', 'Logical name of the table; empty for the whole environment.'),
    message: text('Message', 'What was found, in words.'),
    rows: count('Rows', 'How many rows it is about; 0 where it is about no rows.'),
    before: maybeText('Before', 'ID of the snapshot that shows the rows as they were before.'),
    expected: maybeText('Expected', 'Why the policy expects it; such an alert is not sent.'),
  }),
  'Alert',
  'What a backup found that a person should know of.',
);

export const snapshotDetails = said(
  snapshotSummary.extend({
    alerts: said(z.array(alert), 'Alerts', 'What the backup found that a person should know of.'),
    details: said(z.array(tableInSnapshot), 'Tables In Snapshot', 'The tables, one by one.'),
  }),
  'Snapshot Details',
  'What one backup captured, table by table.',
);

const tableProgress = said(
  z.object({
    table: text('Table', 'Logical name of the table.'),
    state: said(
      z.enum(['waiting', 'reading', 'done', 'failed']),
      'State',
      'How far the table is: waiting, reading, done or failed.',
    ),
    rows: count('Rows', 'Rows that have been read.'),
    rowsExpected: said(
      z.number().nullable(),
      'Rows Expected',
      'Rows of the table as the service counted them last, up to a day ago; empty where it did not.',
    ),
    bytes: count('Bytes', 'Bytes that have been written.'),
    requests: count('Requests', 'Requests that have been made.'),
  }),
  'Table Progress',
  'How far one table of a backup is.',
);

export const backupJob = said(
  z.object({
    id: text('Backup ID', 'ID of the backup.'),
    status: said(
      z.enum(['running', 'done', 'partly', 'failed', 'cancelled']),
      'Status',
      'How far the backup is: running, done, partly, failed or cancelled.',
    ),
    startedAt: said(instant, 'Started At', 'When the backup began.'),
    endedAt: said(instant.nullable(), 'Ended At', 'When the backup ended.'),
    snapshot: said(
      snapshotSummary.nullable(),
      'Snapshot',
      'The snapshot that was written; empty until the backup ends, and when nothing moved.',
    ),
    progress: said(
      z.object({
        tablesDone: count('Tables Done', 'Tables that have been read.'),
        tablesTotal: count('Tables Total', 'Tables that are to be read.'),
        rows: count('Rows', 'Rows that have been read.'),
        bytes: count('Bytes', 'Bytes that have been read.'),
        requests: count('Requests', 'Requests that have been made.'),
        waitedSeconds: said(
          z.number().nullable(),
          'Seconds Waited',
          'Seconds that requests were held back for the limits of the service; empty once the backup has ended.',
        ),
        secondsLeft: said(
          z.number().nullable(),
          'Seconds Left',
          'About how long the backup still takes; empty while that cannot be told.',
        ),
        tables: said(
          z.array(tableProgress),
          'Table Progress',
          'The tables, one by one; empty once it has ended.',
        ),
      }),
      'Progress',
      'How far the backup is, in numbers.',
    ),
    error: said(
      z
        .object({
          code: text('Code', 'Stable code of the error.'),
          message: text('Message', 'What happened.'),
          hint: text('Hint', 'What to do about it.'),
        })
        .nullable(),
      'Error',
      'Why the backup failed.',
    ),
  }),
  'Backup',
  'A backup that runs or has ended.',
);

export const environmentSummary = said(
  z.object({
    name: text('Environment', 'Name of the environment, as other operations take it.'),
    url: text('URL', 'Address of the environment.'),
    lastSnapshot: maybeText('Last Snapshot', 'ID of the last snapshot.'),
    lastBackupAt: maybeText('Last Backup', 'When the environment was last backed up.'),
  }),
  'Environment',
  'An environment that is backed up.',
);

/** problem+json (RFC 9457) with our stable `code` and a `hint`. */
export const problemDetails = said(
  z.object({
    type: text('Type', 'Address that names the kind of error.'),
    title: text('Title', 'The kind of error, in words.'),
    status: count('Status', 'HTTP status of the answer.'),
    detail: text('Detail', 'What happened to what.'),
    code: text('Code', 'Stable code of the error.'),
    hint: text('Hint', 'What to do about it.'),
  }),
  'Error',
  'Why nothing was done, and what to do about it.',
);

export const startBackupBody = z.strictObject({
  tables: said(
    z.array(tableName).min(1, 'name at least one table, or leave it out').max(500).optional(),
    'Tables',
    'Logical names of the tables to back up. Without them all tables are backed up.',
  ),
});

export type SnapshotSummary = z.infer<typeof snapshotSummary>;
export type SnapshotDetails = z.infer<typeof snapshotDetails>;
export type BackupJob = z.infer<typeof backupJob>;
export type EnvironmentSummary = z.infer<typeof environmentSummary>;
export type ProblemDetails = z.infer<typeof problemDetails>;

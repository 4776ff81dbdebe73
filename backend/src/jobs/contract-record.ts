import { z } from 'zod';
import {
  count,
  flag,
  instant,
  maybeText,
  modifiedBy,
  modifiedOn,
  said,
  shown,
  text,
} from './contract-terms.ts';

/** One record through time: its versions, and two of them side by side. */

export const versionSummary = said(
  z.object({
    /** Names this version in requests: `rowback_seq` as text. */
    version: text('Version', 'Names this version in other operations.'),
    snapshot: text('Snapshot ID', 'ID of the snapshot that captured the version.'),
    capturedAt: said(instant, 'Captured At', 'When the version was captured.'),
    kind: said(
      z.enum(['created', 'first-captured', 'changed', 'deleted', 'restored-after-delete']),
      'Kind',
      'What happened to the record: created, first-captured, changed, deleted or restored-after-delete.',
    ),
    modifiedOn,
    modifiedBy,
    changedColumns: said(
      z.array(
        z.object({
          name: text('Column', 'Logical name of the column.'),
          label: text('Column Label', 'Name of the column as people see it.'),
        }),
      ),
      'Changed Columns',
      'Columns whose value differs from the version before.',
    ),
  }),
  'Version',
  'One captured version of a record.',
);

export const recordHistory = said(
  z.object({
    environment: text('Environment', 'Name of the environment.'),
    table: text('Table', 'Logical name of the table.'),
    tableLabel: text('Table Label', 'Name of the table as people see it.'),
    id: text('Row ID', 'Primary key of the record.'),
    name: maybeText('Name', 'Primary name in the newest version that has one.'),
    live: said(
      z.object({ modifiedOn, modifiedBy }).nullable(),
      'Live Record',
      'The record as it is now; empty when it is not there.',
    ),
    lastBackupAt: said(instant, 'Last Backup', 'When the environment was last backed up.'),
    versionCount: count('Version Count', 'How many versions the vault holds.'),
    versions: said(z.array(versionSummary), 'Versions', 'Versions of the record, newest first.'),
  }),
  'Record History',
  'The backed-up versions of one record.',
);

export const comparisonSide = said(
  z.object({
    kind: said(
      z.enum(['version', 'live', 'deleted']),
      'Kind',
      'What stands on this side: a version, the live record, or deleted.',
    ),
    version: maybeText('Version', 'The version; empty for the live record.'),
    snapshot: maybeText('Snapshot ID', 'ID of the snapshot that captured it; empty for the live record.'),
    capturedAt: maybeText('Captured At', 'When it was captured; empty for the live record.'),
    modifiedOn,
    modifiedBy,
  }),
  'Side',
  'One side of a comparison.',
);

export const comparedColumn = said(
  z.object({
    name: text('Column', 'Logical name of the column.'),
    label: text('Column Label', 'Name of the column as people see it.'),
    type: text('Column Type', 'Type of the column.'),
    from: said(shown, 'From', 'Value on the first side.'),
    to: said(shown, 'To', 'Value on the second side.'),
    change: said(
      z.enum(['same', 'added', 'removed', 'changed', 'not-captured']),
      'Change',
      'What changed from the first side to the second: same, added, removed, changed or not-captured.',
    ),
    restorable: flag('Restorable', 'Whether a restore may write the column.'),
    why: maybeText('Why Not', 'Why a restore may not write the column.'),
  }),
  'Compared Column',
  'One column on both sides.',
);

export const comparison = said(
  z.object({
    table: text('Table', 'Logical name of the table.'),
    tableLabel: text('Table Label', 'Name of the table as people see it.'),
    id: text('Row ID', 'Primary key of the record.'),
    name: maybeText('Name', 'Primary name of the record.'),
    from: said(comparisonSide, 'From', 'The first side.'),
    to: said(comparisonSide, 'To', 'The second side.'),
    columns: said(z.array(comparedColumn), 'Columns', 'The columns, side by side.'),
  }),
  'Comparison',
  'Two versions of a record side by side, or one version and the record as it is now.',
);

export const comparisonQuery = z.strictObject({
  from: text('From', 'A version, the ID of a snapshot, an instant, or latest.').default('latest'),
  to: text(
    'To',
    'A version, the ID of a snapshot, an instant, latest, or live for the record as it is now.',
  ).default('live'),
});

export type VersionSummary = z.infer<typeof versionSummary>;
export type RecordHistory = z.infer<typeof recordHistory>;
export type ComparedColumn = z.infer<typeof comparedColumn>;
export type Comparison = z.infer<typeof comparison>;

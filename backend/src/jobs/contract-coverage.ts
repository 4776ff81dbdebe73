import { z } from 'zod';
import { count, instant, maybeText, said, snapshotId, tableName, text } from './contract-terms.ts';

/** What a snapshot protects of its environment, and what it does not. */

const reason = z.object({
  code: text('Code', 'Stable code of the reason.'),
  why: text('Why', 'The reason, in words.'),
  hint: text('Way To Change It', 'What to do about it.'),
});

const protection = said(
  z.enum(['protected', 'partly', 'not']),
  'Status',
  'How far it is in the vault: protected, partly or not.',
);

const maybeInstant = (title: string, description: string) => said(instant.nullable(), title, description);

const columnCoverage = said(
  z.object({
    column: text('Column', 'Logical name of the column.'),
    label: text('Column Label', 'Name of the column as people see it.'),
    status: protection,
    reason: said(reason.nullable(), 'Reason', 'Why it is not wholly protected; empty where it is.'),
  }),
  'Column Coverage',
  'How far one column is in the vault.',
);

export const tableCoverage = said(
  z.object({
    table: text('Table', 'Logical name of the table.'),
    label: text('Table Label', 'Name of the table as people see it.'),
    status: protection,
    reasons: said(z.array(reason), 'Reasons', 'Why it is not wholly protected, most important first.'),
    warnings: said(z.array(reason), 'Warnings', 'What is worth knowing though nothing is missing.'),
    mode: maybeText(
      'Mode',
      'How the table is read: change-tracking, version-scan, append or full; empty where it is not.',
    ),
    rowCount: said(z.int().nullable(), 'Row Count', 'Rows of the table at the snapshot.'),
    recoveryPoint: maybeInstant(
      'Recovery Point',
      'Everything saved in the table before this instant is in the vault; empty where nothing can be said.',
    ),
    tokenFrom: maybeInstant('Token From', 'Instant of the change token, where the table has one.'),
    filesPending: count('Files Pending', 'Contents that are named and not in the vault yet.'),
    filesLost: count('Files Lost', 'Contents that can never be had.'),
    columns: said(z.array(columnCoverage), 'Columns', 'The columns of the table, by name.'),
  }),
  'Table Coverage',
  'How far one table is in the vault.',
);

const counts = (title: string, description: string) =>
  said(
    z.object({
      protected: count('Protected', 'How many are protected.'),
      partly: count('Partly Protected', 'How many are partly protected.'),
      not: count('Not Protected', 'How many are not protected.'),
    }),
    title,
    description,
  );

export const coverage = said(
  z.object({
    snapshot: text('Snapshot ID', 'ID of the snapshot that this is about.'),
    startedAt: said(instant, 'Started At', 'When the backup began.'),
    endedAt: said(instant, 'Ended At', 'When the backup ended.'),
    madeAt: said(instant, 'Made At', 'When this answer was made.'),
    environment: said(
      z.object({
        id: text('Environment ID', 'ID of the environment.'),
        name: maybeText('Environment', 'Name of the environment, as its administrators gave it.'),
        url: maybeText('URL', 'Address of the environment.'),
      }),
      'Environment',
      'The environment that was backed up.',
    ),
    policy: text('Policy', 'Name of the policy that the backup followed.'),
    counts: said(
      z.object({
        tables: counts('Table Counts', 'How many tables are protected, partly protected and not.'),
        columns: counts('Column Counts', 'How many columns are protected, partly protected and not.'),
      }),
      'Counts',
      'All tables and columns of the environment, counted.',
    ),
    recoveryPoint: said(
      z.object({
        worst: maybeInstant('Worst', 'The oldest of all tables that are read; empty where one has none.'),
        behind: said(
          z.array(
            z.object({
              table: text('Table', 'Logical name of the table.'),
              recoveryPoint: maybeInstant('Recovery Point', 'The recovery point of the table.'),
            }),
          ),
          'Behind',
          'Tables behind the start of the snapshot, worst first.',
        ),
      }),
      'Recovery Point',
      'How much time could be lost.',
    ),
    tables: said(
      z.array(tableCoverage),
      'Tables',
      'The tables of the environment by name, one page of them.',
    ),
    next: maybeText(
      'Next',
      'Given as After, it asks for the next page of tables; empty where this is the last.',
    ),
    former: said(
      z.array(
        z.object({
          table: text('Table', 'Logical name of the table.'),
          folder: text('Folder', 'Name of its folder in the vault.'),
          rowCount: count('Row Count', 'Rows that the vault holds of it.'),
        }),
      ),
      'Former Tables',
      'Tables that the vault holds and the environment has no longer.',
    ),
    notes: said(z.array(reason), 'Notes', 'What is to be known of the environment as a whole.'),
    outOfScope: said(
      z.array(
        z.object({
          what: text('What', 'What no snapshot holds.'),
          why: text('Why', 'The reason, in words.'),
          hint: text('Way To Keep It', 'How to keep it by other means.'),
        }),
      ),
      'Out Of Scope',
      'What no snapshot holds.',
    ),
  }),
  'Coverage',
  'What a snapshot protects of its environment, partly protects and does not, why, and the way to change it.',
);

export const coverageQuery = z.strictObject({
  snapshotId: said(
    snapshotId.optional(),
    'Snapshot ID',
    'ID of a snapshot. Without it the newest one is taken.',
  ),
  limit: said(
    z.coerce.number<string | number>().int().min(1).max(500).default(50),
    'Limit',
    'How many tables to list at most, 1 to 500.',
  ),
  after: said(
    tableName.optional(),
    'After',
    'Logical name of a table: only later ones are listed. Next of one page asks for the next.',
  ),
});

export type CoverageAnswer = z.infer<typeof coverage>;
export type CoverageQuery = z.infer<typeof coverageQuery>;

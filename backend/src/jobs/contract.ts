import { z } from 'zod';

/**
 * The one contract: what people and programs send to Rowback and get back, whichever way they come in (REST, request
 * rows of the form, command line). Requests are validated from it; OpenAPI, the connector's Swagger and the types of the
 * form control are generated from it.
 */

const described = <T extends z.ZodType>(schema: T, title: string, description: string): T =>
  schema.meta({ title, description });

export const tableName = described(
  z.string().regex(/^[a-z][a-z0-9_]{0,127}$/, 'a table is named by its logical name, such as account'),
  'Table',
  'Logical name of a Dataverse table, such as account.',
);
export const columnName = described(
  z.string().regex(/^[a-z][a-z0-9_]{0,127}$/, 'a column is named by its logical name, such as telephone1'),
  'Column',
  'Logical name of a column, such as telephone1.',
);
export const rowId = described(
  z.guid('a row is named by its id, such as 0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34').transform((id) => id.toLowerCase()),
  'Row ID',
  'Primary key of the row.',
);
export const instant = z.iso.datetime({ offset: true });
export const snapshotId = z.string().regex(/^\d{8}T\d{6}Z-[a-z0-9]{4}$/);

/** `latest`, a snapshot id, or an ISO instant. */
export const pointText = described(
  z.union([z.literal('latest'), snapshotId, instant]),
  'Point In Time',
  'latest, the ID of a snapshot, or an instant such as 2026-11-23T14:02:05Z, which stands for the last complete snapshot by then.',
);

export const value = z.union([
  z.null(),
  z.boolean(),
  z.number(),
  z.string(),
  z.object({ table: z.string(), id: z.string() }),
]);

/** A value as people see it, or the statement that this backup does not hold the column: never the same as empty. */
export const shown = z.discriminatedUnion('captured', [
  z.object({ captured: z.literal(true), value, text: z.string() }),
  z.object({ captured: z.literal(false) }),
]);

export const person = z.object({ id: z.string(), name: z.string().nullable() });

export const versionSummary = z.object({
  /** Names this version in requests: `rowback_seq` as text. */
  version: z.string(),
  snapshot: z.string(),
  capturedAt: instant,
  kind: z.enum(['created', 'first-captured', 'changed', 'deleted', 'restored-after-delete']),
  modifiedOn: z.string().nullable(),
  modifiedBy: person.nullable(),
  changedColumns: z.array(z.object({ name: z.string(), label: z.string() })),
});

export const recordHistory = z.object({
  environment: z.string(),
  table: z.string(),
  tableLabel: z.string(),
  id: z.string(),
  /** Primary name in the newest version that has one. */
  name: z.string().nullable(),
  /** The live row; null when it is not there. */
  live: z.object({ modifiedOn: z.string().nullable(), modifiedBy: person.nullable() }).nullable(),
  lastBackupAt: instant,
  versionCount: z.int(),
  /** Newest first. */
  versions: z.array(versionSummary),
});

export const comparisonSide = z.object({
  kind: z.enum(['version', 'live', 'deleted']),
  version: z.string().nullable(),
  snapshot: z.string().nullable(),
  capturedAt: z.string().nullable(),
  modifiedOn: z.string().nullable(),
  modifiedBy: person.nullable(),
});

export const comparedColumn = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  from: shown,
  to: shown,
  change: z.enum(['same', 'added', 'removed', 'changed', 'not-captured']),
  /** Whether a restore may write it, and if not, why. */
  restorable: z.boolean(),
  why: z.string().nullable(),
});

export const comparison = z.object({
  table: z.string(),
  tableLabel: z.string(),
  id: z.string(),
  name: z.string().nullable(),
  from: comparisonSide,
  to: comparisonSide,
  columns: z.array(comparedColumn),
});

export const columnDecision = z.enum(['restore', 'already-right', 'untouched', 'kept', 'not-captured', 'cannot']);

export const plannedColumn = z.object({
  name: z.string(),
  label: z.string(),
  wanted: shown,
  now: shown,
  decision: columnDecision,
  why: z.string().nullable(),
});

export const plannedRow = z.object({
  table: z.string(),
  tableLabel: z.string(),
  id: z.string(),
  name: z.string().nullable(),
  action: z.enum(['create', 'update', 'associate', 'delete', 'disassociate', 'none']),
  why: z.string().nullable(),
  columns: z.array(plannedColumn),
  /** Contents (files, images, bodies) that will be written. */
  files: z.array(z.object({ column: z.string(), name: z.string().nullable(), bytes: z.number().nullable() })),
});

export const problem = z.object({
  code: z.string(),
  message: z.string(),
  /** What can be done about it; the first is what the run does unless told otherwise. */
  waysOut: z.array(z.string()),
  table: z.string(),
  id: z.string(),
  column: z.string().nullable(),
});

export const restorePlan = z.object({
  id: z.string(),
  environment: z.string(),
  createdAt: instant,
  /** After this the plan must be made again. */
  expiresAt: instant,
  undoes: z.string().nullable(),
  selection: z.object({
    table: z.string(),
    id: z.string(),
    snapshot: z.string(),
    capturedAt: z.string(),
    columns: z.union([z.literal('all'), z.array(z.string())]),
    overwrite: z.boolean(),
  }),
  rows: z.array(plannedRow),
  problems: z.array(problem),
  sideEffects: z.array(z.string()),
  counts: z.object({
    rows: z.int(),
    columnsToRestore: z.int(),
    columnsKept: z.int(),
    filesToRestore: z.int(),
  }),
});

export const rowOutcome = z.object({
  table: z.string(),
  id: z.string(),
  name: z.string().nullable(),
  kind: z.enum(['restored', 'kept', 'skipped', 'failed']),
  code: z.string().nullable(),
  why: z.string().nullable(),
  hint: z.string().nullable(),
  columns: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['restored', 'kept', 'skipped', 'failed']),
      why: z.string().nullable(),
    }),
  ),
});

export const restoreStatus = z.enum(['planned', 'running', 'done', 'partly', 'failed']);

export const restoreResult = z.object({
  id: z.string(),
  status: restoreStatus,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  undoOffered: z.boolean(),
  counts: z.object({ restored: z.int(), kept: z.int(), skipped: z.int(), failed: z.int() }),
  rows: z.array(rowOutcome),
});

/** A restore as it stands: its plan, and its result once it has run. */
export const restore = z.object({ plan: restorePlan, result: restoreResult.nullable(), status: restoreStatus });

export const tableInSnapshot = z.object({
  table: z.string(),
  status: z.enum(['complete', 'stale', 'incomplete', 'failed']),
  mode: z.string(),
  rowCount: z.int(),
  put: z.int(),
  gone: z.int(),
  bytes: z.int(),
  requests: z.int(),
  filesPending: z.int(),
  filesLost: z.int(),
  warnings: z.array(z.string()),
  errors: z.array(z.object({ code: z.string(), message: z.string() })),
});

export const snapshotSummary = z.object({
  id: z.string(),
  startedAt: instant,
  endedAt: instant,
  trigger: z.string(),
  tables: z.int(),
  rows: z.int(),
  put: z.int(),
  gone: z.int(),
  bytes: z.int(),
  requests: z.int(),
  status: z.enum(['complete', 'partly', 'failed']),
});

export const snapshotDetails = snapshotSummary.extend({ details: z.array(tableInSnapshot) });

export const backupJob = z.object({
  id: z.string(),
  status: z.enum(['running', 'done', 'partly', 'failed']),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** Null until it ends, and when nothing moved. */
  snapshot: snapshotSummary.nullable(),
  progress: z.object({
    tablesDone: z.int(),
    tablesTotal: z.int(),
    rows: z.int(),
    bytes: z.int(),
    requests: z.int(),
  }),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
});

export const environmentSummary = z.object({
  name: z.string(),
  url: z.string(),
  lastSnapshot: z.string().nullable(),
  lastBackupAt: z.string().nullable(),
});

/** problem+json (RFC 9457) with our stable `code` and a `hint`. */
export const problemDetails = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  hint: z.string(),
});

/** Bodies and queries of requests. */
export const startBackupBody = z.strictObject({ tables: z.array(tableName).max(500).optional() });
export const comparisonQuery = z.strictObject({
  from: z.string().default('latest'),
  to: z.string().default('live'),
});
export const planRestoreBody = z.strictObject({
  table: tableName,
  id: rowId,
  /** A point, or `version` for one version of the record's history. */
  at: pointText.optional(),
  version: z.string().regex(/^\d+$/).optional(),
  columns: z.array(columnName).min(1).max(1000).optional(),
  /** Also put back what somebody changed since. Named columns are put back in any case. */
  overwrite: z.boolean().default(false),
});

/**
 * What the form's request row carries in its input column, by the row's kind. The row's `rowback_targettable` and
 * `rowback_targetid` name the record; they are columns so that people can read a request.
 */
export const requestInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('history') }),
  z.strictObject({ kind: z.literal('compare'), from: z.string(), to: z.string().default('live') }),
  z.strictObject({
    kind: z.literal('plan'),
    version: z.string().regex(/^\d+$/),
    columns: z.array(columnName).min(1).max(1000).optional(),
    overwrite: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('restore'), restoreId: z.string() }),
  z.strictObject({ kind: z.literal('undo'), restoreId: z.string() }),
]);

/** What the result column of a request row holds. `undo` answers with the undo's own restore, planned and run. */
export const requestResult = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), kind: z.literal('history'), data: recordHistory }),
  z.object({ ok: z.literal(true), kind: z.literal('compare'), data: comparison }),
  z.object({ ok: z.literal(true), kind: z.literal('plan'), data: restorePlan }),
  z.object({ ok: z.literal(true), kind: z.literal('restore'), data: restore }),
  z.object({ ok: z.literal(true), kind: z.literal('undo'), data: restore }),
  z.object({
    ok: z.literal(false),
    error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
  }),
]);

export type Shown = z.infer<typeof shown>;
export type Person = z.infer<typeof person>;
export type VersionSummary = z.infer<typeof versionSummary>;
export type RecordHistory = z.infer<typeof recordHistory>;
export type ComparedColumn = z.infer<typeof comparedColumn>;
export type Comparison = z.infer<typeof comparison>;
export type PlannedColumn = z.infer<typeof plannedColumn>;
export type PlannedRow = z.infer<typeof plannedRow>;
export type Problem = z.infer<typeof problem>;
export type RestorePlan = z.infer<typeof restorePlan>;
export type RowOutcome = z.infer<typeof rowOutcome>;
export type RestoreResult = z.infer<typeof restoreResult>;
export type Restore = z.infer<typeof restore>;
export type SnapshotSummary = z.infer<typeof snapshotSummary>;
export type SnapshotDetails = z.infer<typeof snapshotDetails>;
export type BackupJob = z.infer<typeof backupJob>;
export type EnvironmentSummary = z.infer<typeof environmentSummary>;
export type ProblemDetails = z.infer<typeof problemDetails>;
export type PlanRestoreBody = z.infer<typeof planRestoreBody>;
export type RequestInput = z.infer<typeof requestInput>;
export type RequestResult = z.infer<typeof requestResult>;

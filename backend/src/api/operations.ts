import { z } from 'zod';
import {
  backupJob,
  comparison,
  comparisonQuery,
  coverage,
  coverageQuery,
  environmentSummary,
  planRestoreBody,
  recordHistory,
  restore,
  rowId,
  snapshotDetails,
  snapshotId,
  snapshotSummary,
  startBackupBody,
  tableName,
} from '../jobs/contract.ts';
import { operation, type Operation, type Role } from './operation.ts';

/**
 * Every REST operation as a value. The Express app mounts them, `openapi.ts` describes them, the connector's Swagger
 * and `docs/api.md` are generated from them: there is no second list. Paths are relative to {@link basePath}.
 */

export const basePath = '/v1';

const operators: readonly Role[] = ['Rowback.Operator', 'Rowback.Admin'];

const environment = z.string().min(1).max(200).meta({
  title: 'Environment',
  description: 'Name of a configured environment, as the list of environments gives it.',
  example: 'contoso',
});
const restoreId = z.string().min(1).max(64).meta({
  title: 'Restore ID',
  description: 'ID of a restore, as planning it gave it.',
});
const backupId = z.string().min(1).max(64).meta({
  title: 'Backup ID',
  description: 'ID of a backup, as starting it gave it.',
});
const snapshotParam = snapshotId.meta({
  title: 'Snapshot ID',
  description: 'ID of a snapshot, such as 20261123T140205Z-k3f9.',
});

const inEnvironment = z.object({ environment });
const aBackup = inEnvironment.extend({ backupId });
const aSnapshot = inEnvironment.extend({ snapshotId: snapshotParam });
const aRow = inEnvironment.extend({ table: tableName, rowId });
const aRestore = inEnvironment.extend({ restoreId });

/** Sent with what starts work: the same key again answers with what the first request started. */
export const idempotencyHeaders = z.object({
  'Idempotency-Key': z.string().min(1).max(100).optional().meta({
    title: 'Idempotency Key',
    description:
      'Any text that names this request. Sent again, it answers with what the first request started and starts nothing.',
  }),
});

const listOf = <T extends z.ZodType>(item: T, title: string, description: string) =>
  z.object({ value: z.array(item).meta({ title, description }) }).meta({ title, description });

export const environmentList = listOf(
  environmentSummary,
  'Environments',
  'The environments that this Rowback backs up.',
);

export const tableSummary = z
  .object({
    name: z.string().meta({ title: 'Table', description: 'Logical name of the table, such as account.' }),
    label: z.string().meta({ title: 'Table Label', description: 'Name of the table as people see it.' }),
  })
  .meta({ title: 'Table', description: 'A table of which the vault holds rows.' });

export const tableList = listOf(tableSummary, 'Tables', 'The tables of which the vault holds rows.');

export const snapshotList = listOf(
  snapshotSummary,
  'Snapshots',
  'Snapshots of the environment, newest first.',
);

export const snapshotListQuery = z.strictObject({
  limit: z.coerce.number<string | number>().int().min(1).max(500).default(50).meta({
    title: 'Limit',
    description: 'How many snapshots to list at most, 1 to 500.',
  }),
  before: snapshotId.optional().meta({
    title: 'Before',
    description: 'ID of a snapshot: only older ones are listed. The last ID of one page asks for the next.',
  }),
});

export const health = z
  .object({
    status: z.literal('ok').meta({ title: 'Status', description: 'Always ok when the service answers.' }),
    version: z.string().meta({ title: 'Version', description: 'Version of Rowback that answers.' }),
  })
  .meta({ title: 'Health', description: 'That the service is up, and which version it is.' });

/** Errors that every operation behind the sign-in may answer with. */
const common = [400, 401, 403, 404, 429, 500, 503] as const;
const conflicting = [...common, 409] as const;

export const operations = {
  getHealth: operation({
    operationId: 'GetHealth',
    method: 'get',
    path: '/health',
    summary: 'Get health',
    description: 'Answers when the service is up. Needs no sign-in and tells nothing about environments.',
    responses: { 200: { description: 'The service is up.', schema: health } },
    errors: [429, 500],
    roles: 'public',
    visibility: 'internal',
  }),

  listEnvironments: operation({
    operationId: 'ListEnvironments',
    method: 'get',
    path: '/environments',
    summary: 'List environments',
    description: 'Lists the environments that this Rowback backs up, each with its last snapshot.',
    responses: { 200: { description: 'The environments.', schema: environmentList } },
    errors: [401, 403, 429, 500, 503],
    roles: operators,
    visibility: 'normal',
  }),

  listTables: operation({
    operationId: 'ListTables',
    method: 'get',
    path: '/environments/{environment}/tables',
    summary: 'List tables',
    description: 'Lists the tables of which the vault of an environment holds rows, by their labels.',
    params: inEnvironment,
    responses: { 200: { description: 'The tables.', schema: tableList } },
    errors: common,
    roles: operators,
    visibility: 'normal',
  }),

  startBackup: operation({
    operationId: 'StartBackup',
    method: 'post',
    path: '/environments/{environment}/backups',
    summary: 'Start a backup',
    description:
      'Starts a backup that reads what changed since the last one, and answers at once with the job. Only one backup of an environment runs at a time.',
    params: inEnvironment,
    headers: idempotencyHeaders,
    body: startBackupBody,
    responses: { 201: { description: 'The backup has started.', schema: backupJob } },
    errors: conflicting,
    roles: operators,
    visibility: 'important',
  }),

  getBackup: operation({
    operationId: 'GetBackup',
    method: 'get',
    path: '/environments/{environment}/backups/{backupId}',
    summary: 'Get a backup',
    description: 'Gets how far a backup is, and the snapshot it wrote once it has ended.',
    params: aBackup,
    responses: { 200: { description: 'The backup as it stands.', schema: backupJob } },
    errors: common,
    roles: operators,
    visibility: 'normal',
  }),

  cancelBackup: operation({
    operationId: 'CancelBackup',
    method: 'post',
    path: '/environments/{environment}/backups/{backupId}/cancel',
    summary: 'Cancel a backup',
    description:
      'Ends a backup that is under way at its next safe place. What it has read is kept, and the next backup goes on from there.',
    params: aBackup,
    responses: { 200: { description: 'The backup is cancelled.', schema: backupJob } },
    errors: conflicting,
    roles: operators,
    visibility: 'normal',
  }),

  listSnapshots: operation({
    operationId: 'ListSnapshots',
    method: 'get',
    path: '/environments/{environment}/snapshots',
    summary: 'List snapshots',
    description: 'Lists the snapshots of an environment, newest first.',
    params: inEnvironment,
    query: snapshotListQuery,
    responses: { 200: { description: 'The snapshots.', schema: snapshotList } },
    errors: common,
    roles: operators,
    visibility: 'normal',
  }),

  getSnapshot: operation({
    operationId: 'GetSnapshot',
    method: 'get',
    path: '/environments/{environment}/snapshots/{snapshotId}',
    summary: 'Get a snapshot',
    description: 'Gets one snapshot with the state of each table in it.',
    params: aSnapshot,
    responses: { 200: { description: 'The snapshot.', schema: snapshotDetails } },
    errors: common,
    roles: operators,
    visibility: 'normal',
  }),

  getCoverage: operation({
    operationId: 'GetCoverage',
    method: 'get',
    path: '/environments/{environment}/coverage',
    summary: 'Get the coverage',
    description:
      'Gets which tables and columns of an environment a snapshot protects, partly protects and does not, why, and the way to change it. It is made from the vault alone.',
    params: inEnvironment,
    query: coverageQuery,
    responses: { 200: { description: 'The coverage, with one page of tables.', schema: coverage } },
    csv: 'All tables and columns, a line for each; Limit and After do not count.',
    errors: common,
    roles: operators,
    visibility: 'normal',
  }),

  listVersions: operation({
    operationId: 'ListVersions',
    method: 'get',
    path: '/environments/{environment}/tables/{table}/rows/{rowId}/versions',
    summary: 'List versions of a record',
    description:
      'Lists the backed-up versions of one record, newest first, with the columns each one changed.',
    params: aRow,
    responses: { 200: { description: 'The history of the record.', schema: recordHistory } },
    errors: common,
    roles: operators,
    visibility: 'important',
  }),

  compareVersions: operation({
    operationId: 'CompareVersions',
    method: 'get',
    path: '/environments/{environment}/tables/{table}/rows/{rowId}/comparison',
    summary: 'Compare versions of a record',
    description:
      'Compares two backed-up versions of one record, or one version with the record as it is now.',
    params: aRow,
    query: comparisonQuery,
    responses: { 200: { description: 'The comparison, column by column.', schema: comparison } },
    errors: common,
    roles: operators,
    visibility: 'normal',
  }),

  planRestore: operation({
    operationId: 'PlanRestore',
    method: 'post',
    path: '/environments/{environment}/restores',
    summary: 'Plan a restore',
    description:
      'Works out what restoring one record would write, column by column, and keeps the plan. Nothing is written to the environment until the restore is run.',
    params: inEnvironment,
    headers: idempotencyHeaders,
    body: planRestoreBody,
    responses: { 201: { description: 'The restore is planned.', schema: restore } },
    errors: conflicting,
    roles: operators,
    visibility: 'important',
  }),

  getRestore: operation({
    operationId: 'GetRestore',
    method: 'get',
    path: '/environments/{environment}/restores/{restoreId}',
    summary: 'Get a restore',
    description: 'Gets the plan of a restore, and its result row by row once it has run.',
    params: aRestore,
    responses: { 200: { description: 'The restore as it stands.', schema: restore } },
    errors: common,
    roles: operators,
    visibility: 'normal',
  }),

  runRestore: operation({
    operationId: 'RunRestore',
    method: 'post',
    path: '/environments/{environment}/restores/{restoreId}/run',
    summary: 'Run a restore',
    description:
      'Writes what the plan of the restore lists, and nothing else. Safe to repeat: a restore that has run answers with its result.',
    params: aRestore,
    responses: {
      200: {
        description: 'The restore has ended; its result tells what became of each row.',
        schema: restore,
      },
      202: { description: 'The restore is still running; get it again later.', schema: restore },
    },
    errors: conflicting,
    roles: operators,
    visibility: 'important',
  }),

  undoRestore: operation({
    operationId: 'UndoRestore',
    method: 'post',
    path: '/environments/{environment}/restores/{restoreId}/undo',
    summary: 'Plan the undo of a restore',
    description:
      'Plans a restore that puts back what another restore replaced. It is run like any other restore; what was changed since is kept.',
    params: aRestore,
    headers: idempotencyHeaders,
    responses: { 201: { description: 'The undo is planned.', schema: restore } },
    errors: conflicting,
    roles: operators,
    visibility: 'normal',
  }),
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

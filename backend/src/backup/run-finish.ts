import { alertsOfEnvironment } from './alerts/environment-alerts.ts';
import { DataverseError } from '../dataverse/index.ts';
import {
  fileTableName,
  isVaultError,
  tableOfFolder,
  type Alert,
  type Snapshot,
  type TableAtSnapshot,
  type TableInSnapshot,
} from '../vault/index.ts';
import { asStale, describeFileTable, fileSeqsOf } from './assemble.ts';
import { throwIfStopped } from './errors.ts';
import { nextEnvironmentSchema, type TableSchemaEntry } from './environment-schema.ts';
import { writeHeartbeat } from './heartbeat.ts';
import { endMark, snapshotsBetweenAllTables } from './keep-mark.ts';
import { captureMetadata, type Documents } from './metadata/capture.ts';
import type { BackupPlan } from './plan.ts';
import type { BackupPorts, RunContext } from './run-context.ts';
import { readBefore, type Before, type RunStart } from './run-begin.ts';
import type { TableResult } from './run-table.ts';
import { readServiceInstant } from './service-time.ts';

export interface RunEnd {
  /** Null: nothing moved, so there is nothing to name. */
  readonly snapshot: Snapshot | null;
  readonly endedAt: string;
  readonly warnings: readonly string[];
  readonly alerts: readonly Alert[];
}

/**
 * Last step of a run: the snapshot that names what the tables committed, the mark for the next run, the heartbeat row.
 * Safe to repeat after a crash: a snapshot that is there already is left as it is. Throws `lease-lost` or `interrupted`
 * when the signal aborts before the last write; nothing is written after that.
 */
export async function finishRun(
  ports: FinishPorts,
  plan: BackupPlan,
  start: RunStart,
  results: readonly TableResult[],
): Promise<RunEnd> {
  const before = await readBefore(ports, start);
  const endedAt = await readServiceInstant(ports, plan);
  throwIfStopped(ports.signal);
  const ofEnvironment = alertsOfEnvironment(plan, { start, before, results });
  for (const alert of ofEnvironment) ports.onAlert(alert);
  const alerts = [...ofEnvironment, ...results.flatMap((result) => result.alerts)];
  const written = await writeSnapshot(ports, plan, { start, before, results, endedAt, alerts });
  throwIfStopped(ports.signal);
  await endMark(ports, plan, start, { written, results, endedAt });
  const warnings = start.newEpochBecause === null ? [] : [`A new epoch began: ${start.newEpochBecause}.`];
  warnings.push(...(await beat(ports, plan, written?.id ?? start.before, endedAt)));
  return { snapshot: written, endedAt, warnings, alerts };
}

type FinishPorts = BackupPorts & Pick<RunContext, 'onAlert' | 'signal'>;

interface Made {
  readonly start: RunStart;
  readonly before: Before;
  readonly results: readonly TableResult[];
  readonly endedAt: string;
  readonly alerts: readonly Alert[];
}

async function writeSnapshot(ports: FinishPorts, plan: BackupPlan, made: Made): Promise<Snapshot | null> {
  const { start, before, results } = made;
  const there = await findSnapshot(ports, start.snapshot);
  if (there !== null) return there;
  const moved = await describeTables(ports, before, results);
  const unread = tablesOutOfPlan(plan, before, results);
  if (Object.keys({ ...moved, ...unread }).length === 0 && made.alerts.length === 0) return null;
  const all = before.snapshot === null || start.mark.sinceAllTables >= snapshotsBetweenAllTables - 1;
  const snapshot: Snapshot = {
    format: 1,
    id: start.snapshot,
    environmentId: plan.environment.environmentId,
    organizationId: plan.environment.organizationId,
    startedAt: start.startedAt,
    endedAt: made.endedAt,
    trigger: start.trigger,
    policy: plan.policy,
    epoch: start.epoch,
    schema: await captureSchema(ports, plan, made),
    previous: before.snapshot?.id ?? null,
    checkedAt: start.mark.checkedAt,
    allTables: all,
    tables: { ...unreadTables(made, moved, all), ...unread, ...moved },
    ...(made.alerts.length === 0 ? {} : { alerts: made.alerts }),
  };
  throwIfStopped(ports.signal);
  await ports.vault.snapshots.write(snapshot);
  return snapshot;
}

/** What tables and columns there are, which were read, and what was left out, why. */
async function captureSchema(ports: FinishPorts, plan: BackupPlan, made: Made): Promise<string> {
  const schemas: Documents = {
    readDocument: (id) => ports.vault.schemas.readDocument(id),
    putDocument(document) {
      throwIfStopped(ports.signal);
      return ports.vault.schemas.putDocument(document);
    },
  };
  const { schema } = made.before;
  const metadata = await captureMetadata(ports.client, schemas, {
    environment: plan.environment,
    tables: plan.tables.map(({ table }) => table),
    before: schema.metadata ?? null,
    at: made.endedAt,
  });
  const entries = made.results.flatMap((result) => entryOf(result) ?? []);
  return schemas.putDocument(nextEnvironmentSchema(schema, plan, entries, metadata));
}

/** Of a table that could not be read: the schema that its rows were captured with, not the one they would have had. */
function entryOf(result: TableResult): TableSchemaEntry | null {
  const { state, status, schemaId } = result;
  if (state === null) return null;
  return { ...result, schemaId: status === 'read' ? schemaId : state.schemaId };
}

/** Not null: this step was done before and stopped right after it. */
async function findSnapshot({ vault }: BackupPorts, id: string): Promise<Snapshot | null> {
  try {
    return await vault.snapshots.read(id);
  } catch (error) {
    if (isVaultError(error, 'snapshot-missing')) return null;
    throw error;
  }
}

/**
 * Tables that the vault has and the plan has no longer (left out now, or gone from the environment, be it that another
 * has their name): what the vault
 * shows of them is an earlier state, and is called so from the first run on that could not read them.
 */
function tablesOutOfPlan(
  plan: BackupPlan,
  before: Before,
  results: readonly TableResult[],
): Record<string, TableInSnapshot> {
  const planned = new Set(plan.tables.map(({ table }) => table));
  const read = new Set(results.map(({ folder }) => folder));
  // Read in another folder: a table that was dropped and made again under its name.
  const replaced = new Set(results.map(({ table }) => table));
  const isOut = ([folder, { status }]: readonly [string, TableAtSnapshot]) =>
    folder !== fileTableName &&
    !read.has(folder) &&
    status !== 'stale' &&
    (!planned.has(tableOfFolder(folder)) || replaced.has(tableOfFolder(folder)));
  return Object.fromEntries(
    [...before.tables].filter(isOut).map(([folder, table]) => [folder, asStale(table)]),
  );
}

/** Tables that this run did not move: named where the run left them out, or where the snapshot names all. */
function unreadTables(
  { start, before, results }: Made,
  moved: Readonly<Record<string, TableInSnapshot>>,
  all: boolean,
): Record<string, TableInSnapshot> {
  const read = new Set(results.map((result) => result.folder));
  const tables: Record<string, TableInSnapshot> = {};
  for (const [folder, previous] of before.tables) {
    if (moved[folder] !== undefined) continue;
    const skipped = start.chosen !== null && !read.has(folder) && folder !== fileTableName;
    if (skipped) tables[folder] = asStale(previous);
    else if (all) tables[folder] = unmoved(previous);
  }
  return tables;
}

async function describeTables(
  ports: BackupPorts,
  before: Before,
  results: readonly TableResult[],
): Promise<Record<string, TableInSnapshot>> {
  const { previous, now } = await fileSeqsOf(ports.vault, before);
  const tables: Record<string, TableInSnapshot> = {};
  for (const { folder, described } of results) if (described !== null) tables[folder] = described;
  if (now !== previous) {
    const filesBefore = before.tables.get(fileTableName) ?? null;
    tables[fileTableName] = await describeFileTable(ports.vault, filesBefore, results);
  }
  return tables;
}

function unmoved({ namedBy: _, ...table }: TableAtSnapshot): TableInSnapshot {
  return { ...table, captured: { put: 0, gone: 0, bytes: 0, requests: 0 } };
}

/** The backup is whole without it: a heartbeat that could not be written is a warning. */
async function beat(
  ports: FinishPorts,
  plan: BackupPlan,
  snapshot: string | null,
  at: string,
): Promise<string[]> {
  if (snapshot === null) return [];
  throwIfStopped(ports.signal);
  try {
    await writeHeartbeat(ports, plan, { snapshot, at });
    return [];
  } catch (error) {
    if (!(error instanceof DataverseError)) throw error;
    return [`The heartbeat row could not be written, so forms show an older backup: ${error.message}`];
  }
}

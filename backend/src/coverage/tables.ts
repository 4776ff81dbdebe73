import { tokenInstant, type EnvironmentSchema, type Metadata } from '../backup/index.ts';
import type { ColumnMetadata } from '../dataverse/index.ts';
import type { Snapshot, TableAtSnapshot, TableSchema, Vault } from '../vault/index.ts';
import { coverColumns, uncoveredColumns } from './columns.ts';
import * as say from './reasons.ts';
import { recoveryPointOf } from './recovery-point.ts';
import type { Protection, Reason, TableCoverage } from './report.ts';

/** What the vault says around one snapshot. */
export interface Sources {
  readonly vault: Vault;
  readonly snapshot: Snapshot;
  readonly schema: EnvironmentSchema;
  /** Null: the snapshot is older than metadata documents. */
  readonly metadata: Metadata | null;
  /** Tables of the vault by folder, with the schema that they were read with last. */
  readonly captured: ReadonlyMap<string, Captured>;
  /** The newest run after the snapshot in which nothing moved. */
  readonly checked: string | null;
  /** Null: an old snapshot, whose tokens are not in use any more. */
  readonly now: Date | null;
}

export interface Captured {
  readonly folder: string;
  readonly at: TableAtSnapshot;
  readonly schema: TableSchema;
}

/** What is known of one table of the environment. */
interface TableFacts {
  readonly name: string;
  readonly label: string;
  readonly columns: readonly ColumnMetadata[] | null;
  readonly captured: Captured | null;
  readonly excluded: EnvironmentSchema['excluded'][number] | null;
}

export async function coverTable(sources: Sources, name: string): Promise<TableCoverage> {
  const facts = factsOf(sources, name);
  const { captured, excluded } = facts;
  if (captured === null || isUnread(captured.at)) return uncovered(facts);
  const { at } = captured;
  const recoveryPoint = await pointOf(sources, captured);
  const tokenFrom = await tokenOf(sources, captured);
  const reasons = [
    ...(excluded === null ? stateReasons(at, recoveryPoint) : outReasons(excluded, recoveryPoint)),
    ...(at.files.pending > 0 ? [say.filesPending(at.files.pending)] : []),
    ...(at.files.lost > 0 ? [say.filesLost(at.files.lost)] : []),
  ];
  const columns = coverColumns({
    known: facts.columns,
    schema: captured.schema,
    leftOut: sources.schema.tables[captured.folder]?.leftOut ?? [],
    contents: contentsReason(at),
    isRead: (table) => capturedUnder(sources, table) !== null,
  });
  if (columns.some(({ reason }) => reason !== null && say.losing.has(reason.code)))
    reasons.push(say.columnsMissing);
  return {
    ...headOf(facts),
    status: reasons.length > 0 ? 'partly' : 'protected',
    reasons,
    warnings: [
      ...(tokenFrom === null ? [] : tokenWarnings(sources, tokenFrom)),
      ...sweepWarnings(sources, at),
    ],
    mode: at.mode,
    rowCount: at.rowCount,
    recoveryPoint,
    tokenFrom,
    filesPending: at.files.pending,
    filesLost: at.files.lost,
    columns,
  };
}

/** A table without rows that was read whole is in the vault as much as any other. */
function isUnread({ throughSeq, status }: TableAtSnapshot): boolean {
  return throughSeq === 0 && status !== 'complete';
}

function factsOf({ metadata, schema, captured }: Sources, name: string): TableFacts {
  const known = metadata?.tables.get(name) ?? metadata?.others.get(name) ?? null;
  const folders = [...captured.values()].filter((one) => one.schema.table === name);
  // A table that was dropped and made again has a folder of its own, the newest with the highest number.
  const own = known === null ? folders : folders.filter((one) => one.schema.tableId === known.id);
  const last = own.sort((a, b) => a.folder.length - b.folder.length || (a.folder < b.folder ? -1 : 1)).at(-1);
  return {
    name,
    label: known?.label ?? last?.schema.label ?? name,
    columns: known?.columns ?? null,
    captured: last ?? null,
    excluded: schema.excluded.find(({ table }) => table === name) ?? null,
  };
}

function capturedUnder(sources: Sources, table: string): Captured | null {
  return factsOf(sources, table).captured;
}

/** Nothing of it is in the vault. */
function uncovered(facts: TableFacts): TableCoverage {
  const { captured, excluded } = facts;
  const reason = excluded === null ? unreadReason(captured) : say.tableReason(excluded);
  return {
    ...headOf(facts),
    status: 'not',
    reasons: [reason],
    warnings: [],
    mode: null,
    rowCount: null,
    recoveryPoint: null,
    tokenFrom: null,
    filesPending: 0,
    filesLost: 0,
    columns: uncoveredColumns(facts.columns ?? [], reason),
  };
}

function unreadReason(captured: Captured | null): Reason {
  if (captured === null) return say.tableNotReadYet;
  return captured.at.status === 'incomplete' ? say.firstReadUnfinished : say.failed(captured.at.errors);
}

function headOf({ name, label }: TableFacts): Pick<TableCoverage, 'table' | 'label'> {
  return { table: name, label };
}

function stateReasons(at: TableAtSnapshot, recoveryPoint: string | null): Reason[] {
  switch (at.status) {
    case 'complete':
      return [];
    case 'stale':
      return [say.stale(recoveryPoint, at.errors)];
    case 'incomplete':
      return [say.firstReadUnfinished];
    case 'failed':
      return [say.failed(at.errors)];
  }
}

function outReasons(excluded: NonNullable<TableFacts['excluded']>, recoveryPoint: string | null): Reason[] {
  return [say.tableReason(excluded), say.noLongerRead(recoveryPoint)];
}

function contentsReason(at: TableAtSnapshot): Reason | null {
  if (at.files.pending > 0) return say.filesPending(at.files.pending);
  return at.files.lost > 0 ? say.filesLost(at.files.lost) : null;
}

/** A run of other tables, or one before which the table went stale, says nothing about it. */
function pointOf({ vault, snapshot, checked }: Sources, { at, folder }: Captured): Promise<string | null> {
  return recoveryPointOf(vault, snapshot, at, folder, checked);
}

async function tokenOf({ vault, now }: Sources, { at, folder }: Captured): Promise<string | null> {
  if (now === null || at.mode !== 'change-tracking') return null;
  return tokenInstant((await vault.table(folder).state())?.token ?? null);
}

function tokenWarnings({ metadata, now }: Sources, from: string): Reason[] {
  const kept = metadata?.environment.expireChangeTrackingInDays ?? null;
  if (kept === null || now === null) return [];
  const days = (now.getTime() - Date.parse(from)) / 86_400_000;
  return days * 2 >= kept ? [say.tokenAges({ days, kept })] : [];
}

/** Of late: what was found long ago says nothing about the feed now. */
function sweepWarnings({ snapshot, now }: Sources, { missed }: TableAtSnapshot): Reason[] {
  if (missed === undefined) return [];
  const days = ((now?.getTime() ?? Date.parse(snapshot.endedAt)) - Date.parse(missed.at)) / 86_400_000;
  return days <= faultsRememberedDays ? [say.feedFault(missed)] : [];
}

const faultsRememberedDays = 30;

export const worstFirst: Readonly<Record<Protection, number>> = { not: 0, partly: 1, protected: 2 };

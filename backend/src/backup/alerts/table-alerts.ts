import type { Alert, Vault } from '../../vault/index.ts';
import type { ContentsOutcome } from '../contents.ts';
import type { BackupPlan, TablePlan } from '../plan.ts';
import type { Before, RunStart } from '../run-begin.ts';
import type { TableOutcome } from '../table-run.ts';
import { alertsOfCoverage } from './coverage.ts';
import { alertsOfMoves } from './moves.ts';
import { readPast } from './past.ts';

/** One table as this run left it, and as the run before did. */
export interface TableRead {
  readonly start: RunStart;
  readonly before: Before;
  readonly outcome: TableOutcome;
  readonly contents: ContentsOutcome;
}

/** Alerts of one table: too many rows moved, or protection lost. None about a table that was read for the first time. */
export async function alertsOfTable(
  vault: Vault,
  plan: BackupPlan,
  table: TablePlan,
  read: TableRead,
): Promise<Alert[]> {
  const { start, before, outcome, contents } = read;
  const previous = before.tables.get(outcome.folder) ?? null;
  const status = {
    read: 'complete',
    unfinished: 'incomplete',
    'not-proved': 'stale',
    failed: 'failed',
  } as const;
  const coverage = alertsOfCoverage(
    {
      folder: outcome.folder,
      table: outcome.table,
      before: previous,
      now: {
        status: status[outcome.status],
        errors: errorsOf(outcome),
        lost: contents.lost,
        ...(outcome.missed === undefined ? {} : { missed: outcome.missed }),
      },
      columnsLost: await columnsLost(vault, table, read),
    },
    start.snapshot,
  );
  return [...coverage, ...(await movesOf(vault, plan, read))];
}

/** A table whose deletes were not proved says why in its last warning. */
function errorsOf({ status, errors, warnings }: TableOutcome): TableOutcome['errors'] {
  if (status !== 'not-proved') return errors;
  return [{ code: 'deletes-not-proved', message: warnings.at(-1) ?? 'deletes could not be proved' }];
}

/** Columns that the last run captured and that the service may hide from us now. */
async function columnsLost(
  vault: Vault,
  table: TablePlan,
  { before, outcome }: TableRead,
): Promise<{ column: string; code: string }[]> {
  const hidden = table.leftOut.filter(({ code }) => code === 'secured' || code === 'not-readable');
  const schemaId = before.schema.tables[outcome.folder]?.schema;
  if (hidden.length === 0 || schemaId === undefined) return [];
  const captured = new Set((await vault.schemas.read(schemaId)).columns.map(({ name }) => name));
  return hidden.filter(({ column }) => captured.has(column)).map(({ column, code }) => ({ column, code }));
}

/** Not judged: a first read, and the full read after a rewind, which has alerts of its own. */
async function movesOf(
  vault: Vault,
  plan: BackupPlan,
  { start, before, outcome }: TableRead,
): Promise<Alert[]> {
  const previous = before.tables.get(outcome.folder);
  const { put, deleted, lastSavedBy } = outcome.captured;
  const wasWhole = previous?.status === 'complete' || previous?.status === 'stale';
  if (before.snapshot === null || previous === undefined || !wasWhole) return [];
  if (outcome.state === null || start.newEpochBecause !== null || put + deleted === 0) return [];
  const past = await readPast(vault, start.mark.checkedAt);
  const lastAt = past.lastAt ?? before.snapshot.endedAt;
  return alertsOfMoves(
    {
      table: outcome.table,
      folder: outcome.folder,
      put,
      deleted,
      lastSavedBy,
      rowsBefore: previous.rowCount,
      afterSeq: previous.throughSeq,
      throughSeq: outcome.state.throughSeq,
    },
    past,
    plan.alerts,
    {
      snapshot: start.snapshot,
      before: before.snapshot.id,
      hours: Math.max(0, (Date.parse(start.startedAt) - Date.parse(lastAt)) / 3_600_000),
    },
  );
}

import { isReference, type Value } from '../base/value.ts';
import { columnOf, DataverseError, type TableDetails } from '../dataverse/index.ts';
import { snapshotInstant } from './snapshot-id.ts';
import type { TableRound } from './table-round.ts';

/** Each run of a retention policy, with what it took from each table: what belongs to a row goes along. */
const runs = { table: 'retentionoperation', columns: ['starttime', 'endtime', 'modifiedon'] };
const parts = {
  table: 'retentionoperationdetail',
  columns: ['entitylogicalname', 'retentioncount', 'retentionoperationid'],
};

/** Not a reason to do without the backup of the table. */
const refusals = new Set<DataverseError['kind']>(['forbidden', 'not-supported', 'not-found', 'bad-request']);

/**
 * How many rows of a table were moved to long-term retention by runs that went on after the table was last captured,
 * without those that backups recorded as such since the runs began: 0 where there were none, and where the environment
 * does not show them (a warning says so if it refuses). A run that never came to an end counts while its row is still
 * being written. Names of tables and columns as in the Web API
 * reference of `retentionoperation` and `retentionoperationdetail`.
 */
export async function rowsRetainedSince(round: TableRound): Promise<number> {
  try {
    return await countRows(round);
  } catch (error) {
    if (!(error instanceof DataverseError) || !refusals.has(error.kind)) throw error;
    round.warn(`retention runs could not be read, so rows that they took count as deleted: ${error.message}`);
    return 0;
  }
}

async function countRows(round: TableRound): Promise<number> {
  const { client, meter } = round.run;
  const known = new Set((await client.readTables()).map(({ name }) => name));
  if (!known.has(runs.table) || !known.has(parts.table)) return 0;
  const [ofRuns, ofParts] = await client.readTableDetails([runs.table, parts.table]);
  if (ofRuns === undefined || ofParts === undefined) return 0;
  if (!hasColumns(ofRuns, runs.columns) || !hasColumns(ofParts, parts.columns)) return 0;
  const since = round.lastCapturedAt ?? snapshotInstant(round.run.snapshot);
  const overlaps = `endtime ge ${since} or (endtime eq null and modifiedon ge ${since})`;
  const found = new Map<string, Value>();
  for await (const { id, values } of client.readWhere(ofRuns, ['starttime'], overlaps))
    found.set(id, values['starttime'] ?? null);
  meter.add({ requests: 1 });
  if (found.size === 0) return 0;
  let rows = 0;
  const ofTable = `entitylogicalname eq '${round.plan.details.name}'`;
  for await (const { values } of client.readWhere(ofParts, parts.columns, ofTable)) {
    const run = values['retentionoperationid'];
    if (isReference(run) && found.has(run.id)) rows += count(values['retentioncount']);
  }
  meter.add({ requests: 1 });
  return rows === 0 ? 0 : rows - (await recordedSince(round, earliest([...found.values()])));
}

/** Null: a run does not say when it began. */
function earliest(starts: readonly Value[]): string | null {
  const known = starts.filter((start) => typeof start === 'string').sort();
  return known.length === starts.length ? (known[0] ?? null) : null;
}

/** Rows of the table that backups begun since then found gone and nobody had deleted. */
async function recordedSince({ run, table }: TableRound, start: string | null): Promise<number> {
  let rows = 0;
  for await (const snapshot of run.vault.snapshots.list()) {
    if (start !== null && snapshot.endedAt < start) break;
    const { gone = 0, deleted = gone } = snapshot.tables[table.name]?.captured ?? {};
    rows += gone - deleted;
  }
  return rows;
}

function hasColumns(table: TableDetails, names: readonly string[]): boolean {
  return names.every((name) => columnOf(table, name) !== undefined);
}

function count(value: Value | undefined): number {
  return typeof value === 'number' ? value : 0;
}

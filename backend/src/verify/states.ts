import { fileTableName, type Snapshot, type TableAtSnapshot, type Vault } from '../vault/index.ts';
import { finding, type Finding } from './finding.ts';

/** A table at one snapshot, counted and hashed anew. */
export interface CheckedState {
  readonly table: string;
  readonly rows: number;
  readonly hash: string;
}

/** Counts and hashes every table as a snapshot shows it. */
export async function checkStates(
  vault: Vault,
  snapshot: Snapshot,
): Promise<{ readonly states: readonly CheckedState[]; readonly findings: readonly Finding[] }> {
  const tables = await vault.snapshots.tablesAt(snapshot);
  const states: CheckedState[] = [];
  const findings: Finding[] = [];
  for (const [table, named] of tables) {
    if (named.throughSeq === 0) continue;
    const rows = await vault.table(table).countRows(named.throughSeq);
    const fileSeq = await fileSeqOf(vault, snapshot, named, tables);
    const hash = await vault.hashes.at(table, named.throughSeq, fileSeq);
    states.push({ table, rows, hash });
    const where = { table, snapshots: [snapshot.id] };
    if (rows !== named.rowCount)
      findings.push(
        finding(
          'state-differs',
          `${table} has ${rows} rows at ${snapshot.id}, which says ${named.rowCount}.`,
          where,
        ),
      );
    // A line about a content may come with a later run than the row, so only the run that named the table can tell.
    const isOwn = named.namedBy === snapshot.id && named.status === 'complete';
    if (isOwn && named.tableHash !== null && named.tableHash !== hash)
      findings.push(
        finding('state-differs', `${table} has another hash at ${snapshot.id} than it says.`, where),
      );
  }
  return { states, findings };
}

/** Contents as they were known at the snapshot; a stale table shows those of the snapshot whose state it is. */
async function fileSeqOf(
  vault: Vault,
  snapshot: Snapshot,
  named: TableAtSnapshot,
  tables: ReadonlyMap<string, TableAtSnapshot>,
): Promise<number> {
  if (named.stateOf === undefined || named.stateOf === snapshot.id)
    return tables.get(fileTableName)?.throughSeq ?? 0;
  const then = await vault.snapshots.read(named.stateOf);
  return (await vault.snapshots.tableAt(then, fileTableName))?.throughSeq ?? 0;
}

import type { TableDefinition } from '../../model/definitions.ts';
import { MemoryTable } from '../../store/memory-table.ts';
import type { TableStore } from '../../store/table-store.ts';
import type { RequestContext } from '../context.ts';
import type { Environment } from '../environment.ts';

/** How far behind a reader without a session may be. */
const LAG_MS = 5000;

/** `x-ms-session-token` of an answer to a write: who sends it back sees at least that write. */
export function sessionHeaders(environment: Environment, table: TableDefinition): Record<string, string> {
  if (table.tableType !== 'Elastic') return {};
  return { 'x-ms-session-token': `240:8#${environment.database.version}#7=-1` };
}

function sessionVersion(context: RequestContext): number {
  const token = context.headers.get('mscrm.sessiontoken') ?? '';
  return Number(/#(\d+)#/.exec(token)?.[1] ?? 0);
}

/** The rows of an elastic table as this reader sees them: its own session's writes, and others' after a while. */
export function rowsInSession(context: RequestContext, table: TableDefinition): TableStore {
  const { database, switches, now } = context.environment;
  const store = database.store(table.logicalName);
  if (!switches.elasticSessionLag) return store;
  const known = sessionVersion(context);
  const since = now() - LAG_MS;
  const unseen = database
    .recentWrites(table.logicalName)
    .filter((write) => write.atMs > since && write.version > known);
  if (unseen.length === 0) return store;
  const seen = new MemoryTable();
  for (const row of store.values()) seen.set(row.id, row);
  for (const write of unseen.reverse()) seen.set(write.id, write.before);
  seen.tombstones.push(...store.tombstones.filter((tombstone) => tombstone.version <= known));
  return seen;
}

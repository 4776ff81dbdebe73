import type { Row } from '../../store/table-store.ts';
import type { Environment } from '../environment.ts';

/**
 * Rows with a `ttlinseconds` vanish by themselves, counted from their last modification: no cascade, no custom
 * logic, no recycle bin. Whether change tracking tells is not known.
 */
export function expireRows(environment: Environment): void {
  const { database, schema, switches } = environment;
  const nowMs = environment.now();
  for (const table of schema.tables) {
    if (table.tableType !== 'Elastic') continue;
    const name = table.logicalName;
    for (const row of [...database.store(name).values()]) {
      if (!isExpired(row, nowMs)) continue;
      if (switches.expiredRowsInChanges) database.remove(name, row.id);
      else database.forget(name, row.id);
    }
  }
}

function isExpired({ values }: Row, nowMs: number): boolean {
  const seconds = values['ttlinseconds'];
  const modified = values['modifiedon'] ?? values['createdon'];
  if (typeof seconds !== 'number' || seconds < 0 || typeof modified !== 'string') return false;
  return Date.parse(modified) + seconds * 1000 <= nowMs;
}

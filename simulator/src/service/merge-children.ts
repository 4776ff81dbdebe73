import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { cascadedChildren } from './cascades.ts';
import type { RequestContext } from './context.ts';
import { inheritAccess } from './inherited-access.ts';
import { stampModified } from './update-row.ts';

/** Children of a row that was merged into another get the other one as their parent. */
export function mergeChildren(
  context: RequestContext,
  table: TableDefinition,
  fromId: string,
  toId: string,
): void {
  const { environment } = context;
  const owner = environment.database.get(table.logicalName, fromId)?.values['ownerid'];
  for (const child of cascadedChildren(environment, table, fromId, 'merge', owner)) {
    const { logicalName } = child.table;
    // The one merged into stays where it is, even below the one that goes.
    if (logicalName === table.logicalName && child.row.id === toId) continue;
    const values: Record<string, StoredValue> = {
      ...environment.database.get(logicalName, child.row.id)?.values,
      [child.relationship.referencingColumn]: { table: table.logicalName, id: toId },
    };
    stampModified(context, child.table, values);
    environment.database.put(logicalName, child.row.id, values);
    inheritAccess(environment, child.table, child.row.id);
  }
}

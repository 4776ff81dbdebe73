import type { OneToManyDefinition, TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row } from '../store/table-store.ts';
import { sameValue } from '../store/values.ts';
import type { Environment } from './environment.ts';

/** Actions on a parent that reach its children as far as the relationship says. */
export type CascadedAction = 'assign' | 'share' | 'unshare' | 'reparent' | 'merge';

export interface Child {
  readonly table: TableDefinition;
  readonly row: Row;
  readonly relationship: OneToManyDefinition;
}

/**
 * The children that an action on the row reaches: all of them, the active ones, or those of the same owner.
 * `owner` is that of the row before the action.
 */
export function cascadedChildren(
  environment: Environment,
  table: TableDefinition,
  rowId: string,
  action: CascadedAction,
  owner: StoredValue | undefined,
): Child[] {
  return environment.schema.children(table.logicalName).flatMap((relationship) => {
    const mode = relationship.cascade[action];
    const child = environment.schema.table(relationship.referencingTable);
    if (mode === 'NoCascade' || child === undefined || child.logicalName === 'activitypointer') return [];
    const store = environment.database.store(child.logicalName);
    return store.referrers(relationship.referencingColumn, rowId).flatMap((id) => {
      const row = store.get(id);
      if (row === undefined || !reaches(mode, row, owner)) return [];
      return [{ table: child, row, relationship }];
    });
  });
}

function reaches(mode: string, row: Row, owner: StoredValue | undefined): boolean {
  if (mode === 'Active') return Number(row.values['statecode'] ?? 0) === 0;
  if (mode === 'UserOwned') return sameValue(row.values['ownerid'], owner);
  return true;
}

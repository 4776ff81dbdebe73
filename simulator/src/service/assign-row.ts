import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { isReference, sameValue, type Reference } from '../store/values.ts';
import { cascadedChildren } from './cascades.ts';
import type { RequestContext } from './context.ts';
import { deriveOwnership } from './derived-columns.ts';
import { inheritAccess } from './inherited-access.ts';
import { changeShare, FULL_ACCESS } from './shares.ts';
import { stampModified } from './update-row.ts';

/**
 * What follows when a row has a new owner: children go along as their relationships say, the one before keeps
 * access where the organization wants it, and access that came through parents is worked out anew.
 */
export function afterAssign(
  context: RequestContext,
  table: TableDefinition,
  id: string,
  owners: { readonly before: StoredValue | undefined; readonly now: Reference },
): void {
  const { environment } = context;
  shareWithFormerOwner(context, table, id, owners.before);
  for (const child of cascadedChildren(environment, table, id, 'assign', owners.before)) {
    const before = child.row.values['ownerid'];
    if (!child.table.columns.has('ownerid') || sameValue(before, owners.now)) continue;
    const values: Record<string, StoredValue> = {
      ...child.row.values,
      ownerid: { table: owners.now.table, id: owners.now.id },
    };
    stampModified(context, child.table, values);
    const owned = deriveOwnership(environment, child.table, values);
    environment.database.put(child.table.logicalName, child.row.id, owned);
    afterAssign(context, child.table, child.row.id, { before, now: owners.now });
  }
  inheritAccess(environment, table, id);
}

function shareWithFormerOwner(
  { environment }: RequestContext,
  table: TableDefinition,
  id: string,
  before: StoredValue | undefined,
): void {
  if (environment.setting('sharetopreviousowneronassign') !== true || !isReference(before)) return;
  changeShare(environment, { table: table.logicalName, id }, before, ({ inherited }) => ({
    own: FULL_ACCESS,
    inherited,
  }));
}

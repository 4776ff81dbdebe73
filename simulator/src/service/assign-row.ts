import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row } from '../store/table-store.ts';
import { isReference, sameValue, type Reference } from '../store/values.ts';
import { cascadedChildren } from './cascades.ts';
import type { RequestContext } from './context.ts';
import { deriveOwnership } from './derived-columns.ts';
import { runAfter, runBefore } from './hooks/run-hooks.ts';
import { inheritAccess } from './inherited-access.ts';
import { readPayload } from './payload.ts';
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
    assignChild(context, child.table, child.row, owners.now);
    afterAssign(context, child.table, child.row.id, { before, now: owners.now });
  }
  inheritAccess(environment, table, id);
}

/** For custom logic the child is updated like any other row. */
function assignChild(context: RequestContext, table: TableDefinition, row: Row, owner: Reference): void {
  const { environment } = context;
  const event = { table, message: 'Update', columns: ['ownerid'] } as const;
  const added = readPayload(context, table, runBefore(context, event, row.id), 'update').values;
  const values: Record<string, StoredValue> = {
    ...row.values,
    ...Object.fromEntries(added),
    ownerid: { table: owner.table, id: owner.id },
  };
  for (const [name, value] of added) if (value === null) delete values[name];
  stampModified(context, table, values);
  environment.database.put(table.logicalName, row.id, deriveOwnership(environment, table, values));
  runAfter(context, event, row.id);
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

import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row } from '../store/table-store.ts';
import { isReference } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import type { Environment } from './environment.ts';
import { refuseRestricted, removedLookups, rowsGoingAlong, type Doomed } from './delete-cascade.ts';
import { unsupportedMessage } from './errors.ts';
import { detachFile } from './attachments.ts';
import { removeFilesOf } from './files/file-store.ts';
import { linkRowsOf } from './links.ts';
import { runAfter, runBefore } from './hooks/run-hooks.ts';
import { binDays } from './recycle-bin/bin-settings.ts';
import { asBinned } from './recycle-bin/collect-binned.ts';
import { refuseLockedParent } from './locked-rows.ts';
import { refuseRemoval } from './table-rules.ts';
import { requireAccess, stampModified } from './update-row.ts';

const NEVER_DELETED = new Set(['activitypointer', 'activityparty', 'attachment', 'organization']);

/**
 * Deletes a row and what cascades from it, in one transaction: Cascade children go too, RemoveLink children lose
 * the lookup, Restrict children refuse. @throws ServiceError 405 `0x80040227`
 */
export function deleteRow(context: RequestContext, table: TableDefinition, row: Row): void {
  if (table.intersect || table.tableType === 'Virtual' || NEVER_DELETED.has(table.logicalName))
    throw unsupportedMessage(table.logicalName);
  requireAccess(context, table, row, 'Delete');
  refuseLockedParent(context, table, row.values);
  refuseRemoval(context, table, row);
  context.environment.database.transaction(() => {
    const all = rowsGoingAlong(context.environment, table, row);
    refuseRestricted(context.environment, all);
    for (const one of all) runBefore(context, { table: one.table, message: 'Delete' }, one.row.id);
    keepInBin(context.environment, all);
    for (const { child, column, target } of removedLookups(context.environment, all))
      unlink(context, child, column, target.id);
    for (const one of [...all].reverse()) remove(context.environment, one);
    for (const one of all) runAfter(context, { table: one.table, message: 'Delete' }, one.row.id);
  });
}

/** The recycle bin gets the row and what goes along with it, unless the delete is undone. */
function keepInBin(environment: Environment, all: readonly Doomed[]): void {
  if (binDays(environment, all[0]?.table.logicalName ?? '') === undefined) return;
  const [root, ...children] = all.map((one) => asBinned(environment, one.table, one.row));
  if (root === undefined) return;
  const cleared = removedLookups(environment, all).map(({ child, column, target }) => ({
    table: child.table.logicalName,
    id: child.row.id,
    column,
    target,
  }));
  const takeOut = environment.recycleBin.keep(environment, { root, children, cleared });
  if (takeOut !== undefined) environment.database.whenUndone(takeOut);
}

function remove(environment: Environment, one: Doomed): void {
  removeLinks(environment, one);
  removeParties(environment, one);
  removeShares(environment, one.row.id);
  removeFilesOf(environment, one.table, one.row.id);
  if (one.table.logicalName === 'activitymimeattachment') detachFile(environment, one.row);
  environment.database.remove(one.table.logicalName, one.row.id);
}

/** The child keeps its row and gets a new version, without the lookup. */
function unlink(context: RequestContext, child: Doomed, column: string, parentId: string): void {
  const { database } = context.environment;
  const current = database.get(child.table.logicalName, child.row.id);
  const reference = current?.values[column];
  if (current === undefined || !isReference(reference) || reference.id !== parentId) return;
  const values: Record<string, StoredValue> = { ...current.values };
  delete values[column];
  stampModified(context, child.table, values);
  database.put(child.table.logicalName, current.id, values);
}

function removeLinks(environment: Environment, { table, row }: Doomed): void {
  for (const link of linkRowsOf(environment, table, row.id))
    environment.database.remove(link.table, link.row.id);
}

/** The parties of a deleted activity go; those that name a deleted row elsewhere keep their address only. */
function removeParties(environment: Environment, { table, row }: Doomed): void {
  const { database } = environment;
  const store = database.store('activityparty');
  if (table.activity)
    for (const id of store.referrers('activityid', row.id)) database.remove('activityparty', id);
  for (const id of store.referrers('partyid', row.id)) {
    const party = store.get(id);
    if (party === undefined) continue;
    const values: Record<string, StoredValue> = { ...party.values };
    delete values['partyid'];
    database.put('activityparty', id, values);
  }
}

function removeShares(environment: Environment, rowId: string): void {
  const { database } = environment;
  for (const id of database.store('principalobjectaccess').referrers('objectid', rowId)) {
    database.remove('principalobjectaccess', id);
  }
}

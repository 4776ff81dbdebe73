import type { OneToManyDefinition, TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row } from '../store/table-store.ts';
import { isReference } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import type { Environment } from './environment.ts';
import { ServiceError, unsupportedMessage } from './errors.ts';
import { detachFile } from './attachments.ts';
import { removeFilesOf } from './files/file-store.ts';
import { runAfter, runBefore } from './hooks/run-hooks.ts';
import { binDays } from './recycle-bin/bin-settings.ts';
import { asBinned } from './recycle-bin/collect-binned.ts';
import { refuseLockedParent } from './locked-rows.ts';
import { refuseRemoval } from './table-rules.ts';
import { requireAccess, stampModified } from './update-row.ts';

interface Doomed {
  readonly table: TableDefinition;
  readonly row: Row;
}

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
    const doomed = collect(context.environment, { table, row });
    refuseRestricted(context.environment, doomed);
    const all = [...doomed.values()];
    for (const one of all) runBefore(context, { table: one.table, message: 'Delete' }, one.row.id);
    keepInBin(context.environment, all);
    for (const one of [...all].reverse()) remove(context, one, doomed);
    for (const one of all) runAfter(context, { table: one.table, message: 'Delete' }, one.row.id);
  });
}

/** The row and what a delete of it would take along, parents first. */
export function rowsGoingAlong(
  environment: Environment,
  table: TableDefinition,
  row: Row,
): readonly Doomed[] {
  return [...collect(environment, { table, row }).values()];
}

/** The recycle bin gets the row and what goes along with it, unless the delete is undone. */
function keepInBin(environment: Environment, all: readonly Doomed[]): void {
  if (binDays(environment, all[0]?.table.logicalName ?? '') === undefined) return;
  const [root, ...children] = all.map((one) => asBinned(environment, one.table, one.row));
  if (root === undefined) return;
  const takeOut = environment.recycleBin.keep(environment, root, children);
  if (takeOut !== undefined) environment.database.whenUndone(takeOut);
}

/** The row and all its Cascade descendants, parents before children. */
function collect(environment: Environment, root: Doomed): ReadonlyMap<string, Doomed> {
  const found = new Map([[keyOf(root), root]]);
  for (const one of found.values()) {
    for (const { relationship, child } of childrenOf(environment, one)) {
      if (relationship.cascade.delete === 'Cascade' && !found.has(keyOf(child)))
        found.set(keyOf(child), child);
    }
    if (one.table.logicalName === 'connection') addPartner(environment, one, found);
    if (one.table.logicalName === 'businessunit') addOfUnit(environment, one, found);
  }
  return found;
}

/** The default team of a business unit and its copies of roles go with it. */
function addOfUnit(environment: Environment, one: Doomed, found: Map<string, Doomed>): void {
  for (const name of ['team', 'role']) {
    const table = environment.schema.table(name);
    const store = environment.database.store(name);
    for (const id of table === undefined ? [] : store.referrers('businessunitid', one.row.id)) {
      const row = store.get(id);
      const made = row?.values['isdefault'] === true || (name === 'role' && !isOwnRoot(row));
      if (table !== undefined && row !== undefined && made) found.set(keyOf({ table, row }), { table, row });
    }
  }
}

function isOwnRoot(role: Row | undefined): boolean {
  const root = role?.values['parentrootroleid'];
  return isReference(root) && root.id === role?.id;
}

/** Both halves of a connection go together. */
function addPartner(environment: Environment, one: Doomed, found: Map<string, Doomed>): void {
  const partner = one.row.values['relatedconnectionid'];
  const row = isReference(partner) ? environment.database.get('connection', partner.id) : undefined;
  if (row !== undefined) found.set(keyOf({ table: one.table, row }), { table: one.table, row });
}

/** Elastic tables take no part in cascades, neither above nor below. */
function* childrenOf(
  environment: Environment,
  { table, row }: Doomed,
): Generator<{ relationship: OneToManyDefinition; child: Doomed }> {
  const { schema, database } = environment;
  const asActivity = table.activity ? schema.children('activitypointer') : [];
  for (const relationship of [...schema.children(table.logicalName), ...asActivity]) {
    const child = schema.table(relationship.referencingTable);
    if (child === undefined || child.logicalName === 'activitypointer' || isDerived(relationship)) continue;
    if (table.tableType === 'Elastic' || child.tableType === 'Elastic') continue;
    const store = database.store(child.logicalName);
    for (const id of store.referrers(relationship.referencingColumn, row.id)) {
      const childRow = store.get(id);
      if (childRow !== undefined) yield { relationship, child: { table: child, row: childRow } };
    }
  }
}

/** Bookkeeping lookups never hold a delete up and are not cleaned. */
function isDerived(relationship: OneToManyDefinition): boolean {
  return /^(created|modified)(by|onbehalfby)$/.test(relationship.referencingColumn);
}

function refuseRestricted(environment: Environment, doomed: ReadonlyMap<string, Doomed>): void {
  for (const one of doomed.values()) {
    for (const { relationship, child } of childrenOf(environment, one)) {
      if (relationship.cascade.delete !== 'Restrict' || doomed.has(keyOf(child))) continue;
      throw restricted(environment, one, child, relationship);
    }
  }
}

function restricted(
  environment: Environment,
  parent: Doomed,
  child: Doomed,
  relationship: OneToManyDefinition,
): ServiceError {
  return new ServiceError(
    environment.switches.restrictedDelete,
    '0x80040227',
    'The object you tried to delete is associated with another object and cannot be deleted. Deleting records from ' +
      `${parent.table.logicalName} (ObjectTypeCode: ${parent.table.objectTypeCode})\r\nfor Id(s) : ${parent.row.id}\r\n` +
      'Exception : Cascade Delete failed due to cascade restrict relation. Details below : \r\n' +
      `Restricting entity ${child.table.logicalName} (ObjectTypeCode: ${child.table.objectTypeCode}) has Id: ` +
      `${child.row.id} and is collected by Relationship with name: ${relationship.schemaName.toLowerCase()}.\r\n`,
  );
}

function remove(context: RequestContext, one: Doomed, doomed: ReadonlyMap<string, Doomed>): void {
  const { environment } = context;
  for (const { relationship, child } of [...childrenOf(environment, one)]) {
    if (doomed.has(keyOf(child))) continue;
    if (relationship.cascade.delete === 'RemoveLink')
      unlink(context, child, relationship.referencingColumn, one.row.id);
  }
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
  for (const link of environment.schema.links(table.logicalName)) {
    const store = environment.database.store(link.intersectTable);
    const columns = [
      ...(link.table1 === table.logicalName ? [link.column1] : []),
      ...(link.table2 === table.logicalName ? [link.column2] : []),
    ];
    for (const column of columns) {
      for (const id of store.referrers(column, row.id)) environment.database.remove(link.intersectTable, id);
    }
  }
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

function keyOf({ table, row }: Doomed): string {
  return `${table.logicalName} ${row.id}`;
}

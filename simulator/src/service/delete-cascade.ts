import type { OneToManyDefinition, TableDefinition } from '../model/definitions.ts';
import type { Row } from '../store/table-store.ts';
import { isReference, type Reference } from '../store/values.ts';
import type { Environment } from './environment.ts';
import { ServiceError } from './errors.ts';

/** A row that a delete takes. */
export interface Doomed {
  readonly table: TableDefinition;
  readonly row: Row;
}

/** A lookup that a delete empties, in a row that stays. */
export interface RemovedLookup {
  readonly child: Doomed;
  readonly column: string;
  readonly target: Reference;
}

/** The row and what a delete of it would take along, parents first. */
export function rowsGoingAlong(
  environment: Environment,
  table: TableDefinition,
  row: Row,
): readonly Doomed[] {
  return [...collect(environment, { table, row }).values()];
}

/** What points to the rows by a RemoveLink relationship and stays. */
export function removedLookups(environment: Environment, all: readonly Doomed[]): readonly RemovedLookup[] {
  const doomed = new Set(all.map(keyOf));
  return all.flatMap((one) =>
    [...childrenOf(environment, one)].flatMap(({ relationship, child }) => {
      const column = relationship.referencingColumn;
      const target = child.row.values[column];
      if (relationship.cascade.delete !== 'RemoveLink' || doomed.has(keyOf(child)) || !isReference(target))
        return [];
      return [{ child, column, target }];
    }),
  );
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

/** @throws ServiceError 405 `0x80040227` where a child that does not go along holds one of the rows back */
export function refuseRestricted(environment: Environment, all: readonly Doomed[]): void {
  const doomed = new Set(all.map(keyOf));
  for (const one of all) {
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

function keyOf({ table, row }: Doomed): string {
  return `${table.logicalName} ${row.id}`;
}

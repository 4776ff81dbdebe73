import type { TableDefinition } from '../../model/definitions.ts';
import type { StoredValue } from '../../model/seed.ts';
import { requirePrivilege } from '../../security/rights.ts';
import { isReference, plainText } from '../../store/values.ts';
import { checkKeys } from '../alternate-keys.ts';
import type { RequestContext } from '../context.ts';
import type { Environment } from '../environment.ts';
import { rowNotFound, ServiceError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { findLink } from '../links.ts';
import { readPayload } from '../payload.ts';
import { referencedRow } from '../virtual-tables.ts';
import { stampModified } from '../update-row.ts';
import type { BinnedGroup, BinnedRow, ClearedLookup } from './recycle-bin.ts';

/**
 * Brings back a deleted row with what cascaded from it, all or nothing; values of the body win over those it had.
 * Lookups that the delete emptied in other rows are filled again, and links come back to what is still there.
 * @throws ServiceError
 */
export function restoreRow(
  context: RequestContext,
  table: TableDefinition,
  id: string,
  body: JsonObject,
): string {
  const { environment } = context;
  requirePrivilege(context.caller, table, 'Create');
  const group = environment.recycleBin.find(table.logicalName, id);
  if (group === undefined) throw rowNotFound(table.logicalName, id);
  const overrides = Object.fromEntries(readPayload(context, table, body, 'create').values);
  delete overrides[table.primaryId];
  const root = {
    ...group.root,
    row: { ...group.root.row, values: merged(group.root.row.values, overrides) },
  };
  environment.database.transaction(() => {
    const rows = [root, ...group.children];
    const ids = new Set(rows.map((one) => one.row.id));
    for (const one of rows) check(environment, one, ids);
    checkCleared(environment, group);
    for (const one of rows) putBack(environment, one);
    for (const one of rows) putLinksBack(environment, one);
    for (const one of group.cleared) fillAgain(context, one);
    environment.database.whenUndone(takeOut(environment, group));
  });
  return id;
}

function takeOut(environment: Environment, group: BinnedGroup): () => void {
  return environment.recycleBin.take(group);
}

function merged(
  values: Readonly<Record<string, StoredValue>>,
  overrides: Readonly<Record<string, StoredValue>>,
): Record<string, StoredValue> {
  const entries = Object.entries({ ...values, ...overrides }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries);
}

function check(environment: Environment, one: BinnedRow, restored: ReadonlySet<string>): void {
  const table = environment.schema.table(one.table);
  if (table === undefined) throw rowNotFound(one.table, one.row.id);
  if (environment.database.get(one.table, one.row.id) !== undefined)
    throw refused('0x80049939', `A record with the id ${one.row.id} of ${one.table} exists already.`);
  checkKeysFree(environment, table, one);
  for (const [name, value] of Object.entries(one.row.values)) {
    const column = table.columns.get(name);
    if (column === undefined) continue;
    if (isReference(value) && !restored.has(value.id) && referencedRow(environment, value) === undefined)
      throw refused(
        '0x80049959',
        `The ${value.table} ${value.id} that ${name} refers to does not exist any more.`,
      );
    const known = column.options?.some((option) => option.value === value) ?? true;
    if (column.type === 'PicklistType' && (column.options?.length ?? 0) > 0 && !known)
      throw refused(
        '0x80049949',
        `The value ${plainText(value)} of ${name} is not one of its choices any more.`,
      );
  }
}

function checkKeysFree(environment: Environment, table: TableDefinition, one: BinnedRow): void {
  try {
    checkKeys(environment, table, one.row.id, one.row.values);
  } catch (error) {
    // The bin has a code of its own for what is an ordinary duplicate elsewhere.
    if (error instanceof ServiceError) throw refused('0x80049929', error.message);
    throw error;
  }
}

function refused(code: string, message: string): ServiceError {
  return new ServiceError(400, code, `The record cannot be restored. ${message}`);
}

function putBack(environment: Environment, one: BinnedRow): void {
  const table = environment.schema.table(one.table);
  const known = Object.entries(one.row.values).filter(([name]) => table?.columns.has(name) === true);
  for (const file of one.files) environment.database.putFile(file);
  environment.database.put(one.table, one.row.id, Object.fromEntries(known));
  for (const { table: name, row } of one.companions) environment.database.put(name, row.id, row.values);
}

/** Rows that pointed to what comes back must still be there. @throws ServiceError 400 `0x80049959` */
function checkCleared(environment: Environment, { cleared }: BinnedGroup): void {
  for (const { table, id, column, target } of cleared) {
    if (environment.database.get(table, id) !== undefined) continue;
    throw new ServiceError(
      400,
      '0x80049959',
      `Entity with id '${id}' and logical name '${table}' does not exist. We cannot restore the reference ` +
        `'${column}' that must be restored as part of this Restore call. ValueToBeRestored: ${target.id}, ` +
        `ReferencedEntityName: ${target.table}, AttributeName: ${column}`,
    );
  }
}

/** A lookup that points elsewhere by now stays where it points. */
function fillAgain(context: RequestContext, { table: name, id, column, target }: ClearedLookup): void {
  const { database, schema } = context.environment;
  const table = schema.table(name);
  const row = database.get(name, id);
  if (table?.columns.has(column) !== true || row === undefined || isReference(row.values[column])) return;
  const values = { ...row.values, [column]: target };
  stampModified(context, table, values);
  database.put(name, id, values);
}

/** Links to rows that are gone, and those that somebody made again, are left out. */
function putLinksBack(environment: Environment, one: BinnedRow): void {
  const { database, schema } = environment;
  for (const { table, row } of one.links) {
    const link = schema.definition.manyToMany.find(({ intersectTable }) => intersectTable === table);
    if (link === undefined) continue;
    const [id1, id2] = [plainText(row.values[link.column1]), plainText(row.values[link.column2])];
    const ends = database.get(link.table1, id1) !== undefined && database.get(link.table2, id2) !== undefined;
    if (ends && findLink(environment, link, id1, id2) === undefined) database.put(table, row.id, row.values);
  }
}

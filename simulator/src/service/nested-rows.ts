import type { TableDefinition } from '../model/definitions.ts';
import type { Row } from '../store/table-store.ts';
import type { RequestContext } from './context.ts';
import { createRow } from './create-row.ts';
import { unsupportedMessage } from './errors.ts';
import { isObject, type JsonObject } from './json.ts';
import { associate } from './links.ts';
import type { Payload } from './payload.ts';
import { setReference } from './update-row.ts';

/** The row of a nested object comes first; the new row points to it. */
export function createParent(
  context: RequestContext,
  table: TableDefinition,
  navigation: string,
  body: JsonObject,
  payload: Payload,
): void {
  const found = context.environment.schema.navigation(table.logicalName, navigation);
  if (found?.kind !== 'single') return;
  const parent = context.environment.schema.table(found.relationship.referencedTable);
  if (parent === undefined) throw unsupportedMessage(found.relationship.referencedTable);
  const row = createRow(context, parent, body);
  payload.values.set(found.relationship.referencingColumn, { table: parent.logicalName, id: row.id });
}

/** A row that is there becomes one of the new row's. */
export function attach(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  navigationName: string,
  targetTable: string,
  targetId: string,
): void {
  const navigation = context.environment.schema.navigation(table.logicalName, navigationName);
  if (navigation?.kind === 'links')
    associate(context, navigation.relationship, navigation.side, row.id, targetId);
  if (navigation?.kind === 'collection') {
    const { referencingColumn } = navigation.relationship;
    setReference(context, targetTable, targetId, referencingColumn, { table: table.logicalName, id: row.id });
  }
}

/** A row that is made along with the new row and belongs to it. */
export function createChild(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  navigationName: string,
  body: JsonObject,
): void {
  const { schema } = context.environment;
  const navigation = schema.navigation(table.logicalName, navigationName);
  if (navigation === undefined || navigation.kind === 'single') return;
  if (navigation.kind === 'collection') {
    const { referencingTable, referencingNavigation } = navigation.relationship;
    const child = schema.table(referencingTable);
    if (child === undefined) throw unsupportedMessage(referencingTable);
    createRow(context, child, {
      ...body,
      [`${referencingNavigation}@odata.bind`]: `/${table.entitySetName}(${row.id})`,
    });
    return;
  }
  const { relationship, side } = navigation;
  const other = schema.table(side === 1 ? relationship.table2 : relationship.table1);
  if (other === undefined) throw unsupportedMessage(relationship.schemaName);
  associate(context, relationship, side, row.id, createRow(context, other, body).id);
}

export function partyBodies(
  context: RequestContext,
  table: TableDefinition,
  payload: Payload,
): readonly JsonObject[] {
  return payload.children
    .filter(({ navigation }) => isPartyNavigation(context, table, navigation))
    .flatMap(({ bodies }) => bodies.filter(isObject));
}

export function isPartyNavigation(context: RequestContext, table: TableDefinition, name: string): boolean {
  const navigation = context.environment.schema.navigation(table.logicalName, name);
  return navigation?.kind === 'collection' && navigation.relationship.referencingTable === 'activityparty';
}

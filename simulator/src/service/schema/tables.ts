import { attachTable } from '../../data/attach-table.ts';
import { defineColumn } from '../../data/define-column.ts';
import { customTable, pluralOf, systemColumns } from '../../data/define-table.ts';
import type { ColumnDefinition, SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import type { Environment } from '../environment.ts';
import { badRequest } from '../errors.ts';
import { textMember, type JsonObject } from '../json.ts';
import { addPrivilegeRows } from '../roles.ts';
import { addColumn, newColumn } from './columns.ts';
import { dropRows, dropTable } from './drop-table.ts';
import { nextObjectTypeCode, withTable } from './edit-definition.ts';
import { elasticColumns, elasticKey } from '../../data/special/elastic-columns.ts';
import { booleanValue, labelMember, objectsMember } from './metadata-json.ts';
import { logicalNameOf } from './names.ts';
import { metadataMissing, notCustomizable, tableExists } from './schema-errors.ts';

/**
 * A new table from `EntityMetadata`: name, labels, ownership, kind, and columns of which one is the primary name.
 * It gets the columns that every table of its ownership has. @throws ServiceError 400
 */
export function createTable(environment: Environment, json: JsonObject): TableDefinition {
  const schemaName = textMember(json, 'SchemaName');
  if (schemaName === undefined) throw metadataMissing('SchemaName');
  const name = logicalNameOf(schemaName);
  if (environment.schema.table(name) !== undefined) throw tableExists(schemaName);
  const bare = bareTable(environment, name, schemaName, json);
  let definition = attachTable(environment.schema.definition, bare, {
    notes: booleanValue(json, 'HasNotes') === true,
    activities: booleanValue(json, 'HasActivities') === true,
  });
  let table = bare;
  for (const one of objectsMember(json, 'Attributes')) {
    if (booleanValue(one, 'IsPrimaryName') === true) continue;
    definition = addColumn(definition, table, newColumn(environment, table, one));
    table = definition.tables.find((each) => each.logicalName === name) ?? table;
  }
  environment.replaceSchema(definition, [name]);
  addPrivilegeRows(environment);
  environment.security.refresh();
  return environment.schema.table(name) ?? table;
}

function bareTable(
  environment: Environment,
  name: string,
  schemaName: string,
  json: JsonObject,
): TableDefinition {
  const ownership = ownershipOf(json);
  const elastic = kindOf(json) === 'Elastic';
  const primary = primaryColumn(environment, name, json);
  const displayName = labelMember(json, 'DisplayName');
  if (displayName === undefined) throw metadataMissing('DisplayName');
  const table = customTable({
    logicalName: name,
    schemaName,
    displayName,
    displayCollectionName: labelMember(json, 'DisplayCollectionName') ?? `${displayName}s`,
    objectTypeCode: nextObjectTypeCode(environment.schema.definition),
    primaryId: `${name}id`,
    primaryName: primary.logicalName,
    ownership,
    hasNotes: booleanValue(json, 'HasNotes') === true,
    entitySetName: textMember(json, 'EntitySetName') ?? pluralOf(name),
    changeTracking: booleanValue(json, 'ChangeTrackingEnabled') ?? false,
    columns: [
      keyColumn(environment, name, schemaName),
      primary,
      ...(elastic ? elasticColumns(name) : []),
      ...systemColumns(name, ownership, !elastic).map((column) => ({
        ...column,
        metadataId: environment.newId(),
      })),
    ],
    keys: elastic ? [elasticKey(name)] : [],
  });
  return { ...table, metadataId: environment.newId(), tableType: elastic ? 'Elastic' : 'Standard' };
}

function ownershipOf(json: JsonObject): 'UserOwned' | 'OrganizationOwned' {
  const ownership = textMember(json, 'OwnershipType') ?? 'UserOwned';
  if (ownership === 'UserOwned' || ownership === 'OrganizationOwned') return ownership;
  throw badRequest(`The ownership type '${ownership}' is not valid for a custom entity.`, '0x80040203');
}

function kindOf(json: JsonObject): 'Standard' | 'Elastic' {
  const kind = textMember(json, 'TableType') ?? 'Standard';
  if (booleanValue(json, 'IsActivity') === true || (kind !== 'Standard' && kind !== 'Elastic'))
    throw badRequest('Only standard and elastic tables can be created here.', '0x80040203');
  return kind;
}

/** Exactly one of the columns is the primary name, a text. */
function primaryColumn(environment: Environment, table: string, json: JsonObject): ColumnDefinition {
  const given = objectsMember(json, 'Attributes').filter(
    (one) => booleanValue(one, 'IsPrimaryName') === true,
  );
  const [one] = given;
  if (one === undefined || given.length > 1) throw metadataMissing('Attributes with one IsPrimaryName');
  const schemaName = textMember(one, 'SchemaName');
  if (schemaName === undefined) throw metadataMissing('SchemaName');
  const length = Number(one['MaxLength'] ?? 100);
  return defineColumn(table, {
    name: logicalNameOf(schemaName),
    schemaName,
    displayName: labelMember(one, 'DisplayName') ?? schemaName,
    type: 'StringType',
    maxLength: length,
    custom: true,
    metadataId: environment.newId(),
  });
}

function keyColumn(environment: Environment, name: string, schemaName: string): ColumnDefinition {
  return defineColumn(name, {
    name: `${name}id`,
    schemaName: `${schemaName}Id`,
    type: 'UniqueidentifierType',
    requiredLevel: 'SystemRequired',
    validForUpdate: false,
    custom: true,
    metadataId: environment.newId(),
  });
}

/** Settings that can change while the table lives. Change tracking and notes can be turned on, never off. */
export function changeTable(environment: Environment, table: TableDefinition, json: JsonObject): void {
  const tracking = booleanValue(json, 'ChangeTrackingEnabled') ?? table.changeTracking;
  if (table.changeTracking && !tracking)
    throw badRequest('Change tracking cannot be disabled once it has been enabled.', '0x80040203');
  if (tracking && (table.intersect || table.tableType === 'Virtual' || refusesTracking(environment, table)))
    throw notCustomizable(
      table.schemaName,
      table.metadataId,
      'Update',
      "Property: 'CanChangeTrackingBeEnabled', Value: 'False'",
    );
  const hasNotes = booleanValue(json, 'HasNotes') ?? table.hasNotes;
  const changed: TableDefinition = {
    ...table,
    displayName: labelMember(json, 'DisplayName') ?? table.displayName,
    displayCollectionName: labelMember(json, 'DisplayCollectionName') ?? table.displayCollectionName,
    changeTracking: tracking,
    hasNotes: table.hasNotes || hasNotes,
  };
  const { definition } = environment.schema;
  environment.replaceSchema(
    hasNotes && !table.hasNotes ? withNotes(definition, changed) : withTable(definition, changed),
    [table.logicalName],
  );
}

function refusesTracking(environment: Environment, table: TableDefinition): boolean {
  return table.tableType === 'Elastic' && !environment.switches.elasticTracking && !table.changeTracking;
}

/** The lookup of notes gets the table among its targets. */
function withNotes(definition: SchemaDefinition, table: TableDefinition): SchemaDefinition {
  const name = table.logicalName;
  const others = { ...definition, tables: definition.tables.filter((one) => one.logicalName !== name) };
  const attached = attachTable(others, table, { notes: true });
  const known = new Set(definition.oneToMany.map((one) => one.schemaName));
  return {
    ...attached,
    oneToMany: [...definition.oneToMany, ...attached.oneToMany.filter((one) => !known.has(one.schemaName))],
  };
}

/** A custom table goes with its rows, its relationships, and the lookups of other tables that lead only to it. */
export function deleteTable(environment: Environment, table: TableDefinition): void {
  if (!table.custom)
    throw notCustomizable(
      table.schemaName,
      table.metadataId,
      'Delete',
      "Property: 'IsCustomizable', Value: 'False'",
    );
  const { definition, changed } = dropTable(environment.schema.definition, table);
  dropRows(environment, table);
  environment.replaceSchema(definition, [table.logicalName, ...changed]);
}

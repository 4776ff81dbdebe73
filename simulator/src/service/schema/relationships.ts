import { defineColumn, nameCompanions } from '../../data/define-column.ts';
import { intersectTable, lookupRelationship } from '../../data/define-table.ts';
import type {
  ColumnDefinition,
  ManyToManyDefinition,
  OneToManyDefinition,
  SchemaDefinition,
  TableDefinition,
} from '../../model/definitions.ts';
import type { Environment } from '../environment.ts';
import { textMember, type JsonObject } from '../json.ts';
import { readCascade } from './cascade.ts';
import {
  nextColumnNumber,
  nextObjectTypeCode,
  withoutColumn,
  withTable,
  columnsWith,
} from './edit-definition.ts';
import { booleanValue, labelMember, objectMember, textValue } from './metadata-json.ts';
import { logicalNameOf } from './names.ts';
import {
  columnExists,
  metadataMissing,
  metadataNotFound,
  notCustomizable,
  notForElastic,
  relationshipExists,
  relationshipNameRequired,
} from './schema-errors.ts';
import { dropColumnValues } from './stored-values.ts';

/** A one-to-many with its new lookup column. */
export function createOneToMany(environment: Environment, json: JsonObject): OneToManyDefinition {
  const lookup = objectMember(json, 'Lookup');
  if (lookup === undefined) throw metadataMissing('Lookup');
  const [made] = createLookup(environment, [json], lookup, 'LookupType');
  return made!; // one for each of the relationships given
}

/**
 * One lookup column and a relationship for each table it may lead to: a plain lookup has one, a customer or
 * polymorphic one several, each with a navigation property of its own.
 */
export function createLookup(
  environment: Environment,
  relationships: readonly JsonObject[],
  lookup: JsonObject,
  type: 'LookupType' | 'CustomerType',
): readonly OneToManyDefinition[] {
  const schemaName = textMember(lookup, 'SchemaName');
  if (schemaName === undefined) throw metadataMissing('SchemaName');
  const child = requireTable(environment, textMember(relationships[0] ?? {}, 'ReferencingEntity'));
  const name = logicalNameOf(schemaName);
  const made = relationships.map((json) =>
    oneToMany(environment, json, child, name, relationships.length === 1 ? schemaName : undefined),
  );
  if (child.columns.has(name)) throw columnExists(schemaName);
  const column = defineColumn(child.logicalName, {
    name,
    schemaName,
    displayName: labelMember(lookup, 'DisplayName') ?? schemaName,
    type,
    targets: made.map((one) => one.referencedTable),
    requiredLevel:
      textValue(lookup, 'RequiredLevel') === 'ApplicationRequired' ? 'ApplicationRequired' : 'None',
    custom: true,
    metadataId: environment.newId(),
  });
  const { definition } = environment.schema;
  environment.replaceSchema(
    { ...withTable(definition, withLookup(child, column)), oneToMany: [...definition.oneToMany, ...made] },
    [child.logicalName, ...made.map((one) => one.referencedTable)],
  );
  return made;
}

function oneToMany(
  environment: Environment,
  json: JsonObject,
  child: TableDefinition,
  column: string,
  navigation: string | undefined,
): OneToManyDefinition {
  const schemaName = newSchemaName(environment, json);
  const parent = requireTable(environment, textMember(json, 'ReferencedEntity'));
  return {
    ...lookupRelationship({
      schemaName,
      parent: parent.logicalName,
      parentId: parent.primaryId,
      child: child.logicalName,
      column,
      navigation: navigation ?? `${column}_${parent.logicalName}`,
      cascade: readCascade(environment, child, json),
    }),
    metadataId: environment.newId(),
    hierarchical: booleanValue(json, 'IsHierarchical') === true,
  };
}

function withLookup(table: TableDefinition, column: ColumnDefinition): TableDefinition {
  const columns = new Map(table.columns);
  for (const one of [column, ...nameCompanions(table.logicalName, column)])
    columns.set(one.logicalName, { ...one, columnNumber: nextColumnNumber({ ...table, columns }) });
  return { ...table, columns };
}

/** A many-to-many with its intersect table. */
export function createManyToMany(environment: Environment, json: JsonObject): ManyToManyDefinition {
  const schemaName = newSchemaName(environment, json);
  const one = requireTable(environment, textMember(json, 'Entity1LogicalName'));
  const two = requireTable(environment, textMember(json, 'Entity2LogicalName'));
  for (const table of [one, two])
    if (table.tableType === 'Elastic') throw notForElastic('A many-to-many relationship', table.logicalName);
  const intersect = (textMember(json, 'IntersectEntityName') ?? schemaName).toLowerCase();
  if (environment.schema.table(intersect) !== undefined) throw relationshipExists(intersect);
  const self = one === two;
  const link: ManyToManyDefinition = {
    schemaName,
    metadataId: environment.newId(),
    intersectTable: intersect,
    table1: one.logicalName,
    column1: self ? `${one.primaryId}one` : one.primaryId,
    navigation1: textMember(json, 'Entity1NavigationPropertyName') ?? schemaName,
    table2: two.logicalName,
    column2: self ? `${two.primaryId}two` : two.primaryId,
    navigation2:
      textMember(json, 'Entity2NavigationPropertyName') ?? (self ? `${schemaName}_referenced` : schemaName),
    custom: true,
  };
  const { definition } = environment.schema;
  const table = {
    ...intersectTable(intersect, nextObjectTypeCode(definition), link.column1, link.column2),
    metadataId: environment.newId(),
  };
  environment.replaceSchema(
    { ...withTable(definition, table), manyToMany: [...definition.manyToMany, link] },
    [intersect, one.logicalName, two.logicalName],
  );
  return link;
}

/** Cascades, hierarchy and nothing else can change. */
export function changeOneToMany(
  environment: Environment,
  relationship: OneToManyDefinition,
  json: JsonObject,
): void {
  const child = requireTable(environment, relationship.referencingTable);
  const changed: OneToManyDefinition = {
    ...relationship,
    cascade: { ...relationship.cascade, ...readCascade(environment, child, json, relationship) },
    hierarchical: booleanValue(json, 'IsHierarchical') ?? relationship.hierarchical,
  };
  const { definition } = environment.schema;
  environment.replaceSchema(
    { ...definition, oneToMany: definition.oneToMany.map((one) => (one === relationship ? changed : one)) },
    [relationship.referencingTable, relationship.referencedTable],
  );
}

/** The lookup goes with its values; of a lookup with several targets only this one goes. */
export function deleteOneToMany(environment: Environment, relationship: OneToManyDefinition): void {
  if (!relationship.custom) throw systemRelationship(relationship);
  const child = requireTable(environment, relationship.referencingTable);
  const column = child.columns.get(relationship.referencingColumn);
  const changed = [relationship.referencingTable, relationship.referencedTable];
  const { definition } = environment.schema;
  const targets = (column?.targets ?? []).filter((target) => target !== relationship.referencedTable);
  if (column !== undefined && targets.length > 0) {
    const columns = new Map(child.columns).set(column.logicalName, { ...column, targets });
    const oneToMany = definition.oneToMany.filter((one) => one !== relationship);
    environment.replaceSchema({ ...withTable(definition, { ...child, columns }), oneToMany }, changed);
    return;
  }
  dropColumnValues(environment, child, columnsWith(child, relationship.referencingColumn));
  environment.replaceSchema(
    withoutColumn(definition, child.logicalName, relationship.referencingColumn),
    changed,
  );
}

/** The intersect table goes with its rows. */
export function deleteManyToMany(environment: Environment, link: ManyToManyDefinition): void {
  if (!link.custom) throw systemRelationship(link);
  const { definition } = environment.schema;
  environment.database.dropStore(link.intersectTable);
  const next: SchemaDefinition = {
    ...definition,
    tables: definition.tables.filter((table) => table.logicalName !== link.intersectTable),
    manyToMany: definition.manyToMany.filter((one) => one !== link),
  };
  environment.replaceSchema(next, [link.intersectTable, link.table1, link.table2]);
}

function systemRelationship(one: { readonly schemaName: string; readonly metadataId: string }) {
  return notCustomizable(
    one.schemaName,
    one.metadataId,
    'Delete',
    "Property: 'IsCustomizable', Value: 'False'",
  );
}

function newSchemaName(environment: Environment, json: JsonObject): string {
  const schemaName = textMember(json, 'SchemaName');
  if (schemaName === undefined || schemaName === '') throw relationshipNameRequired();
  logicalNameOf(schemaName);
  const { oneToMany, manyToMany } = environment.schema.definition;
  const taken = [...oneToMany, ...manyToMany].some(
    (one) => one.schemaName.toLowerCase() === schemaName.toLowerCase(),
  );
  if (taken) throw relationshipExists(schemaName);
  return schemaName;
}

function requireTable(environment: Environment, name: string | undefined): TableDefinition {
  const table = name === undefined ? undefined : environment.schema.table(name);
  if (table === undefined) throw metadataNotFound('the entity', name ?? '');
  return table;
}

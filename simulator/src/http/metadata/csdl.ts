import type { ColumnDefinition, TableDefinition } from '../../model/definitions.ts';
import type { Schema } from '../../model/schema.ts';
import { escapeXml } from '../../odata/paging.ts';
import { methodNotAllowed } from '../../service/errors.ts';
import type { ApiResponse, Call } from '../api.ts';

/** `$metadata`: entity types with properties, keys and navigation properties, and the entity sets. */
export function metadataDocument(call: Call): ApiResponse {
  if (call.method !== 'GET') throw methodNotAllowed(call.method);
  const { schema } = call.context.environment;
  const tables = schema.tables.filter((table) => table.entitySetName !== null);
  const body =
    '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">' +
    '<edmx:DataServices><Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">' +
    '<EntityType Name="crmbaseentity" Abstract="true" />' +
    tables.map((table) => entityType(schema, table)).join('') +
    `<EntityContainer Name="System">${tables.map((table) => entitySet(schema, table)).join('')}</EntityContainer>` +
    '</Schema></edmx:DataServices></edmx:Edmx>';
  return { status: 200, headers: { 'Content-Type': 'application/xml' }, body };
}

function entityType(schema: Schema, table: TableDefinition): string {
  const properties = [...schema.properties(table.logicalName).values()].map(
    ({ name, column }) => `<Property Name="${escapeXml(name)}" Type="${edmType(column)}" />`,
  );
  const navigations = [...schema.navigations(table.logicalName)].flatMap(([name, navigation]) => {
    const { relationship } = navigation;
    if ('intersectTable' in relationship) {
      const target =
        navigation.kind === 'links' && navigation.side === 1 ? relationship.table2 : relationship.table1;
      return exposed(schema, target) ? [collectionProperty(name, target)] : [];
    }
    const target =
      navigation.kind === 'single' ? relationship.referencedTable : relationship.referencingTable;
    if (!exposed(schema, target)) return [];
    return [
      navigation.kind === 'single'
        ? singleProperty(name, target, relationship.referencingColumn)
        : collectionProperty(name, target),
    ];
  });
  return (
    `<EntityType Name="${table.logicalName}" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="${table.primaryId}" /></Key>` +
    `${properties.join('')}${navigations.join('')}</EntityType>`
  );
}

function exposed(schema: Schema, table: string): boolean {
  return (schema.table(table)?.entitySetName ?? null) !== null;
}

function singleProperty(name: string, target: string, column: string): string {
  return (
    `<NavigationProperty Name="${escapeXml(name)}" Type="mscrm.${target}" Nullable="true">` +
    `<ReferentialConstraint Property="_${column}_value" ReferencedProperty="${target}id" /></NavigationProperty>`
  );
}

function collectionProperty(name: string, target: string): string {
  return `<NavigationProperty Name="${escapeXml(name)}" Type="Collection(mscrm.${target})" />`;
}

function entitySet(schema: Schema, table: TableDefinition): string {
  const bindings = [...schema.navigations(table.logicalName)].flatMap(([name, navigation]) => {
    if (navigation.kind !== 'single') return [];
    const set = schema.table(navigation.relationship.referencedTable)?.entitySetName ?? null;
    return set === null ? [] : [`<NavigationPropertyBinding Path="${escapeXml(name)}" Target="${set}" />`];
  });
  return `<EntitySet Name="${table.entitySetName}" EntityType="Microsoft.Dynamics.CRM.${table.logicalName}">${bindings.join('')}</EntitySet>`;
}

function edmType(column: ColumnDefinition): string {
  switch (column.type) {
    case 'IntegerType':
    case 'PicklistType':
    case 'StateType':
    case 'StatusType':
      return 'Edm.Int32';
    case 'BigIntType':
      return 'Edm.Int64';
    case 'DecimalType':
    case 'MoneyType':
      return 'Edm.Decimal';
    case 'DoubleType':
      return 'Edm.Double';
    case 'BooleanType':
      return 'Edm.Boolean';
    case 'DateTimeType':
      return column.dateBehavior === 'DateOnly' ? 'Edm.Date' : 'Edm.DateTimeOffset';
    case 'UniqueidentifierType':
    case 'LookupType':
    case 'CustomerType':
    case 'OwnerType':
    case 'FileType':
      return 'Edm.Guid';
    case 'ImageType':
      return 'Edm.Binary';
    case 'ManagedPropertyType':
      return 'mscrm.BooleanManagedProperty';
    default:
      return 'Edm.String';
  }
}

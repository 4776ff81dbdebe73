import { builtInSchema } from '@rowback/simulator';
import { planBackup, type BackupPlan } from '../src/backup/index.ts';
import type { TableDetails } from '../src/dataverse/index.ts';
import { columnMetadata } from '../src/dataverse/metadata/columns.ts';
import { tableOf } from '../src/dataverse/metadata/tables.ts';
import { environment } from '../test/support/metadata.ts';

type Schema = ReturnType<typeof builtInSchema>;
type Table = Schema['tables'][number];
type Column = Table['columns'] extends ReadonlyMap<string, infer C> ? C : never;

/**
 * What an ordinary policy makes of all the standard tables that the simulator knows. The definitions are handed to the
 * product's own readers in the Web API's form, without a service in between: hundreds of tables in a moment.
 */
export function planOfStandardTables(): BackupPlan {
  const schema = builtInSchema('full');
  const details = schema.tables.map((table) => detailsOf(table, schema));
  const secured = (table: TableDetails) => table.columns.filter((column) => column.secured);
  const facts = {
    environment,
    tables: details,
    details: new Map(details.map((table) => [table.name, table])),
    readable: new Set(details.map(({ name }) => name)),
    readableSecured: new Map(
      details.map((table) => [table.name, new Set(secured(table).map(({ name }) => name))]),
    ),
    counts: new Map<string, number>(),
  };
  return planBackup(facts, { name: 'default', include: ['*'], exclude: [], files: true, everyMs: null });
}

function detailsOf(table: Table, { manyToMany }: Schema): TableDetails {
  const served = new Set(table.entitySetName === null ? [] : [table.entitySetName]);
  const name = table.logicalName;
  return {
    ...tableOf(definition(table), served),
    columns: [...table.columns.values()]
      .map((column) => columnMetadata(attribute(column, table), undefined))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    manyToOne: [],
    oneToMany: [],
    manyToMany: manyToMany.filter((link) => link.table1 === name || link.table2 === name),
    keys: [],
  };
}

function definition(table: Table): Readonly<Record<string, unknown>> {
  return {
    MetadataId: table.metadataId,
    LogicalName: table.logicalName,
    SchemaName: table.schemaName,
    DisplayName: labelled(table.displayName),
    EntitySetName: table.entitySetName,
    PrimaryIdAttribute: table.primaryId,
    PrimaryNameAttribute: table.primaryName,
    OwnershipType: table.ownership,
    TableType: table.tableType,
    IsIntersect: table.intersect,
    IsActivity: table.activity,
    IsCustomEntity: table.custom,
    ChangeTrackingEnabled: table.changeTracking,
    CanChangeTrackingBeEnabled: { Value: !table.intersect },
    Privileges: [],
  };
}

function attribute(column: Column, table: Table): Readonly<Record<string, unknown>> {
  return {
    LogicalName: column.logicalName,
    SchemaName: column.schemaName,
    MetadataId: column.metadataId,
    AttributeTypeName: { Value: column.type },
    DisplayName: labelled(column.displayName),
    IsValidForRead: column.validForRead,
    IsValidForCreate: column.validForCreate,
    IsValidForUpdate: column.validForUpdate,
    IsValidODataAttribute: column.validOData,
    IsPrimaryId: column.logicalName === table.primaryId,
    IsSecured: column.secured ?? false,
    AttributeOf: column.attributeOf ?? null,
    SourceType: column.sourceType ?? 0,
    CalculationOf: column.calculationOf ?? null,
    DateTimeBehavior: { Value: column.dateBehavior },
    ...(column.precision === undefined ? {} : { Precision: column.precision }),
  };
}

const labelled = (text: string) => ({ UserLocalizedLabel: { Label: text } });

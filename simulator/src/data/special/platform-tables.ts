import type { ColumnDefinition, SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import { attachTable } from '../attach-table.ts';
import { defineColumn, type ColumnDraft } from '../define-column.ts';
import { customTable, lookupRelationship, systemColumns } from '../define-table.ts';

/** Tables of newer environments that the recorded metadata does not describe: settings of recycle bin and retention. */
export function withPlatformTables(schema: SchemaDefinition): SchemaDefinition {
  const withEntity = { ...schema, tables: [...schema.tables, entityTable()] };
  const withBin = attachTable(withEntity, recycleBinConfig(), {
    lookups: [
      lookupRelationship({
        schemaName: 'entity_recyclebinconfig_extensionofrecordid',
        parent: 'entity',
        parentId: 'entityid',
        child: 'recyclebinconfig',
        column: 'extensionofrecordid',
        navigation: 'extensionofrecordid',
        custom: false,
        cascade: { delete: 'Cascade' },
      }),
    ],
  });
  const withPolicies = attachTable(withBin, retentionConfig());
  const withRuns = attachTable(withPolicies, retentionOperation(), {
    lookups: [
      platformLookup('retentionconfig', 'retentionoperation', 'retentionconfigid', 'RetentionConfigId'),
    ],
  });
  return attachTable(withRuns, retentionDetail(), {
    lookups: [
      platformLookup(
        'retentionoperation',
        'retentionoperationdetail',
        'retentionoperationid',
        'RetentionOperationId',
      ),
    ],
  });
}

function platformLookup(parent: string, child: string, column: string, navigation: string) {
  return lookupRelationship({
    schemaName: `${parent}_${child}_${column}`,
    parent,
    parentId: `${parent}id`,
    child,
    column,
    navigation,
    custom: false,
    cascade: {},
  });
}

/** Definitions as rows: what other tables' lookups to "a table" point to. Its rows follow from the schema. */
function entityTable(): TableDefinition {
  return {
    ...platformTable('entity', 'Entity', 'Entities', 9800, 'OrganizationOwned', [
      { name: 'logicalname', schemaName: 'LogicalName', type: 'StringType', maxLength: 64 },
      { name: 'entitysetname', schemaName: 'EntitySetName', type: 'StringType', maxLength: 64 },
      { name: 'objecttypecode', schemaName: 'ObjectTypeCode', type: 'IntegerType' },
    ]),
    entitySetName: 'entities',
    changeTracking: false,
  };
}

function recycleBinConfig(): TableDefinition {
  return platformTable(
    'recyclebinconfig',
    'RecycleBinConfig',
    'RecycleBinConfigs',
    10_201,
    'OrganizationOwned',
    [
      { name: 'cleanupintervalindays', schemaName: 'CleanupIntervalInDays', type: 'IntegerType' },
      {
        name: 'isreadyforrecyclebin',
        schemaName: 'IsReadyForRecycleBin',
        type: 'BooleanType',
        defaultValue: true,
      },
      {
        name: 'extensionofrecordid',
        schemaName: 'ExtensionOfRecordId',
        type: 'LookupType',
        targets: ['entity'],
      },
    ],
  );
}

function retentionConfig(): TableDefinition {
  return platformTable('retentionconfig', 'RetentionConfig', 'RetentionConfigs', 10_202, 'UserOwned', [
    { name: 'uniquename', schemaName: 'UniqueName', type: 'StringType', maxLength: 128 },
    { name: 'entitylogicalname', schemaName: 'EntityLogicalName', type: 'StringType', maxLength: 64 },
    { name: 'criteria', schemaName: 'Criteria', type: 'MemoType', maxLength: 100_000 },
    { name: 'starttime', schemaName: 'StartTime', type: 'DateTimeType' },
    { name: 'recurrence', schemaName: 'Recurrence', type: 'StringType', maxLength: 200 },
  ]);
}

function retentionOperation(): TableDefinition {
  return platformTable(
    'retentionoperation',
    'RetentionOperation',
    'RetentionOperations',
    10_203,
    'OrganizationOwned',
    [
      {
        name: 'retentionconfigid',
        schemaName: 'RetentionConfigId',
        type: 'LookupType',
        targets: ['retentionconfig'],
      },
      {
        name: 'rootentitylogicalname',
        schemaName: 'RootEntityLogicalName',
        type: 'StringType',
        maxLength: 100,
      },
      { name: 'starttime', schemaName: 'StartTime', type: 'DateTimeType' },
      { name: 'endtime', schemaName: 'EndTime', type: 'DateTimeType' },
      { name: 'retentioncount', schemaName: 'RetentionCount', type: 'IntegerType' },
      { name: 'failedcount', schemaName: 'FailedCount', type: 'IntegerType' },
    ],
  );
}

function retentionDetail(): TableDefinition {
  return platformTable(
    'retentionoperationdetail',
    'RetentionOperationDetail',
    'RetentionOperationDetails',
    10_204,
    'OrganizationOwned',
    [
      {
        name: 'retentionoperationid',
        schemaName: 'RetentionOperationId',
        type: 'LookupType',
        targets: ['retentionoperation'],
      },
      { name: 'entitylogicalname', schemaName: 'EntityLogicalName', type: 'StringType', maxLength: 64 },
      { name: 'isrootentity', schemaName: 'IsRootEntity', type: 'BooleanType' },
      { name: 'retentioncount', schemaName: 'RetentionCount', type: 'IntegerType' },
      { name: 'failedcount', schemaName: 'FailedCount', type: 'IntegerType' },
    ],
  );
}

function platformTable(
  name: string,
  schemaName: string,
  plural: string,
  code: number,
  ownership: 'UserOwned' | 'OrganizationOwned',
  drafts: readonly ColumnDraft[],
): TableDefinition {
  const own = (draft: ColumnDraft): ColumnDefinition => defineColumn(name, draft);
  return {
    ...customTable({
      logicalName: name,
      schemaName,
      displayName: schemaName,
      displayCollectionName: plural,
      objectTypeCode: code,
      primaryId: `${name}id`,
      primaryName: 'name',
      ownership,
      columns: [
        own({
          name: `${name}id`,
          schemaName: `${schemaName}Id`,
          type: 'UniqueidentifierType',
          requiredLevel: 'SystemRequired',
          validForUpdate: false,
        }),
        own({ name: 'name', schemaName: 'Name', type: 'StringType', maxLength: 128 }),
        ...drafts.map(own),
        ...systemColumns(name, ownership),
      ],
    }),
    custom: false,
  };
}

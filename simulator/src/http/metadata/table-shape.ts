import type { TableDefinition } from '../../model/definitions.ts';
import { label, managed } from './labels.ts';
import { withDetails } from './with-details.ts';

/** Who keeps the rows of tables that the database does not: the elastic store, and an OData service. */
const PROVIDERS: Readonly<Record<string, string>> = {
  Elastic: '1d9bde74-9ebd-4da9-8ff5-aa74945b9f74',
  Virtual: '7015a531-cc0d-4537-b5f2-c882a1eb65ad',
};

export type Shape = Record<string, unknown>;

/** A table as `EntityDefinitions` shows it; names, order and forms as recorded. */
export function tableShape(table: TableDefinition, hasActivities: boolean): Shape {
  return withDetails(computedTable(table, hasActivities), table.details);
}

function computedTable(table: TableDefinition, hasActivities: boolean): Shape {
  const activity = table.tableType === 'Activity' || table.activity;
  return {
    MetadataId: table.metadataId,
    HasChanged: null,
    ActivityTypeMask: activity ? 1 : 0,
    AutoRouteToOwnerQueue: false,
    CanTriggerWorkflow: !table.intersect,
    EntityHelpUrlEnabled: false,
    EntityHelpUrl: null,
    IsDocumentManagementEnabled: false,
    IsOneNoteIntegrationEnabled: false,
    IsInteractionCentricEnabled: false,
    IsKnowledgeManagementEnabled: false,
    IsSLAEnabled: false,
    IsBPFEntity: table.businessProcess !== undefined,
    IsDocumentRecommendationsEnabled: false,
    IsMSTeamsIntegrationEnabled: false,
    SettingOf: null,
    DataProviderId: PROVIDERS[table.tableType] ?? null,
    DataSourceId: null,
    AutoCreateAccessTeams: false,
    IsActivity: activity,
    IsActivityParty: ['account', 'contact', 'lead', 'systemuser', 'queue'].includes(table.logicalName),
    IsRetrieveAuditEnabled: false,
    IsRetrieveMultipleAuditEnabled: false,
    IsArchivalEnabled: false,
    IsRetentionEnabled: false,
    IsAvailableOffline: true,
    IsChildEntity: false,
    IsAIRUpdated: !table.intersect,
    IconLargeName: null,
    IconMediumName: null,
    IconSmallName: null,
    IconVectorName: null,
    IsCustomEntity: table.custom,
    IsBusinessProcessEnabled: false,
    SyncToExternalSearchIndex: false,
    IsOptimisticConcurrencyEnabled: table.optimisticConcurrency,
    ChangeTrackingEnabled: table.changeTracking,
    IsImportable: !table.intersect,
    IsIntersect: table.intersect,
    IsManaged: !table.custom,
    IsEnabledForCharts: !table.intersect,
    IsEnabledForTrace: false,
    IsValidForAdvancedFind: !table.intersect,
    DaysSinceRecordLastModified: 0,
    MobileOfflineFilters: '',
    IsReadingPaneEnabled: true,
    IsQuickCreateEnabled: false,
    LogicalName: table.logicalName,
    ObjectTypeCode: table.objectTypeCode,
    OwnershipType: table.ownership,
    PrimaryNameAttribute: table.primaryName,
    PrimaryImageAttribute: table.primaryImage,
    PrimaryIdAttribute: table.primaryId,
    RecurrenceBaseEntityLogicalName: null,
    ReportViewName: `Filtered${table.schemaName}`,
    SchemaName: table.schemaName,
    IntroducedVersion: table.custom ? '1.0.0.0' : '5.0.0.0',
    IsStateModelAware: table.custom || table.logicalName === 'incident',
    EnforceStateTransitions: table.enforceStateTransitions === true,
    ExternalName: null,
    EntityColor: null,
    LogicalCollectionName: table.collectionName,
    ExternalCollectionName: null,
    CollectionSchemaName: `${table.schemaName}s`,
    EntitySetName: table.entitySetName,
    IsEnabledForExternalChannels: false,
    IsPrivate: false,
    UsesBusinessDataLabelTable: false,
    IsLogicalEntity: false,
    HasNotes: table.hasNotes,
    HasActivities: hasActivities,
    HasFeedback: false,
    IsSolutionAware: false,
    CreatedOn: '1900-01-01T00:00:00Z',
    ModifiedOn: '2024-06-01T02:41:52Z',
    HasEmailAddresses: table.columns.has('emailaddress1'),
    OwnerId: null,
    OwnerIdType: table.ownership === 'UserOwned' ? 8 : 0,
    OwningBusinessUnit: null,
    TableType: table.tableType === 'Activity' ? 'Standard' : table.tableType,
    Description: label(''),
    DisplayCollectionName: label(table.displayCollectionName, !table.custom),
    DisplayName: label(table.displayName, !table.custom),
    ...managedProperties(table),
    Privileges: privilegesOf(table),
    Settings: [],
  };
}

function managedProperties(table: TableDefinition): Shape {
  return {
    IsAuditEnabled: managed(false, 'canmodifyauditsettings'),
    IsValidForQueue: managed(false, 'canmodifyqueuesettings'),
    IsConnectionsEnabled: managed(
      ['account', 'contact', 'lead', 'opportunity', 'incident'].includes(table.logicalName),
      'canmodifyconnectionsettings',
    ),
    IsCustomizable: managed(true, 'iscustomizable', false),
    IsRenameable: managed(true, 'isrenameable', false),
    IsMappable: managed(true, 'ismappable', false),
    IsDuplicateDetectionEnabled: managed(false, 'canmodifyduplicatedetectionsettings'),
    CanCreateAttributes: managed(!table.intersect, 'cancreateattributes', false),
    CanCreateForms: managed(!table.intersect, 'cancreateforms', false),
    CanCreateViews: managed(!table.intersect, 'cancreateviews', false),
    CanCreateCharts: managed(!table.intersect, 'cancreatecharts', false),
    CanBeRelatedEntityInRelationship: managed(!table.intersect, 'canberelatedentityinrelationship', false),
    CanBePrimaryEntityInRelationship: managed(!table.intersect, 'canbeprimaryentityinrelationship', false),
    CanBeInManyToMany: managed(!table.intersect, 'canbeinmanytomany', false),
    CanBeInCustomEntityAssociation: managed(!table.intersect, 'canbeincustomentityassociation', false),
    CanEnableSyncToExternalSearchIndex: managed(true, 'canenablesynctoexternalsearchindex'),
    CanModifyAdditionalSettings: managed(true, 'canmodifyadditionalsettings'),
    CanChangeHierarchicalRelationship: managed(false, 'canchangehierarchicalrelationship', false),
    CanChangeTrackingBeEnabled: managed(
      !table.intersect && table.tableType !== 'Virtual',
      'canchangetrackingbeenabled',
    ),
    IsMailMergeEnabled: managed(false, 'canmodifymailmergesettings'),
    IsVisibleInMobile: managed(false, 'canmodifymobilevisibility'),
    IsVisibleInMobileClient: managed(true, 'canmodifymobileclientvisibility'),
    IsReadOnlyInMobileClient: managed(false, 'canmodifymobileclientreadonly'),
    IsOfflineInMobileClient: managed(true, 'canmodifymobileclientoffline'),
  };
}

function privilegesOf(table: TableDefinition): Shape[] {
  const owned = table.ownership === 'UserOwned' || table.ownership === 'BusinessOwned';
  return table.privileges.map((privilege) => ({
    CanBeBasic: owned,
    CanBeDeep: owned,
    CanBeGlobal: true,
    CanBeLocal: owned,
    CanBeEntityReference: false,
    CanBeParentEntityReference: false,
    CanBeRecordFilter: false,
    Name: privilege.name,
    PrivilegeId: privilege.id,
    PrivilegeType: privilege.verb,
  }));
}

/** An alternate key as `…/Keys` shows it. */
export function keyShape(table: TableDefinition, key: TableDefinition['keys'][number]): Shape {
  return {
    MetadataId: key.metadataId,
    HasChanged: null,
    LogicalName: key.logicalName,
    SchemaName: key.schemaName,
    EntityLogicalName: table.logicalName,
    KeyAttributes: key.columns,
    EntityKeyIndexStatus: key.indexStatus ?? 'Active',
    IsManaged: !table.custom,
    IsSynchronous: false,
    IsExportKey: false,
    IsSecondaryKey: false,
    IntroducedVersion: '1.0.0.0',
    DisplayName: label(key.schemaName),
    IsCustomizable: managed(true, 'iscustomizable'),
    AsyncJob: null,
  };
}

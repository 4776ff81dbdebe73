import type { ServiceModel, TypeFact } from './service-model.ts';

type Properties = TypeFact['properties'];

/** Properties of the metadata's classes that are newer than the recorded document, in the order answers show them. */
const LATER_PROPERTIES: Readonly<Record<string, Properties>> = {
  EntityMetadata: [
    ['IsMSTeamsIntegrationEnabled', 'Edm.Boolean'],
    ['SettingOf', 'Edm.String'],
    ['IsRetrieveAuditEnabled', 'Edm.Boolean'],
    ['IsRetrieveMultipleAuditEnabled', 'Edm.Boolean'],
    ['IsArchivalEnabled', 'Edm.Boolean'],
    ['IsRetentionEnabled', 'Edm.Boolean'],
    ['IsSolutionAware', 'Edm.Boolean'],
    ['CreatedOn', 'Edm.DateTimeOffset'],
    ['ModifiedOn', 'Edm.DateTimeOffset'],
    ['HasEmailAddresses', 'Edm.Boolean'],
    ['OwnerId', 'Edm.Guid'],
    ['OwnerIdType', 'Edm.Int32'],
    ['OwningBusinessUnit', 'Edm.Guid'],
    ['TableType', 'Edm.String'],
    ['Settings', 'Collection(mscrm.EntitySetting)'],
  ],
  AttributeMetadata: [
    ['CreatedOn', 'Edm.DateTimeOffset'],
    ['IsValidODataAttribute', 'Edm.Boolean'],
    ['ModifiedOn', 'Edm.DateTimeOffset'],
    ['Settings', 'Collection(mscrm.AttributeSetting)'],
  ],
  EnumAttributeMetadata: [['ParentEnumAttributeLogicalName', 'Edm.String']],
  PicklistAttributeMetadata: [
    ['ParentPicklistLogicalName', 'Edm.String'],
    ['ChildPicklistLogicalNames', 'Collection(Edm.String)'],
  ],
  MultiSelectPicklistAttributeMetadata: [
    ['ParentPicklistLogicalName', 'Edm.String'],
    ['ChildPicklistLogicalNames', 'Collection(Edm.String)'],
  ],
  DoubleAttributeMetadata: [
    ['FormulaDefinition', 'Edm.String'],
    ['SourceTypeMask', 'Edm.Int32'],
  ],
  MemoAttributeMetadata: [['FormatName', 'mscrm.MemoFormatName']],
  ImageAttributeMetadata: [
    ['CanStoreFullImage', 'Edm.Boolean'],
    ['MaxSizeInKB', 'Edm.Int32'],
  ],
  EntityKeyMetadata: [
    ['IsSynchronous', 'Edm.Boolean'],
    ['IsExportKey', 'Edm.Boolean'],
    ['IsSecondaryKey', 'Edm.Boolean'],
  ],
  OneToManyRelationshipMetadata: [
    ['EntityKey', 'Edm.String'],
    ['IsRelationshipAttributeDenormalized', 'Edm.Boolean'],
    ['RelationshipBehavior', 'Edm.Int32'],
    ['IsDenormalizedLookup', 'Edm.Boolean'],
    ['DenormalizedAttributeName', 'Edm.String'],
    ['RelationshipAttributes', 'Collection(mscrm.RelationshipAttribute)'],
  ],
  OptionSetMetadata: [['ParentOptionSetName', 'Edm.String']],
  OptionMetadata: [
    ['ParentValues', 'Collection(Edm.Int32)'],
    ['Tag', 'Edm.String'],
    ['IsHidden', 'Edm.Boolean'],
  ],
  SecurityPrivilegeMetadata: [['CanBeRecordFilter', 'Edm.Boolean']],
  CascadeConfiguration: [['Archive', 'mscrm.CascadeType']],
};

const SETTING: TypeFact = {
  properties: [
    ['Name', 'Edm.String'],
    ['Value', 'Edm.String'],
  ],
};

const LATER_METADATA_TYPES: Readonly<Record<string, TypeFact>> = {
  FileAttributeMetadata: {
    base: 'mscrm.AttributeMetadata',
    properties: [['MaxSizeInKB', 'Edm.Int32']],
  },
};

const LATER_COMPLEX_TYPES: Readonly<Record<string, TypeFact>> = {
  EntitySetting: SETTING,
  AttributeSetting: SETTING,
  MemoFormatName: { properties: [['Value', 'Edm.String']] },
  RelationshipAttribute: {
    properties: [
      ['ReferencedAttribute', 'Edm.String'],
      ['ReferencingAttribute', 'Edm.String'],
    ],
  },
  StateOptionMetadata: {
    base: 'mscrm.OptionMetadata',
    properties: [
      ['DefaultStatus', 'Edm.Int32'],
      ['InvariantName', 'Edm.String'],
    ],
  },
  StatusOptionMetadata: {
    base: 'mscrm.OptionMetadata',
    properties: [
      ['State', 'Edm.Int32'],
      ['TransitionData', 'Edm.String'],
    ],
  },
};

/** The model with what definitions show today beyond the recorded document. */
export function withLaterMetadata(model: ServiceModel): ServiceModel {
  return {
    ...model,
    metadataTypes: extended({ ...model.metadataTypes, ...LATER_METADATA_TYPES }),
    complexTypes: extended({ ...model.complexTypes, ...LATER_COMPLEX_TYPES }),
  };
}

/** A property that the recording has already is kept as it is there. */
function extended(types: Readonly<Record<string, TypeFact>>): Record<string, TypeFact> {
  return Object.fromEntries(
    Object.entries(types).map(([name, fact]) => {
      const later = (LATER_PROPERTIES[name] ?? []).filter(
        ([property]) => !fact.properties.some(([known]) => known === property),
      );
      return [name, { ...fact, properties: [...fact.properties, ...later] }];
    }),
  );
}

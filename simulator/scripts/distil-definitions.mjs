import { XMLParser } from 'fast-xml-parser';

const LISTS = new Set([
  'AttributeMetadata',
  'OneToManyRelationshipMetadata',
  'ManyToManyRelationshipMetadata',
  'SecurityPrivilegeMetadata',
  'EntityKeyMetadata',
  'OptionMetadata',
  'string',
]);

const text = (node) => (typeof node === 'object' || node === undefined ? undefined : String(node));
const yes = (node) => text(node) === 'true';
const labelOf = (node) => text(node?.UserLocalizedLabel?.Label);

/** A full table definition in the serialised form of the .NET client: columns, options, cascades, privileges. */
export function readDefinition(xml) {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseTagValue: false,
    isArray: (name) => LISTS.has(name),
  });
  const table = parser.parse(xml).EntityMetadata;
  return {
    name: table.LogicalName,
    id: table.MetadataId,
    privileges: (table.Privileges.SecurityPrivilegeMetadata ?? []).map((privilege) => [
      privilege.PrivilegeType,
      privilege.Name,
      privilege.PrivilegeId,
    ]),
    keys: (table.Keys?.EntityKeyMetadata ?? []).map((key) => ({
      name: key.LogicalName,
      schema: key.SchemaName,
      id: key.MetadataId,
      columns: key.KeyAttributes?.string ?? [],
    })),
    columns: new Map(
      table.Attributes.AttributeMetadata.map((column) => [column.LogicalName, columnOf(column)]),
    ),
    oneToMany: [
      ...(table.OneToManyRelationships.OneToManyRelationshipMetadata ?? []),
      ...(table.ManyToOneRelationships.OneToManyRelationshipMetadata ?? []),
    ].map(relationshipOf),
  };
}

function columnOf(node) {
  return {
    id: node.MetadataId,
    number: Number(node.ColumnNumber),
    schema: node.SchemaName,
    label: labelOf(node.DisplayName),
    type: node.AttributeTypeName.Value,
    of: text(node.AttributeOf),
    custom: yes(node.IsCustomAttribute),
    create: yes(node.IsValidForCreate),
    read: yes(node.IsValidForRead),
    update: yes(node.IsValidForUpdate),
    odata: yes(node.IsValidODataAttribute),
    secured: yes(node.IsSecured),
    required: text(node.RequiredLevel?.Value),
    sourceType: Number(text(node.SourceType) ?? 0),
    length: text(node.MaxLength),
    precision: text(node.Precision),
    min: text(node.MinValue),
    max: text(node.MaxValue),
    format: text(node.FormatName?.Value) ?? text(node.Format),
    behavior: text(node.DateTimeBehavior?.Value),
    calculationOf: text(node.CalculationOf),
    targets: node.Targets?.string,
    options: optionsOf(node.OptionSet),
    optionSet: text(node.OptionSet?.Name),
    isDefault: text(node.DefaultFormValue) ?? text(node.DefaultValue),
    autoNumber: text(node.AutoNumberFormat) || undefined,
    primaryImage: yes(node.IsPrimaryImage),
    fullImage: yes(node.CanStoreFullImage),
    sizeKb: text(node.MaxSizeInKB),
  };
}

function optionsOf(set) {
  if (set?.TrueOption) {
    return [set.FalseOption, set.TrueOption].map((option) => [
      Number(option.Value),
      labelOf(option.Label) ?? '',
    ]);
  }
  return set?.Options?.OptionMetadata?.map((option) => {
    const extra = {
      ...(text(option.State) ? { state: Number(option.State) } : {}),
      ...(text(option.DefaultStatus) ? { status: Number(option.DefaultStatus) } : {}),
      ...(text(option.InvariantName) ? { invariant: option.InvariantName } : {}),
    };
    const fact = [Number(option.Value), labelOf(option.Label) ?? ''];
    return Object.keys(extra).length ? [...fact, extra] : fact;
  });
}

function relationshipOf(node) {
  return {
    schema: node.SchemaName,
    id: node.MetadataId,
    parent: node.ReferencedEntity,
    parentColumn: node.ReferencedAttribute,
    child: node.ReferencingEntity,
    column: node.ReferencingAttribute,
    collection: node.ReferencedEntityNavigationPropertyName,
    navigation: node.ReferencingEntityNavigationPropertyName,
    custom: yes(node.IsCustomRelationship) || node.IsCustomRelationship === true,
    hierarchical: yes(node.IsHierarchical) || node.IsHierarchical === true,
    cascade: node.CascadeConfiguration,
  };
}

/** The relationship lists of a table definition as the Web API answered them. */
export function readWebApiRelationships(json) {
  const table = JSON.parse(json);
  return [...table.OneToManyRelationships, ...table.ManyToOneRelationships].map(relationshipOf);
}

import type { ManyToManyDefinition, OneToManyDefinition } from '../../model/definitions.ts';
import { EMPTY_GUID } from '../../model/guid.ts';
import { label, managed } from './labels.ts';
import type { Shape } from './table-shape.ts';
import { withDetails } from './with-details.ts';

const MENU = {
  Behavior: 'DoNotDisplay',
  Group: 'Details',
  Order: null,
  IsCustomizable: false,
  Icon: null,
  ViewId: EMPTY_GUID,
  AvailableOffline: true,
  MenuId: null,
  QueryApi: null,
  Label: label(''),
};

/** A one-to-many relationship; property order as recorded. */
export function oneToManyShape(relationship: OneToManyDefinition): Shape {
  return withDetails(computedOneToMany(relationship), relationship.details);
}

function computedOneToMany(relationship: OneToManyDefinition): Shape {
  const { cascade } = relationship;
  return {
    MetadataId: relationship.metadataId,
    HasChanged: null,
    IsCustomRelationship: relationship.custom,
    IsValidForAdvancedFind: true,
    SchemaName: relationship.schemaName,
    SecurityTypes: bookkeeping(relationship) ? 'None' : 'Append',
    IsManaged: !relationship.custom,
    RelationshipType: 'OneToManyRelationship',
    IntroducedVersion: relationship.custom ? '1.0.0.0' : '5.0.0.0',
    ReferencedAttribute: relationship.referencedColumn,
    ReferencedEntity: relationship.referencedTable,
    ReferencingAttribute: relationship.referencingColumn,
    ReferencingEntity: relationship.referencingTable,
    IsHierarchical: relationship.hierarchical,
    EntityKey: null,
    IsRelationshipAttributeDenormalized: false,
    ReferencedEntityNavigationPropertyName: relationship.referencedNavigation,
    ReferencingEntityNavigationPropertyName: relationship.referencingNavigation,
    RelationshipBehavior: 1,
    IsDenormalizedLookup: null,
    DenormalizedAttributeName: null,
    IsCustomizable: managed(relationship.custom, 'iscustomizable', false),
    AssociatedMenuConfiguration: MENU,
    CascadeConfiguration: {
      Assign: cascade.assign,
      Delete: cascade.delete,
      Archive: 'NoCascade',
      Merge: cascade.merge,
      Reparent: cascade.reparent,
      Share: cascade.share,
      Unshare: cascade.unshare,
      RollupView: 'NoCascade',
    },
    RelationshipAttributes: [],
  };
}

/** Lookups that the platform keeps, and the ends of connections, ask for no right to append; as recorded. */
function bookkeeping({ referencingColumn, referencingTable }: OneToManyDefinition): boolean {
  if (referencingTable === 'activitypointer') return true;
  return /^(created|modified)(by|onbehalfby)$|^own(erid|ing.*)$|^transactioncurrencyid$|^record[12]id$/.test(
    referencingColumn,
  );
}

export function manyToManyShape(relationship: ManyToManyDefinition): Shape {
  return withDetails(computedManyToMany(relationship), relationship.details);
}

function computedManyToMany(relationship: ManyToManyDefinition): Shape {
  return {
    MetadataId: relationship.metadataId,
    HasChanged: null,
    IsCustomRelationship: relationship.custom,
    IsValidForAdvancedFind: true,
    SchemaName: relationship.schemaName,
    SecurityTypes: 'None',
    IsManaged: !relationship.custom,
    RelationshipType: 'ManyToManyRelationship',
    IntroducedVersion: '1.0.0.0',
    Entity1LogicalName: relationship.table1,
    Entity2LogicalName: relationship.table2,
    IntersectEntityName: relationship.intersectTable,
    Entity1IntersectAttribute: relationship.column1,
    Entity2IntersectAttribute: relationship.column2,
    Entity1NavigationPropertyName: relationship.navigation1,
    Entity2NavigationPropertyName: relationship.navigation2,
    IsCustomizable: managed(true, 'iscustomizable', false),
    Entity1AssociatedMenuConfiguration: MENU,
    Entity2AssociatedMenuConfiguration: MENU,
  };
}

import type { ColumnMetadata, OneToMany, TableDetails } from '../../src/dataverse/index.ts';

/** A column as metadata describes a plain, writable text; `facts` say what is different. */
export function columnWith(name: string, facts: Partial<ColumnMetadata> = {}): ColumnMetadata {
  return {
    name,
    schemaName: name,
    id: `id of ${name}`,
    kind: 'text',
    label: name,
    validForRead: true,
    validForCreate: true,
    validForUpdate: true,
    validOData: true,
    isPrimaryId: false,
    isPrimaryName: false,
    custom: false,
    attributeOf: null,
    required: 'none',
    secured: false,
    source: 'simple',
    ...facts,
  };
}

export function lookupTo(from: string, column: string, to: string, navigation: string): OneToMany {
  return {
    schemaName: `${from}_${column}_${to}`,
    referencedTable: to,
    referencedColumn: `${to}id`,
    referencingTable: from,
    referencingColumn: column,
    referencedNavigation: null,
    referencingNavigation: navigation,
    hierarchical: false,
    custom: false,
    cascadeDelete: 'NoCascade',
    cascadeAssign: 'NoCascade',
  };
}

/** An ordinary table with the columns given, its id and name among them. */
export function tableWith(
  name: string,
  entitySet: string,
  columns: readonly ColumnMetadata[],
  facts: Partial<TableDetails> = {},
): TableDetails {
  return {
    name,
    schemaName: name,
    id: `id of ${name}`,
    label: name,
    collectionLabel: entitySet,
    kind: 'standard',
    entitySet,
    exposed: true,
    primaryId: `${name}id`,
    primaryName: 'name',
    primaryImage: null,
    objectTypeCode: 1,
    ownership: 'user',
    custom: false,
    isPrivate: false,
    isLogical: false,
    isSolutionAware: false,
    isBusinessProcessFlow: false,
    hasNotes: true,
    hasActivities: true,
    changeTracking: true,
    changeTrackingPossible: true,
    optimisticConcurrency: true,
    enforcesStateTransitions: false,
    privileges: [],
    columns: [
      columnWith(`${name}id`, { kind: 'guid', isPrimaryId: true, validForUpdate: false }),
      columnWith('name', { isPrimaryName: true }),
      ...columns,
    ],
    manyToOne: [],
    oneToMany: [],
    manyToMany: [],
    keys: [],
    ...facts,
  };
}

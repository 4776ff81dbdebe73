import type { ColumnMetadata, Environment, TableDetails } from '../../src/dataverse/index.ts';

/** Small pieces of metadata for tests of plans; what a test does not say is as in an ordinary custom table. */
export const environment: Environment = {
  organizationId: '11111111-0000-4000-8000-000000000001',
  environmentId: '22222222-0000-4000-8000-000000000002',
  tenantId: null,
  uniqueName: 'unq1',
  friendlyName: 'Contoso',
  url: 'https://contoso.crm4.dynamics.com',
  version: '9.2.0',
  isTeams: false,
  userId: '33333333-0000-4000-8000-000000000003',
  businessUnitId: '44444444-0000-4000-8000-000000000004',
  expireChangeTrackingInDays: 7,
  maxUploadFileSize: 5_242_880,
  baseCurrencyId: null,
  baseCurrencyCode: null,
  languageCode: 1033,
  auditEnabled: false,
  blockedAttachments: [],
  ownershipAcrossBusinessUnits: false,
  parallelism: null,
};

export function column(name: string, facts: Partial<ColumnMetadata> = {}): ColumnMetadata {
  return {
    name,
    schemaName: name,
    id: `id-of-${name}`,
    kind: 'text',
    label: name,
    validForRead: true,
    validForCreate: true,
    validForUpdate: true,
    validOData: true,
    isPrimaryId: false,
    isPrimaryName: false,
    custom: true,
    attributeOf: null,
    required: 'none',
    secured: false,
    source: 'simple',
    ...facts,
  };
}

export function details(
  name: string,
  facts: Partial<TableDetails> = {},
  columns: readonly ColumnMetadata[] = [],
): TableDetails {
  const own = [
    column(`${name}id`, { kind: 'guid', isPrimaryId: true }),
    column('versionnumber', { kind: 'bigint' }),
  ];
  return {
    name,
    schemaName: name,
    id: `id-of-${name}`,
    label: name,
    collectionLabel: `${name}s`,
    kind: 'standard',
    entitySet: `${name}s`,
    exposed: true,
    primaryId: `${name}id`,
    primaryName: null,
    primaryImage: null,
    objectTypeCode: 10_001,
    ownership: 'user',
    custom: true,
    isPrivate: false,
    isLogical: false,
    isSolutionAware: false,
    isBusinessProcessFlow: false,
    hasNotes: false,
    hasActivities: false,
    changeTracking: true,
    changeTrackingPossible: true,
    optimisticConcurrency: true,
    enforcesStateTransitions: false,
    privileges: [{ id: `read-${name}`, name: `prvRead${name}`, verb: 'Read' }],
    columns: [...own, ...columns],
    manyToOne: [],
    oneToMany: [],
    manyToMany: [],
    keys: [],
    ...facts,
  };
}

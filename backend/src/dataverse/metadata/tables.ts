import type { WebApi, Json } from '../web-api.ts';
import { child, flag, label, list, number, text } from './fields.ts';
import { byCodePoint } from './select.ts';
import type { PrivilegeVerb, TableKind, TableMetadata, TablePrivilege } from './types.ts';

export const tableProperties = [
  'MetadataId',
  'LogicalName',
  'SchemaName',
  'DisplayName',
  'DisplayCollectionName',
  'EntitySetName',
  'PrimaryIdAttribute',
  'PrimaryNameAttribute',
  'PrimaryImageAttribute',
  'ObjectTypeCode',
  'OwnershipType',
  'TableType',
  'DataProviderId',
  'IsIntersect',
  'IsActivity',
  'IsCustomEntity',
  'IsPrivate',
  'IsLogicalEntity',
  'IsSolutionAware',
  'IsBPFEntity',
  'HasNotes',
  'HasActivities',
  'ChangeTrackingEnabled',
  'CanChangeTrackingBeEnabled',
  'IsOptimisticConcurrencyEnabled',
  'EnforceStateTransitions',
  'Privileges',
];

/** The data provider of elastic tables; any other provider makes a table virtual. */
const elasticProvider = '1d9bde74-9ebd-4da9-8ff5-aa74945b9f74';

/** Every table, in two requests: metadata has no pages. */
export async function readTables(api: WebApi): Promise<readonly TableMetadata[]> {
  const [definitions, served] = await Promise.all([
    api.list(`EntityDefinitions?$select=${tableProperties.join(',')}`, { definitions: true }),
    servedSets(api),
  ]);
  return definitions
    .map((definition) => tableOf(definition, served))
    .sort((a, b) => byCodePoint(a.name, b.name));
}

/** The service document lists the entity sets that are really there. */
async function servedSets(api: WebApi): Promise<ReadonlySet<string>> {
  const sets = await api.list('');
  return new Set(sets.map((set) => text(set, 'url') ?? text(set, 'name') ?? ''));
}

export function tableOf(definition: Json, served: ReadonlySet<string>): TableMetadata {
  const name = text(definition, 'LogicalName') ?? '';
  const entitySet = text(definition, 'EntitySetName');
  const primaryId = text(definition, 'PrimaryIdAttribute');
  return {
    name,
    schemaName: text(definition, 'SchemaName') ?? name,
    id: (text(definition, 'MetadataId') ?? '').toLowerCase(),
    label: label(definition, 'DisplayName') ?? name,
    collectionLabel: label(definition, 'DisplayCollectionName') ?? name,
    kind: kindOf(definition),
    entitySet,
    exposed: entitySet !== null && primaryId !== null && served.has(entitySet),
    primaryId,
    primaryName: text(definition, 'PrimaryNameAttribute'),
    primaryImage: text(definition, 'PrimaryImageAttribute'),
    objectTypeCode: number(definition, 'ObjectTypeCode') ?? 0,
    ownership: ownershipOf(text(definition, 'OwnershipType') ?? ''),
    custom: flag(definition, 'IsCustomEntity'),
    isPrivate: flag(definition, 'IsPrivate'),
    isLogical: flag(definition, 'IsLogicalEntity'),
    isSolutionAware: flag(definition, 'IsSolutionAware'),
    isBusinessProcessFlow: flag(definition, 'IsBPFEntity'),
    hasNotes: flag(definition, 'HasNotes'),
    hasActivities: flag(definition, 'HasActivities'),
    changeTracking: flag(definition, 'ChangeTrackingEnabled'),
    changeTrackingPossible: flag(definition, 'CanChangeTrackingBeEnabled'),
    optimisticConcurrency: flag(definition, 'IsOptimisticConcurrencyEnabled'),
    enforcesStateTransitions: flag(definition, 'EnforceStateTransitions'),
    privileges: list(definition, 'Privileges').flatMap(privilegeOf),
  };
}

function kindOf(definition: Json): TableKind {
  const provider = text(definition, 'DataProviderId')?.toLowerCase() ?? null;
  const type = text(definition, 'TableType');
  if (type === 'Elastic' || provider === elasticProvider) return 'elastic';
  if (type === 'Virtual' || provider !== null) return 'virtual';
  if (flag(definition, 'IsIntersect')) return 'intersect';
  return flag(definition, 'IsActivity') ? 'activity' : 'standard';
}

function ownershipOf(type: string): TableMetadata['ownership'] {
  switch (type) {
    case 'UserOwned':
    case 'TeamOwned':
      return 'user';
    case 'BusinessOwned':
    case 'BusinessParented':
      return 'businessUnit';
    case 'OrganizationOwned':
      return 'organization';
    default:
      return 'none';
  }
}

const verbs: readonly PrivilegeVerb[] = [
  'Create',
  'Read',
  'Write',
  'Delete',
  'Assign',
  'Share',
  'Append',
  'AppendTo',
];

function privilegeOf(privilege: Json): TablePrivilege[] {
  const type = text(privilege, 'PrivilegeType');
  const verb = verbs.find((one) => one === type);
  const name = text(privilege, 'Name');
  if (verb === undefined || name === null) return [];
  return [{ id: (text(privilege, 'PrivilegeId') ?? '').toLowerCase(), name, verb }];
}

/** Answers of relationships and keys come under the same names as their lists. */
export function cascadeOf(relationship: Json, action: string): string {
  return text(child(relationship, 'CascadeConfiguration'), action) ?? 'NoCascade';
}

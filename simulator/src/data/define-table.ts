import type {
  ColumnDefinition,
  OneToManyDefinition,
  PrivilegeDefinition,
  TableDefinition,
  Verb,
} from '../model/definitions.ts';
import { choice, defineColumn, nameCompanions, type ColumnDraft } from './define-column.ts';
import { stableId } from './stable-id.ts';

const ROW_VERBS: readonly Verb[] = ['Create', 'Read', 'Write', 'Delete', 'Append', 'AppendTo'];

/** Privileges `prv<Verb><name>`. Rows without an owner can be neither assigned nor shared. */
export function privilegesFor(name: string, ownership: TableDefinition['ownership']): PrivilegeDefinition[] {
  const verbs: readonly Verb[] = ownership === 'UserOwned' ? [...ROW_VERBS, 'Assign', 'Share'] : ROW_VERBS;
  return verbs.map((verb) => ({ id: stableId('privilege', verb, name), name: `prv${verb}${name}`, verb }));
}

/** Columns by name, numbered in order where they have no number, each followed by its name companions. */
export function columnMap(
  table: string,
  columns: readonly ColumnDefinition[],
): ReadonlyMap<string, ColumnDefinition> {
  const map = new Map(columns.map((column) => [column.logicalName, column]));
  for (const column of columns) {
    for (const companion of nameCompanions(table, column)) {
      if (!map.has(companion.logicalName)) map.set(companion.logicalName, companion);
    }
  }
  let highest = Math.max(0, ...columns.map((column) => column.columnNumber));
  for (const [name, column] of map) {
    if (column.columnNumber === 0) map.set(name, { ...column, columnNumber: ++highest });
  }
  return map;
}

export interface TableDraft {
  readonly logicalName: string;
  readonly schemaName: string;
  readonly displayName: string;
  readonly displayCollectionName: string;
  readonly objectTypeCode: number;
  readonly primaryId: string;
  readonly primaryName: string | null;
  readonly ownership: 'UserOwned' | 'OrganizationOwned';
  readonly columns: readonly ColumnDefinition[];
  readonly hasNotes?: boolean;
  readonly primaryImage?: string | null;
  readonly keys?: TableDefinition['keys'];
  readonly entitySetName?: string;
  readonly changeTracking?: boolean;
}

/** A custom table as a maker gets it: change tracking and optimistic concurrency on, its own privileges. */
export function customTable(draft: TableDraft): TableDefinition {
  const set = draft.entitySetName ?? pluralOf(draft.logicalName);
  return {
    ...draft,
    metadataId: stableId('table', draft.logicalName),
    entitySetName: set,
    collectionName: set,
    primaryImage: draft.primaryImage ?? null,
    tableType: 'Standard',
    intersect: false,
    activity: false,
    custom: true,
    changeTracking: draft.changeTracking ?? true,
    optimisticConcurrency: true,
    hasNotes: draft.hasNotes ?? false,
    privileges: privilegesFor(draft.schemaName, draft.ownership),
    columns: columnMap(draft.logicalName, draft.columns),
    keys: draft.keys ?? [],
  };
}

/** The plural that the service forms for a new table; it knows a few endings and nothing of English beyond. */
export function pluralOf(name: string): string {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

/** The table of a custom many-to-many: its own id, the two sides as plain guids, the row version. */
export function intersectTable(
  name: string,
  code: number,
  column1: string,
  column2: string,
): TableDefinition {
  const guid = (column: string, write: boolean): ColumnDefinition =>
    defineColumn(name, {
      name: column,
      type: 'UniqueidentifierType',
      validForCreate: write,
      validForUpdate: false,
    });
  return {
    ...customTable({
      logicalName: name,
      schemaName: name,
      displayName: name,
      displayCollectionName: name,
      objectTypeCode: code,
      primaryId: `${name}id`,
      primaryName: null,
      ownership: 'OrganizationOwned',
      entitySetName: `${name}set`,
      columns: [guid(`${name}id`, false), guid(column1, true), guid(column2, true), versionColumn(name)],
    }),
    ownership: 'None',
    intersect: true,
    optimisticConcurrency: false,
    privileges: [],
  };
}

function versionColumn(table: string): ColumnDefinition {
  return readOnly(table, {
    name: 'versionnumber',
    schemaName: 'VersionNumber',
    displayName: 'Version Number',
    type: 'BigIntType',
  });
}

function readOnly(table: string, draft: ColumnDraft): ColumnDefinition {
  return defineColumn(table, { ...draft, validForCreate: false, validForUpdate: false });
}

/** The columns that every table of that ownership has (the list of an exported empty table, plus the row version). */
export function systemColumns(
  table: string,
  ownership: TableDraft['ownership'],
  withState = true,
): ColumnDefinition[] {
  const lookup = (name: string, schemaName: string, target: string, displayName: string): ColumnDefinition =>
    readOnly(table, { name, schemaName, displayName, type: 'LookupType', targets: [target] });
  const owned =
    ownership === 'UserOwned'
      ? [
          defineColumn(table, {
            name: 'ownerid',
            schemaName: 'OwnerId',
            displayName: 'Owner',
            type: 'OwnerType',
            targets: ['systemuser', 'team'],
            requiredLevel: 'SystemRequired',
          }),
          lookup('owningbusinessunit', 'OwningBusinessUnit', 'businessunit', 'Owning Business Unit'),
          lookup('owningteam', 'OwningTeam', 'team', 'Owning Team'),
          lookup('owninguser', 'OwningUser', 'systemuser', 'Owning User'),
        ]
      : [lookup('organizationid', 'OrganizationId', 'organization', 'Organization Id')];
  return [
    lookup('createdby', 'CreatedBy', 'systemuser', 'Created By'),
    readOnly(table, {
      name: 'createdon',
      schemaName: 'CreatedOn',
      displayName: 'Created On',
      type: 'DateTimeType',
    }),
    lookup('createdonbehalfby', 'CreatedOnBehalfBy', 'systemuser', 'Created By (Delegate)'),
    lookup('modifiedby', 'ModifiedBy', 'systemuser', 'Modified By'),
    readOnly(table, {
      name: 'modifiedon',
      schemaName: 'ModifiedOn',
      displayName: 'Modified On',
      type: 'DateTimeType',
    }),
    lookup('modifiedonbehalfby', 'ModifiedOnBehalfBy', 'systemuser', 'Modified By (Delegate)'),
    ...owned,
    ...(withState ? stateColumns(table) : []),
    defineColumn(table, {
      name: 'importsequencenumber',
      schemaName: 'ImportSequenceNumber',
      displayName: 'Import Sequence Number',
      type: 'IntegerType',
      validForUpdate: false,
    }),
    defineColumn(table, {
      name: 'overriddencreatedon',
      schemaName: 'OverriddenCreatedOn',
      displayName: 'Record Created On',
      type: 'DateTimeType',
      format: 'DateOnly',
      validForUpdate: false,
    }),
    defineColumn(table, {
      name: 'timezoneruleversionnumber',
      schemaName: 'TimeZoneRuleVersionNumber',
      displayName: 'Time Zone Rule Version Number',
      type: 'IntegerType',
      minValue: '-1',
    }),
    defineColumn(table, {
      name: 'utcconversiontimezonecode',
      schemaName: 'UTCConversionTimeZoneCode',
      displayName: 'UTC Conversion Time Zone Code',
      type: 'IntegerType',
      minValue: '-1',
    }),
    versionColumn(table),
  ];
}

export function stateColumns(table: string): ColumnDefinition[] {
  const states = [
    choice(0, 'Active', { defaultStatus: 1, invariantName: 'Active' }),
    choice(1, 'Inactive', { defaultStatus: 2, invariantName: 'Inactive' }),
  ];
  const statuses = [choice(1, 'Active', { state: 0 }), choice(2, 'Inactive', { state: 1 })];
  return [
    defineColumn(table, {
      name: 'statecode',
      schemaName: 'statecode',
      displayName: 'Status',
      type: 'StateType',
      requiredLevel: 'SystemRequired',
      options: states,
      optionSetName: `${table}_statecode`,
    }),
    defineColumn(table, {
      name: 'statuscode',
      schemaName: 'statuscode',
      displayName: 'Status Reason',
      type: 'StatusType',
      options: statuses,
      optionSetName: `${table}_statuscode`,
    }),
  ];
}

const NONE = {
  assign: 'NoCascade',
  delete: 'NoCascade',
  merge: 'NoCascade',
  reparent: 'NoCascade',
  share: 'NoCascade',
  unshare: 'NoCascade',
} as const;

export interface LookupDraft {
  readonly schemaName: string;
  readonly parent: string;
  readonly parentId: string;
  readonly child: string;
  readonly column: string;
  readonly navigation: string;
  readonly custom?: boolean;
  readonly cascade?: Partial<OneToManyDefinition['cascade']>;
}

export function lookupRelationship(draft: LookupDraft): OneToManyDefinition {
  return {
    schemaName: draft.schemaName,
    metadataId: stableId('relationship', draft.schemaName, draft.child, draft.column, draft.parent),
    referencedTable: draft.parent,
    referencedColumn: draft.parentId,
    referencingTable: draft.child,
    referencingColumn: draft.column,
    referencedNavigation: draft.schemaName,
    referencingNavigation: draft.navigation,
    custom: draft.custom ?? true,
    hierarchical: false,
    cascade: { ...NONE, ...draft.cascade },
  };
}

const SYSTEM_LOOKUPS: readonly (readonly [column: string, parent: string, parentId: string, name: string])[] =
  [
    ['createdby', 'systemuser', 'systemuserid', 'lk_%_createdby'],
    ['createdonbehalfby', 'systemuser', 'systemuserid', 'lk_%_createdonbehalfby'],
    ['modifiedby', 'systemuser', 'systemuserid', 'lk_%_modifiedby'],
    ['modifiedonbehalfby', 'systemuser', 'systemuserid', 'lk_%_modifiedonbehalfby'],
    ['ownerid', 'owner', 'ownerid', 'owner_%'],
    ['owningbusinessunit', 'businessunit', 'businessunitid', 'business_unit_%'],
    ['owningteam', 'team', 'teamid', 'team_%'],
    ['owninguser', 'systemuser', 'systemuserid', 'user_%'],
    ['organizationid', 'organization', 'organizationid', 'organization_%'],
  ];

/** Relationships of the system lookups that the table has; their navigation properties are lower case. */
export function systemRelationships(table: TableDefinition): OneToManyDefinition[] {
  const currency = 'transactioncurrencyid';
  const found = SYSTEM_LOOKUPS.filter(([column]) => table.columns.get(column)?.targets).map(
    ([column, parent, parentId, name]) =>
      lookupRelationship({
        schemaName: name.replace('%', table.logicalName),
        parent,
        parentId,
        child: table.logicalName,
        column,
        navigation: column,
        custom: false,
      }),
  );
  if (!table.columns.get(currency)?.targets) return found;
  const money = lookupRelationship({
    schemaName: `TransactionCurrency_${table.logicalName}`,
    parent: 'transactioncurrency',
    parentId: currency,
    child: table.logicalName,
    column: currency,
    navigation: currency,
    custom: false,
    cascade: { delete: 'Restrict' },
  });
  return [...found, money];
}

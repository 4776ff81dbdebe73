import type { OneToManyDefinition, TableDefinition } from '../model/definitions.ts';
import { choice, defineColumn, type ColumnDraft } from './define-column.ts';
import {
  customTable,
  lookupRelationship,
  stateColumns,
  systemColumns,
  systemRelationships,
} from './define-table.ts';

type Draft = Omit<ColumnDraft, 'name' | 'schemaName'>;
/** Schema names by kind of column; logical names are the same in lower case. */
type Columns = Readonly<Record<string, Draft>>;

const TEXT: Draft = { type: 'StringType', maxLength: 256 };
const WHOLE: Draft = { type: 'IntegerType' };
const YES_NO: Draft = { type: 'BooleanType' };
const INSTANT: Draft = { type: 'DateTimeType' };
const ID: Draft = { type: 'UniqueidentifierType' };
const TABLE_NAME: Draft = { type: 'EntityNameType' };
const SYSTEM: Partial<Draft> = { validForCreate: false, validForUpdate: false };

/**
 * Tables of the service itself that the recorded metadata leaves out, with the columns that clients read and write:
 * sharing, background jobs, duplicate rules, messages, masking rules, mail attachments, templates of access teams.
 */
export function serviceTables(): { tables: TableDefinition[]; oneToMany: OneToManyDefinition[] } {
  const tables = [
    ...sharingTables(),
    ...duplicateTables(),
    ...messageTables(),
    ...maskingTables(),
    attachment(),
    asyncOperation(),
    teamTemplate(),
  ];
  return { tables, oneToMany: [...tables.flatMap(systemRelationships), ...lookups()] };
}

function sharingTables(): TableDefinition[] {
  return [
    plain('PrincipalObjectAccess', 11, 'principalobjectaccessset', {
      ObjectId: { ...ID, ...SYSTEM },
      ObjectTypeCode: { ...TABLE_NAME, ...SYSTEM },
      PrincipalId: { ...ID, ...SYSTEM },
      PrincipalTypeCode: { ...TABLE_NAME, ...SYSTEM },
      AccessRightsMask: { ...WHOLE, ...SYSTEM },
      InheritedAccessRightsMask: { ...WHOLE, ...SYSTEM },
      ChangedOn: { ...INSTANT, ...SYSTEM },
    }),
    plain('PrincipalObjectAttributeAccess', 44, 'principalobjectattributeaccessset', {
      AttributeId: ID,
      ObjectId: { type: 'LookupType', targets: ['account', 'contact'] },
      PrincipalId: { type: 'LookupType', targets: ['systemuser', 'team'] },
      ReadAccess: YES_NO,
      UpdateAccess: YES_NO,
    }),
  ];
}

function duplicateTables(): TableDefinition[] {
  return [
    owned('DuplicateRule', 4414, 'duplicaterules', 'name', RULE_STATES, {
      Name: TEXT,
      Description: { type: 'MemoType' },
      BaseEntityName: TABLE_NAME,
      MatchingEntityName: TABLE_NAME,
      IsCaseSensitive: YES_NO,
      ExcludeInactiveRecords: YES_NO,
    }),
    plain('DuplicateRuleCondition', 4416, 'duplicateruleconditions', {
      BaseAttributeName: TEXT,
      MatchingAttributeName: TEXT,
      OperatorCode: { type: 'PicklistType', options: OPERATORS, defaultValue: 0 },
      OperatorParam: WHOLE,
      IgnoreBlankValues: YES_NO,
      RegardingObjectId: { type: 'LookupType', targets: ['duplicaterule'] },
    }),
  ];
}

const OPERATORS = [
  choice(0, 'Exact Match'),
  choice(1, 'Same First Characters'),
  choice(2, 'Same Last Characters'),
  choice(3, 'Same Date'),
  choice(4, 'Same Date and Time'),
];

const RULE_STATES: States = {
  states: [
    choice(0, 'Inactive', { defaultStatus: 0, invariantName: 'Inactive' }),
    choice(1, 'Active', { defaultStatus: 2, invariantName: 'Active' }),
  ],
  statuses: [
    choice(0, 'Unpublished', { state: 0 }),
    choice(1, 'Publishing', { state: 0 }),
    choice(2, 'Published', { state: 1 }),
  ],
};

function messageTables(): TableDefinition[] {
  return [
    plain('SdkMessage', 4606, 'sdkmessages', { Name: { ...TEXT, ...SYSTEM }, IsPrivate: YES_NO }),
    plain('SdkMessageFilter', 4607, 'sdkmessagefilters', {
      SdkMessageId: { type: 'LookupType', targets: ['sdkmessage'], ...SYSTEM },
      PrimaryObjectTypeCode: { ...TABLE_NAME, ...SYSTEM },
      SecondaryObjectTypeCode: { ...TABLE_NAME, ...SYSTEM },
      Availability: { ...WHOLE, ...SYSTEM },
    }),
  ];
}

function asyncOperation(): TableDefinition {
  return owned('AsyncOperation', 4700, 'asyncoperations', 'name', JOB_STATES, {
    Name: TEXT,
    OperationType: { type: 'PicklistType', options: JOB_KINDS, ...SYSTEM },
    StartedOn: { ...INSTANT, ...SYSTEM },
    CompletedOn: { ...INSTANT, ...SYSTEM },
    PostponeUntil: INSTANT,
    RecurrencePattern: TEXT,
    ErrorCode: { ...WHOLE, ...SYSTEM },
    Message: { type: 'MemoType', ...SYSTEM },
    FriendlyMessage: { type: 'MemoType' },
  });
}

const JOB_KINDS = [
  choice(7, 'Publish Duplicate Rule'),
  choice(8, 'Detect Duplicates'),
  choice(13, 'Bulk Delete'),
];

const JOB_STATES: States = {
  states: [
    choice(0, 'Ready', { defaultStatus: 0, invariantName: 'Ready' }),
    choice(1, 'Suspended', { defaultStatus: 10, invariantName: 'Suspended' }),
    choice(2, 'Locked', { defaultStatus: 20, invariantName: 'Locked' }),
    choice(3, 'Completed', { defaultStatus: 30, invariantName: 'Completed' }),
  ],
  statuses: [
    choice(0, 'Waiting For Resources', { state: 0 }),
    choice(10, 'Waiting', { state: 1 }),
    choice(20, 'In Progress', { state: 2 }),
    choice(30, 'Succeeded', { state: 3 }),
    choice(31, 'Failed', { state: 3 }),
    choice(32, 'Canceled', { state: 3 }),
  ],
};

/** Which secured columns show masked, and how. */
function maskingTables(): TableDefinition[] {
  return [
    plain('MaskingRule', 10_100, 'maskingrules', {
      Name: TEXT,
      Description: { type: 'MemoType' },
      RegularExpression: TEXT,
      MaskedCharacter: TEXT,
    }),
    plain('AttributeMaskingRule', 10_101, 'attributemaskingrules', {
      EntityName: TABLE_NAME,
      AttributeLogicalName: TEXT,
      MaskingRuleId: { type: 'LookupType', targets: ['maskingrule'] },
    }),
  ];
}

/** The files of mail attachments; several attachments may share one. */
function attachment(): TableDefinition {
  return plain('Attachment', 1002, 'attachments', {
    FileName: { ...TEXT, ...SYSTEM },
    Subject: { ...TEXT, ...SYSTEM },
    MimeType: { ...TEXT, ...SYSTEM },
    FileSize: { ...WHOLE, ...SYSTEM },
    Body: { type: 'MemoType', maxLength: 1_073_741_823, ...SYSTEM },
  });
}

function teamTemplate(): TableDefinition {
  return plain('TeamTemplate', 92, 'teamtemplates', {
    TeamTemplateName: TEXT,
    Description: { type: 'MemoType' },
    ObjectTypeCode: WHOLE,
    DefaultAccessRightsMask: WHOLE,
    IsSystem: { ...YES_NO, ...SYSTEM },
  });
}

const NO_CASCADE = {
  assign: 'NoCascade',
  delete: 'NoCascade',
  merge: 'NoCascade',
  reparent: 'NoCascade',
  share: 'NoCascade',
  unshare: 'NoCascade',
} as const;

function lookups(): OneToManyDefinition[] {
  const to = (
    schemaName: string,
    parent: string,
    child: string,
    column: string,
    navigation = column,
  ): OneToManyDefinition =>
    lookupRelationship({
      schemaName,
      parent,
      parentId: `${parent}id`,
      child,
      column,
      navigation,
      custom: false,
      cascade: { delete: 'Cascade' },
    });
  const shared = 'principalobjectattributeaccess';
  return [
    to(
      'DuplicateRule_DuplicateRuleConditions',
      'duplicaterule',
      'duplicaterulecondition',
      'regardingobjectid',
    ),
    {
      ...to('attachment_activity_mime_attachments', 'attachment', 'activitymimeattachment', 'attachmentid'),
      cascade: { ...NO_CASCADE, delete: 'RemoveLink' },
    },
    to('attributemaskingrule_maskingrule', 'maskingrule', 'attributemaskingrule', 'maskingruleid'),
    to('sdkmessageid_sdkmessagefilter', 'sdkmessage', 'sdkmessagefilter', 'sdkmessageid'),
    ...['account', 'contact'].map((table) =>
      to(`${table}_PrincipalObjectAttributeAccesses`, table, shared, 'objectid', `objectid_${table}`),
    ),
    ...['systemuser', 'team'].map((table) =>
      to(`${table}_principalobjectattributeaccess`, table, shared, 'principalid', `principalid_${table}`),
    ),
  ];
}

interface States {
  readonly states: readonly ReturnType<typeof choice>[];
  readonly statuses: readonly ReturnType<typeof choice>[];
}

/** A table that belongs to nobody and has no state. */
function plain(schemaName: string, code: number, set: string, columns: Columns): TableDefinition {
  const name = schemaName.toLowerCase();
  const named = Object.keys(columns).find((column) => /Name$/.test(column));
  return {
    ...tableOf(schemaName, code, set, named?.toLowerCase() ?? null, 'OrganizationOwned', [
      ...columnsOf(name, schemaName, columns),
      ...systemColumns(name, 'OrganizationOwned', false).filter(({ logicalName }) =>
        ['createdon', 'modifiedon', 'createdby', 'modifiedby', 'versionnumber'].includes(logicalName),
      ),
    ]),
    ownership: 'None',
    privileges: [],
  };
}

function owned(
  schemaName: string,
  code: number,
  set: string,
  primaryName: string,
  { states, statuses }: States,
  columns: Columns,
): TableDefinition {
  const name = schemaName.toLowerCase();
  const stateful = stateColumns(name).map((column) => ({
    ...column,
    options: column.type === 'StateType' ? states : statuses,
  }));
  return tableOf(schemaName, code, set, primaryName, 'UserOwned', [
    ...columnsOf(name, schemaName, columns),
    ...systemColumns(name, 'UserOwned', false),
    ...stateful,
  ]);
}

function tableOf(
  schemaName: string,
  code: number,
  set: string,
  primaryName: string | null,
  ownership: 'UserOwned' | 'OrganizationOwned',
  columns: TableDefinition['columns'] extends ReadonlyMap<string, infer Column> ? readonly Column[] : never,
): TableDefinition {
  const name = schemaName.toLowerCase();
  const label = schemaName.replace(/([a-z])([A-Z])/g, '$1 $2');
  return {
    ...customTable({
      logicalName: name,
      schemaName,
      displayName: label,
      displayCollectionName: `${label}s`,
      objectTypeCode: code,
      primaryId: `${name}id`,
      primaryName,
      ownership,
      entitySetName: set,
      changeTracking: false,
      columns,
    }),
    custom: false,
  };
}

function columnsOf(table: string, schemaName: string, columns: Columns): ReturnType<typeof defineColumn>[] {
  const key: ColumnDraft = {
    name: `${table}id`,
    schemaName: `${schemaName}Id`,
    type: 'UniqueidentifierType',
    requiredLevel: 'SystemRequired',
    validForUpdate: false,
  };
  const others = Object.entries(columns).map(([column, draft]) => ({
    ...draft,
    name: column.toLowerCase(),
    schemaName: column,
  }));
  return [key, ...others].map((draft) => defineColumn(table, draft));
}

import type { OperationFact, ServiceModel, TypeFact } from './service-model.ts';

const TARGET = ['Target', 'mscrm.crmbaseentity'] as const;
const ROWS = 'Collection(mscrm.crmbaseentity)';
const COLUMN = ['FileAttributeName', 'Edm.String'] as const;
const TOKEN = ['FileContinuationToken', 'Edm.String'] as const;
const BLOCKS = ['BlockList', 'Collection(Edm.String)'] as const;
const FILE_NAME = ['FileName', 'Edm.String'] as const;
const COUNTER = [
  ['EntityName', 'Edm.String'],
  ['AttributeName', 'Edm.String'],
] as const;
const SIZE = ['FileSizeInBytes', 'Edm.Int64'] as const;

const UPLOAD_BEGUN: TypeFact = { properties: [TOKEN] };
const DOWNLOAD_BEGUN: TypeFact = {
  properties: [TOKEN, SIZE, FILE_NAME, ['IsChunkingSupported', 'Edm.Boolean']],
};
const PRIVILEGES: TypeFact = { properties: [['RolePrivileges', 'Collection(mscrm.RolePrivilege)']] };

const SEARCH = [
  ['search', 'Edm.String'],
  ['entities', 'Edm.String', 'nullable'],
] as const;
const TOP = ['top', 'Edm.Int32', 'nullable'] as const;
/** JSON in a text. */
const FOUND: TypeFact = { properties: [['response', 'Edm.String']] };
const POLYMORPHIC = [
  ['OneToManyRelationships', 'Collection(mscrm.ComplexOneToManyRelationshipMetadata)'],
  ['Lookup', 'mscrm.ComplexLookupAttributeMetadata'],
  ['SolutionUniqueName', 'Edm.String', 'nullable'],
] as const;

type Parameters = NonNullable<OperationFact['parameters']>;

/** An operation and, where something comes back, the type of its answer, which is always named after it. */
interface Later {
  readonly operation: OperationFact;
  readonly answer?: TypeFact;
}

function later(name: string, parameters: Parameters, answer?: TypeFact, bound = false): Later {
  const operation = {
    name,
    ...(bound ? { bound: true as const } : {}),
    parameters,
    ...(answer === undefined ? {} : { returns: `mscrm.${name}Response` }),
  };
  return answer === undefined ? { operation } : { operation, answer };
}

/** The bulk messages, once for what all tables inherit from. How the real document declares them is not recorded. */
function bulk(name: string, answer?: TypeFact): Later {
  return later(
    name,
    [
      ['entityset', ROWS],
      ['Targets', ROWS],
    ],
    answer,
    true,
  );
}

/** Blocks of notes and of e-mail attachments; the target carries the new name and type. */
function attached(kind: string, id: string): readonly Later[] {
  return [
    later(`Initialize${kind}BlocksUpload`, [TARGET], UPLOAD_BEGUN),
    later(`Commit${kind}BlocksUpload`, [TARGET, TOKEN, BLOCKS], { properties: [[id, 'Edm.Guid'], SIZE] }),
    later(`Initialize${kind}BlocksDownload`, [TARGET], DOWNLOAD_BEGUN),
  ];
}

function aboutUser(name: string, parameter: readonly [string, string]): Later {
  return later(name, [['entity', 'mscrm.systemuser'], parameter], PRIVILEGES, true);
}

const LATER_ACTIONS: readonly Later[] = [
  bulk('CreateMultiple', { properties: [['Ids', 'Collection(Edm.Guid)']] }),
  bulk('UpdateMultiple'),
  bulk('UpsertMultiple'),
  bulk('DeleteMultiple'),
  later('InitializeFileBlocksUpload', [TARGET, COLUMN, FILE_NAME], UPLOAD_BEGUN),
  later('UploadBlock', [['BlockId', 'Edm.String'], ['BlockData', 'Edm.Binary'], TOKEN]),
  later('CommitFileBlocksUpload', [FILE_NAME, ['MimeType', 'Edm.String'], TOKEN, BLOCKS], {
    properties: [['FileId', 'Edm.Guid'], SIZE],
  }),
  later('InitializeFileBlocksDownload', [TARGET, COLUMN], DOWNLOAD_BEGUN),
  later('DownloadBlock', [['Offset', 'Edm.Int64'], ['BlockLength', 'Edm.Int64'], TOKEN], {
    properties: [['Data', 'Edm.Binary']],
  }),
  later('DeleteFile', [['FileId', 'Edm.Guid']]),
  later('Restore', [TARGET], { properties: [['id', 'Edm.Guid']] }),
  later('GetAutoNumberSeed', COUNTER, { properties: [['AutoNumberSeedValue', 'Edm.Int64']] }),
  later('GetNextAutoNumberValue', COUNTER, { properties: [['NextAutoNumberValue', 'Edm.Int64']] }),
  ...attached('Annotation', 'AnnotationId'),
  ...attached('Attachment', 'ActivityMimeAttachmentId'),
  later('CreateEntities', [
    ['Entities', 'Collection(mscrm.EntityMetadata)'],
    ['SolutionUniqueName', 'Edm.String', 'nullable'],
  ]),
  later('CreatePolymorphicLookupAttribute', POLYMORPHIC, {
    properties: [
      ['RelationshipIds', 'Collection(Edm.Guid)'],
      ['AttributeId', 'Edm.Guid'],
    ],
  }),
  later(
    'searchquery',
    [...SEARCH, ['count', 'Edm.Boolean', 'nullable'], ['skip', 'Edm.Int32', 'nullable'], TOP],
    FOUND,
  ),
  later('searchsuggest', [...SEARCH, TOP], FOUND),
  later('searchautocomplete', SEARCH, FOUND),
];

const LATER_FUNCTIONS: readonly Later[] = [
  aboutUser('RetrieveUserPrivilegeByPrivilegeName', ['PrivilegeName', 'Edm.String']),
  aboutUser('RetrieveUserPrivilegeByPrivilegeId', ['PrivilegeId', 'Edm.Guid']),
  aboutUser('RetrieveUserSetOfPrivilegesByNames', ['PrivilegeNames', 'Collection(Edm.String)']),
  aboutUser('RetrieveUserSetOfPrivilegesByIds', ['PrivilegeIds', 'Collection(Edm.Guid)']),
  later(
    'RetrievePrincipalAccessInfo',
    [
      ['entity', 'mscrm.systemuser'],
      ['ObjectId', 'Edm.Guid'],
      ['EntityName', 'Edm.String'],
    ],
    { properties: [['AccessInfo', 'Edm.String']] },
    true,
  ),
];

/** The recorded model with what is newer than the recording; names and parameters as documented. */
export function withLaterOperations(model: ServiceModel): ServiceModel {
  const answers = [...LATER_ACTIONS, ...LATER_FUNCTIONS].flatMap(({ operation, answer }) =>
    answer === undefined ? [] : [[`${operation.name}Response`, answer] as const],
  );
  return {
    ...model,
    complexTypes: { ...model.complexTypes, ...Object.fromEntries(answers) },
    actions: [...model.actions, ...LATER_ACTIONS.map((one) => one.operation)],
    functions: [...model.functions, ...LATER_FUNCTIONS.map((one) => one.operation)],
  };
}

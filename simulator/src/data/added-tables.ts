import type { OneToManyDefinition, TableDefinition } from '../model/definitions.ts';
import { defineColumn, type ColumnDraft } from './define-column.ts';
import { columnMap } from './define-table.ts';
import { serviceTables } from './service-tables.ts';
import { stableId } from './stable-id.ts';

/** Tables that the recorded metadata of 2020 does not describe, from the documentation of file columns. */
export function addedTables(): { tables: TableDefinition[]; oneToMany: OneToManyDefinition[] } {
  const service = serviceTables();
  return {
    tables: [ownerTable(), fileAttachmentTable(), ...service.tables],
    oneToMany: service.oneToMany,
  };
}

/** The abstract table behind owner lookups: relationships name it, nothing exposes it. */
function ownerTable(): TableDefinition {
  return platformTable('owner', 'Owner', 'Owners', 7, null, 'name', [
    { name: 'ownerid', schemaName: 'OwnerId', type: 'UniqueidentifierType', requiredLevel: 'SystemRequired' },
    { name: 'name', schemaName: 'Name', type: 'StringType', maxLength: 160 },
    { name: 'versionnumber', schemaName: 'VersionNumber', type: 'BigIntType' },
  ]);
}

/** One row for each stored file; written by the upload messages only. */
function fileAttachmentTable(): TableDefinition {
  return platformTable(
    'fileattachment',
    'FileAttachment',
    'File Attachments',
    55,
    'fileattachments',
    'filename',
    [
      {
        name: 'fileattachmentid',
        schemaName: 'FileAttachmentId',
        type: 'UniqueidentifierType',
        requiredLevel: 'SystemRequired',
      },
      { name: 'filename', schemaName: 'FileName', type: 'StringType', maxLength: 255 },
      { name: 'filesizeinbytes', schemaName: 'FileSizeInBytes', type: 'BigIntType' },
      { name: 'mimetype', schemaName: 'MimeType', type: 'StringType', maxLength: 256 },
      { name: 'regardingfieldname', schemaName: 'RegardingFieldName', type: 'StringType', maxLength: 256 },
      { name: 'objectid', schemaName: 'ObjectId', type: 'LookupType', targets: [] },
      { name: 'objecttypecode', schemaName: 'ObjectTypeCode', type: 'EntityNameType' },
      { name: 'createdon', schemaName: 'CreatedOn', type: 'DateTimeType' },
      { name: 'versionnumber', schemaName: 'VersionNumber', type: 'BigIntType' },
    ],
  );
}

function platformTable(
  name: string,
  schemaName: string,
  plural: string,
  code: number,
  set: string | null,
  primaryName: string,
  drafts: readonly ColumnDraft[],
): TableDefinition {
  const columns = drafts.map((draft) =>
    defineColumn(name, { ...draft, validForCreate: false, validForUpdate: false }),
  );
  return {
    logicalName: name,
    schemaName,
    metadataId: stableId('table', name),
    entitySetName: set,
    collectionName: set ?? `${name}s`,
    objectTypeCode: code,
    primaryId: `${name}id`,
    primaryName,
    primaryImage: null,
    ownership: 'None',
    tableType: 'Standard',
    intersect: false,
    activity: false,
    custom: false,
    changeTracking: false,
    optimisticConcurrency: false,
    hasNotes: false,
    displayName: schemaName,
    displayCollectionName: plural,
    privileges: [],
    columns: columnMap(name, columns),
    keys: [],
  };
}

import type { RowProvider } from './virtual-tables.ts';

/** The rows of the table `entity`: one for each table, under the id of its definition. */
export const entityRows: RowProvider = ({ schema }) =>
  schema.tables.map((table) => ({
    id: table.metadataId,
    values: {
      name: table.schemaName,
      logicalname: table.logicalName,
      entitysetname: table.entitySetName,
      objecttypecode: table.objectTypeCode,
      createdon: '1900-01-01T00:00:00Z',
      modifiedon: '1900-01-01T00:00:00Z',
    },
  }));

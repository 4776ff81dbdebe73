import { defineColumn } from '../define-column.ts';
import { stableId } from '../stable-id.ts';
import type { ColumnDefinition, KeyDefinition } from '../../model/definitions.ts';

export const ELASTIC_KEY = 'KeyForNoSqlEntityWithPKPartitionId';

/** The columns that an elastic table has beside the usual ones. */
export function elasticColumns(table: string): readonly ColumnDefinition[] {
  return [
    defineColumn(table, {
      name: 'partitionid',
      schemaName: 'PartitionId',
      displayName: 'Partition Id',
      type: 'StringType',
      maxLength: 1024,
      validForUpdate: false,
    }),
    defineColumn(table, {
      name: 'ttlinseconds',
      schemaName: 'TTLInSeconds',
      displayName: 'Time to live',
      type: 'IntegerType',
    }),
  ];
}

/** The alternate key by which a row of a custom partition is addressed. */
export function elasticKey(table: string): KeyDefinition {
  return {
    logicalName: ELASTIC_KEY.toLowerCase(),
    schemaName: ELASTIC_KEY,
    metadataId: stableId('key', table, ELASTIC_KEY),
    columns: [`${table}id`, 'partitionid'],
  };
}

import type { TableDefinition } from '../model/definitions.ts';
import { choice, defineColumn, type ColumnDraft } from './define-column.ts';
import { columnMap } from './define-table.ts';

/**
 * Columns of standard tables that are younger than the recorded metadata and that clients read or write, and one that
 * the record describes as it is on other tables: a currency's own rate can be written.
 */
const LATER: Readonly<Record<string, readonly ColumnDraft[]>> = {
  activitymimeattachment: [
    {
      name: 'attachmentid',
      schemaName: 'AttachmentId',
      displayName: 'Attachment',
      type: 'LookupType',
      targets: ['attachment'],
    },
  ],
  fieldpermission: [
    {
      name: 'canreadunmasked',
      schemaName: 'CanReadUnmasked',
      displayName: 'Can Read Unmasked',
      type: 'PicklistType',
      options: [choice(0, 'Not Allowed'), choice(1, 'One Record'), choice(3, 'All Records')],
      defaultValue: 0,
    },
  ],
  organization: [
    {
      name: 'blockedmimetypes',
      schemaName: 'BlockedMimeTypes',
      displayName: 'Blocked MIME types',
      type: 'MemoType',
      maxLength: 1_073_741_823,
    },
  ],
  transactioncurrency: [
    {
      name: 'exchangerate',
      schemaName: 'ExchangeRate',
      displayName: 'Exchange Rate',
      type: 'DecimalType',
      requiredLevel: 'SystemRequired',
      precision: 12,
      minValue: '0.0000000001',
      maxValue: '100000000000',
    },
  ],
};

export function withLaterColumns(table: TableDefinition): TableDefinition {
  const drafts = LATER[table.logicalName];
  if (drafts === undefined) return table;
  const columns = drafts.map((draft) => defineColumn(table.logicalName, draft));
  return { ...table, columns: columnMap(table.logicalName, [...table.columns.values(), ...columns]) };
}

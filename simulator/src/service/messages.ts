import type { TableDefinition } from '../model/definitions.ts';
import { guidFromText } from '../model/guid.ts';
import { onlyColumns, type Environment } from './environment.ts';

export type BulkMessage = 'CreateMultiple' | 'UpdateMultiple' | 'UpsertMultiple' | 'DeleteMultiple';

const STANDARD: readonly BulkMessage[] = ['CreateMultiple', 'UpdateMultiple'];
const ELASTIC: readonly BulkMessage[] = [...STANDARD, 'UpsertMultiple', 'DeleteMultiple'];

/** Tables that have no bulk messages, as far as clients have met them. */
const WITHOUT_BULK = new Set([
  'activitypointer',
  'activityparty',
  'asyncoperation',
  'attachment',
  'businessunit',
  'fileattachment',
  'organization',
  'owner',
  'principalobjectaccess',
  'queue',
  'role',
  'sdkmessage',
  'sdkmessagefilter',
  'systemuser',
  'team',
]);

/** One row per message and table: what clients ask before they send many rows. Called again after tables were added. */
export function addMessageRows(environment: Environment): void {
  const messages = environment.schema.table('sdkmessage');
  const filters = environment.schema.table('sdkmessagefilter');
  if (messages === undefined || filters === undefined) return;
  const { database } = environment;
  for (const name of ELASTIC) {
    const id = messageId(name);
    if (database.get('sdkmessage', id) === undefined)
      database.put('sdkmessage', id, onlyColumns(messages, { sdkmessageid: id, name, isprivate: false }));
  }
  for (const table of environment.schema.tables) {
    for (const name of messagesOf(table)) {
      const id = filterId(name, table);
      if (database.get('sdkmessagefilter', id) !== undefined) continue;
      const values = {
        sdkmessagefilterid: id,
        sdkmessageid: { table: 'sdkmessage', id: messageId(name) },
        primaryobjecttypecode: table.logicalName,
        secondaryobjecttypecode: 'none',
        availability: 0,
      };
      database.put('sdkmessagefilter', id, onlyColumns(filters, values));
    }
  }
}

/**
 * Does the table take the message? Rows say so; of upserts on standard tables there are none, they go where creates
 * and updates do.
 */
export function supportsMessage(
  environment: Environment,
  table: TableDefinition,
  message: BulkMessage,
): boolean {
  const needed = message === 'UpsertMultiple' && table.tableType !== 'Elastic' ? STANDARD : [message];
  return needed.every(
    (name) => environment.database.get('sdkmessagefilter', filterId(name, table)) !== undefined,
  );
}

function messagesOf(table: TableDefinition): readonly BulkMessage[] {
  if (table.intersect || table.entitySetName === null || table.tableType === 'Virtual') return [];
  if (table.tableType === 'Elastic') return ELASTIC;
  return WITHOUT_BULK.has(table.logicalName) ? [] : STANDARD;
}

function messageId(name: BulkMessage): string {
  return guidFromText(`sdkmessage ${name}`);
}

function filterId(name: BulkMessage, table: TableDefinition): string {
  return guidFromText(`sdkmessagefilter ${name} ${table.logicalName}`);
}

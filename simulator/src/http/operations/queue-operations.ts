import { createRow } from '../../service/create-row.ts';
import { badRequest, unsupportedMessage } from '../../service/errors.ts';
import { isObject } from '../../service/json.ts';
import { activeItemOf, isOpen } from '../../service/table-rules.ts';
import { requireAccess, updateRow } from '../../service/update-row.ts';
import { result, type RowOperation } from './operation.ts';
import { actionBody, requireTarget } from './targets.ts';

/** `queues(id)/…AddToQueue`: puts a row into the queue; one that waits in another queue moves over. */
export const addToQueue: RowOperation = {
  method: 'POST',
  run(call, table, queue) {
    const { context } = call;
    const items = context.environment.schema.table('queueitem');
    if (table.logicalName !== 'queue' || items === undefined) throw unsupportedMessage(table.logicalName);
    const body = actionBody(call, 'AddToQueue');
    const target = requireTarget(call, body['Target'], 'AddToQueue');
    requireAccess(context, target.table, target.row, 'Read');
    if (!isOpen(context.environment, target.table.logicalName, target.row.id))
      throw badRequest('Deactivated object cannot be added to queue.', '0x8004051e');
    const given = body['QueueItemProperties'];
    const bind = { 'queueid@odata.bind': `/queues(${queue.id})` };
    const properties = { ...(isObject(given) ? given : {}), ...bind };
    const item = activeItemOf(context.environment, target.row.id);
    const row =
      item !== undefined
        ? updateRow(context, items, item, properties)
        : createRow(context, items, {
            ...properties,
            [`objectid_${target.table.logicalName}@odata.bind`]: `/${target.table.entitySetName}(${target.row.id})`,
          });
    return result(call, 'AddToQueue', { QueueItemId: row.id });
  },
};

import type { TableDefinition } from '../model/definitions.ts';
import { missingPrivilege, privilegeOf } from '../security/rights.ts';
import type { RequestContext } from './context.ts';
import { accessDenied, ServiceError } from './errors.ts';

/**
 * Some tables of the platform have an entity set and cannot be read: the message does not exist for them, nobody
 * has the right, or they can only be queried and not retrieved. @throws ServiceError 405 `0x80040800` or 403
 */
export function refuseRead(
  context: RequestContext,
  table: TableDefinition,
  what: 'row' | 'collection',
): void {
  if (table.reads === 'unsupported' || (table.reads === 'queryOnly' && what === 'row')) {
    const message = what === 'row' ? 'Retrieve' : 'RetrieveMultiple';
    throw new ServiceError(
      405,
      '0x80040800',
      `The '${message}' method does not support entities of type '${table.logicalName}'.`,
    );
  }
  if (table.reads !== 'forbidden') return;
  const privilege = privilegeOf(table, 'Read');
  throw privilege === undefined ? accessDenied() : missingPrivilege(context.caller, privilege, table);
}

import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import { mayTouch } from '../security/columns.ts';
import type { RowValues } from '../store/table-store.ts';
import { isReference, plainText, referenceId, type Reference } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import type { Environment } from './environment.ts';
import { badRequest, ServiceError } from './errors.ts';

/**
 * A secured column of one row, shared with one user or team: a row of `principalobjectattributeaccess`. Whoever shares
 * must be allowed to change the column. @throws ServiceError
 */
export function refuseAttributeShare(context: RequestContext, id: string, values: RowValues): void {
  const { environment, caller } = context;
  const object = values['objectid'];
  const found = isReference(object)
    ? securedColumn(environment, object, plainText(values['attributeid']))
    : undefined;
  if (found === undefined || !isReference(object))
    throw badRequest(
      'One or more fields are not enabled for field level security. Field level security is not enabled until you ' +
        'publish the customizations.',
      '0x8004f508',
    );
  if (values['readaccess'] !== true && values['updateaccess'] !== true)
    throw badRequest(
      `You must set read and/or update access when you share a secured attribute. Attribute ID: ${plainText(values['attributeid'])}`,
      '0x8004f509',
    );
  if (!mayTouch(environment, caller, found.table, found.column, 'update', object.id))
    throw new ServiceError(
      403,
      '0x8004f503',
      'The user does not have update permissions to a secured field. The requested operation could not be completed.',
    );
  if (isRepeated(environment, id, values))
    throw badRequest('Attribute has already been shared.', '0x8004f50b');
}

function securedColumn(
  environment: Environment,
  object: Reference,
  attributeId: string,
): { table: TableDefinition; column: ColumnDefinition } | undefined {
  const table = environment.schema.table(object.table);
  const column = [...(table?.columns.values() ?? [])].find(({ metadataId }) => metadataId === attributeId);
  return table !== undefined && column?.secured === true ? { table, column } : undefined;
}

function isRepeated(environment: Environment, id: string, values: RowValues): boolean {
  const shares = environment.database.store('principalobjectattributeaccess');
  return shares.referrers('objectid', referenceId(values['objectid']) ?? '').some((other) => {
    const share = shares.get(other);
    return (
      other !== id &&
      share?.values['attributeid'] === values['attributeid'] &&
      referenceId(share?.values['principalid']) === referenceId(values['principalid'])
    );
  });
}

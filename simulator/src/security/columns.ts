import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import type { Environment } from '../service/environment.ts';
import { ServiceError } from '../service/errors.ts';
import type { RowValues } from '../store/table-store.ts';
import { referenceId } from '../store/values.ts';
import { linked, type Caller, type UserRights } from './rights.ts';

export type ColumnAction = 'read' | 'create' | 'update';

/** `fieldpermission` stores 4 for allowed. */
const PERMISSION_COLUMNS: Readonly<Record<ColumnAction, string>> = {
  read: 'canread',
  create: 'cancreate',
  update: 'canupdate',
};

/**
 * May the caller do this with a secured column? When impersonating both accounts must be allowed. With a row's id what
 * is shared of that row alone counts too.
 */
export function mayTouch(
  environment: Environment,
  caller: Caller,
  table: TableDefinition,
  column: ColumnDefinition,
  action: ColumnAction,
  rowId?: string,
): boolean {
  if (column.secured !== true) return true;
  const accounts = caller.actor === undefined ? [caller.user] : [caller.user, caller.actor];
  return accounts.every(
    (account) =>
      accountMay(environment, account, table, column, action) ||
      (rowId !== undefined && isShared(environment, account, column, action, rowId)),
  );
}

/** Is the column of that row shared with the account or one of its teams? */
function isShared(
  environment: Environment,
  account: UserRights,
  column: ColumnDefinition,
  action: ColumnAction,
  rowId: string,
): boolean {
  const shares = environment.database.store('principalobjectattributeaccess');
  const granted = action === 'read' ? 'readaccess' : 'updateaccess';
  return shares.referrers('objectid', rowId).some((id) => {
    const values = shares.get(id)?.values;
    const principal = referenceId(values?.['principalid']) ?? '';
    return (
      values?.['attributeid'] === column.metadataId &&
      values[granted] === true &&
      action !== 'create' &&
      (principal === account.userId || account.teamIds.has(principal))
    );
  });
}

function accountMay(
  environment: Environment,
  account: UserRights,
  table: TableDefinition,
  column: ColumnDefinition,
  action: ColumnAction,
): boolean {
  if (account.administrator) return true;
  return permissionsOf(environment, account, table, column).some(
    (values) => Number(values[PERMISSION_COLUMNS[action]]) === 4,
  );
}

/** What the profiles of the account and of its teams say of the column. */
function permissionsOf(
  environment: Environment,
  account: UserRights,
  table: TableDefinition,
  column: ColumnDefinition,
): RowValues[] {
  const { database } = environment;
  const profiles = new Set(
    linked(database, 'systemuserprofiles', 'systemuserid', account.userId, 'fieldsecurityprofileid'),
  );
  for (const team of account.teamIds) {
    for (const id of linked(database, 'teamprofiles', 'teamid', team, 'fieldsecurityprofileid'))
      profiles.add(id);
  }
  const permissions = database.store('fieldpermission');
  const rows = [...profiles].flatMap((profile) => permissions.referrers('fieldsecurityprofileid', profile));
  return rows
    .map((id): RowValues => permissions.get(id)?.values ?? {})
    .filter(
      (values) =>
        values['entityname'] === table.logicalName && values['attributelogicalname'] === column.logicalName,
    );
}

/** May the caller see the plain text of a masked column? Impersonated or not, both accounts must be allowed. */
export function mayReadUnmasked(
  environment: Environment,
  caller: Caller,
  table: TableDefinition,
  column: ColumnDefinition,
): boolean {
  const accounts = caller.actor === undefined ? [caller.user] : [caller.user, caller.actor];
  return accounts.every(
    (account) =>
      account.administrator ||
      permissionsOf(environment, account, table, column).some(
        (values) => Number(values['canreadunmasked']) > 0,
      ),
  );
}

/** 403 `0x8004f502` on create, `0x8004f507` on update. */
export function columnDenied(
  caller: Caller,
  table: TableDefinition,
  column: ColumnDefinition,
  action: 'create' | 'update',
): ServiceError {
  return new ServiceError(
    403,
    action === 'create' ? '0x8004f502' : '0x8004f507',
    `Caller user with Id ${caller.user.userId} does not have ${action} permissions to a ${column.displayName} ` +
      `secured field on entity ${table.displayName}. The requested operation could not be completed.`,
  );
}

import type { TableDefinition } from '../../model/definitions.ts';
import { ServiceError, badRequest } from '../../service/errors.ts';
import { cascadeShare } from '../../service/inherited-access.ts';
import { isObject, type Json, type JsonObject } from '../../service/json.ts';
import { ACCESS_BITS, changeShare, sharesOf } from '../../service/shares.ts';
import { requireAccess } from '../../service/update-row.ts';
import type { Row } from '../../store/table-store.ts';
import { plainText, referenceId, type Reference } from '../../store/values.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { result, type Operation } from './operation.ts';
import {
  actionBody,
  argumentTarget,
  missingParameter,
  readTarget,
  requireTarget,
  requireText,
} from './targets.ts';

/** Sharing of single rows, which reaches the children of a row as the relationships say. */
export const sharingOperations = {
  GrantAccess: { method: 'POST', run: (call) => share(call, 'GrantAccess') },
  ModifyAccess: { method: 'POST', run: (call) => share(call, 'ModifyAccess') },
  RevokeAccess: { method: 'POST', run: revoke },
  RetrieveSharedPrincipalsAndAccess: { method: 'GET', run: sharedWith },
} satisfies Record<string, Operation>;

/** Modify replaces what is shared already; Grant adds to it by default. */
function share(call: Call, action: 'GrantAccess' | 'ModifyAccess'): ApiResponse {
  const { environment } = call.context;
  const body = actionBody(call, action);
  const { table, row } = requireShareable(call, body['Target'], action);
  const access = body['PrincipalAccess'];
  if (!isObject(access)) throw missingParameter('PrincipalAccess', action);
  const principal = principalOf(call, access['Principal'], action);
  if (principal.id === referenceId(row.values['ownerid'])) {
    throw badRequest('Sharing a record with its owner is not allowed.', '0x80040214');
  }
  const mask = maskOf(access, action);
  const replaces = action === 'ModifyAccess' || environment.switches.sharingAgain === 'replaces';
  environment.database.transaction(() => {
    changeShare(environment, { table: table.logicalName, id: row.id }, principal, ({ own, inherited }) => ({
      own: replaces ? mask : own | mask,
      inherited,
    }));
    cascadeShare(environment, table, row, principal, { mask, replaces });
  });
  return noContent();
}

function revoke(call: Call): ApiResponse {
  const { environment } = call.context;
  const body = actionBody(call, 'RevokeAccess');
  const { table, row } = requireShareable(call, body['Target'], 'RevokeAccess');
  const principal = principalOf(call, body['Revokee'], 'RevokeAccess');
  environment.database.transaction(() => {
    changeShare(environment, { table: table.logicalName, id: row.id }, principal, ({ inherited }) => ({
      own: 0,
      inherited,
    }));
    cascadeShare(environment, table, row, principal, { mask: 0, replaces: true });
  });
  return noContent();
}

function requireShareable(
  call: Call,
  target: Json | undefined,
  action: string,
): { table: TableDefinition; row: Row } {
  const found = requireTarget(call, target, action);
  requireAccess(call.context, found.table, found.row, 'Share');
  return found;
}

/** Only what was granted on the row itself; inherited rights are in `principalobjectaccessset`. */
function sharedWith(call: Call, argument: string): ApiResponse {
  const { table, row } = argumentTarget(call, argument, 'Target', 'RetrieveSharedPrincipalsAndAccess');
  requireAccess(call.context, table, row, 'Read');
  const PrincipalAccesses = sharesOf(call.context.environment, row.id)
    .filter(({ values }) => Number(values['accessrightsmask']) !== 0)
    .map(({ values }) => ({
      AccessMask: accessNames(Number(values['accessrightsmask'])),
      Principal: {
        '@odata.type': `#Microsoft.Dynamics.CRM.${plainText(values['principaltypecode'])}`,
        ownerid: values['principalid'],
      },
    }));
  return result(call, 'RetrieveSharedPrincipalsAndAccess', { PrincipalAccesses });
}

function principalOf(call: Call, value: Json | undefined, action: string): Reference {
  const { table, id } = readTarget(call, value, action);
  if (id === undefined || call.context.environment.database.get(table.logicalName, id) === undefined) {
    throw new ServiceError(
      404,
      '0x80040217',
      `Entity '${table.logicalName}' With Id = ${id ?? ''} Does Not Exist`,
    );
  }
  return { table: table.logicalName, id };
}

function maskOf(access: JsonObject, action: string): number {
  return requireText(access, 'AccessMask', action)
    .split(',')
    .reduce((mask, name) => {
      const bit = ACCESS_BITS[name.trim()];
      if (bit === undefined) throw badRequest(`'${name.trim()}' is no access right.`, '0x80048d19');
      return mask | bit;
    }, 0);
}

/** `ReadAccess, WriteAccess`; `None` for nothing. */
export function accessNames(mask: number): string {
  const names = Object.entries(ACCESS_BITS).flatMap(([name, bit]) => ((mask & bit) === 0 ? [] : [name]));
  return names.join(', ') || 'None';
}

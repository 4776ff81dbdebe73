import { parseArguments } from '../../odata/url.ts';
import { ServiceError, badRequest } from '../../service/errors.ts';
import { isObject, parseJson, type Json } from '../../service/json.ts';
import { requireAccess } from '../../service/update-row.ts';
import type { Row } from '../../store/table-store.ts';
import { plainText, referenceId } from '../../store/values.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { result, type Operation } from './operation.ts';
import { actionBody, missingParameter, readTarget, requireTarget, requireText } from './targets.ts';

/** Sharing of single rows. */
export const sharingOperations = {
  GrantAccess: { method: 'POST', run: (call) => share(call, 'GrantAccess') },
  ModifyAccess: { method: 'POST', run: (call) => share(call, 'ModifyAccess') },
  RevokeAccess: { method: 'POST', run: revoke },
  RetrieveSharedPrincipalsAndAccess: { method: 'GET', run: sharedWith },
} satisfies Record<string, Operation>;

const BITS: Readonly<Record<string, number>> = {
  ReadAccess: 1,
  WriteAccess: 2,
  AppendAccess: 4,
  AppendToAccess: 16,
  CreateAccess: 32,
  DeleteAccess: 65536,
  ShareAccess: 262144,
  AssignAccess: 524288,
};

/** Grant adds to what is shared already, Modify replaces it. */
function share(call: Call, action: 'GrantAccess' | 'ModifyAccess'): ApiResponse {
  const body = actionBody(call, action);
  const { table, row } = requireTarget(call, body['Target'], action);
  requireAccess(call.context, table, row, 'Share');
  const access = body['PrincipalAccess'];
  if (!isObject(access)) throw missingParameter('PrincipalAccess', action);
  const principal = principalOf(call, access['Principal'], action);
  if (principal.id === referenceId(row.values['ownerid'])) {
    throw badRequest('Sharing a record with its owner is not allowed.', '0x80040214');
  }
  const mask = maskOf(requireText(access, 'AccessMask', action));
  const { database, newId } = call.context.environment;
  const existing = findShare(call, row.id, principal.id);
  const before = action === 'GrantAccess' ? Number(existing?.values['accessrightsmask'] ?? 0) : 0;
  const id = existing?.id ?? newId();
  database.put('principalobjectaccess', id, {
    principalobjectaccessid: id,
    objectid: row.id,
    objecttypecode: table.logicalName,
    principalid: principal.id,
    principaltypecode: principal.table,
    accessrightsmask: before | mask,
    inheritedaccessrightsmask: 0,
  });
  return noContent();
}

function revoke(call: Call): ApiResponse {
  const body = actionBody(call, 'RevokeAccess');
  const { table, row } = requireTarget(call, body['Target'], 'RevokeAccess');
  requireAccess(call.context, table, row, 'Share');
  const existing = findShare(call, row.id, principalOf(call, body['Revokee'], 'RevokeAccess').id);
  if (existing !== undefined) call.context.environment.database.remove('principalobjectaccess', existing.id);
  return noContent();
}

function sharedWith(call: Call, argument: string): ApiResponse {
  const text = parseArguments(argument, call.url.query).get('Target') ?? '{}';
  const parsed: Json = parseJson(text.replaceAll("'", '"'), 'RetrieveSharedPrincipalsAndAccess');
  const { table, row } = requireTarget(call, parsed, 'RetrieveSharedPrincipalsAndAccess');
  requireAccess(call.context, table, row, 'Read');
  const PrincipalAccesses = sharesOf(call, row.id).map(({ values }) => ({
    AccessMask: namesOf(Number(values['accessrightsmask'])),
    Principal: {
      '@odata.type': `#Microsoft.Dynamics.CRM.${plainText(values['principaltypecode'])}`,
      ownerid: values['principalid'],
    },
  }));
  return result(call, 'RetrieveSharedPrincipalsAndAccess', { PrincipalAccesses });
}

function principalOf(call: Call, value: Json | undefined, action: string): { table: string; id: string } {
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

function sharesOf(call: Call, rowId: string): Row[] {
  const store = call.context.environment.database.store('principalobjectaccess');
  return store.referrers('objectid', rowId).flatMap((id) => store.get(id) ?? []);
}

function findShare(call: Call, rowId: string, principalId: string): Row | undefined {
  return sharesOf(call, rowId).find((row) => row.values['principalid'] === principalId);
}

function maskOf(text: string): number {
  return text.split(',').reduce((mask, name) => {
    const bit = BITS[name.trim()];
    if (bit === undefined) throw badRequest(`'${name.trim()}' is no access right.`, '0x80048d19');
    return mask | bit;
  }, 0);
}

function namesOf(mask: number): string {
  const names = Object.entries(BITS).flatMap(([name, bit]) => ((mask & bit) === 0 ? [] : [name]));
  return names.join(', ') || 'None';
}

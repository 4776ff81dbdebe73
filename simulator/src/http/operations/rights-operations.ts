import type { TableDefinition, Verb } from '../../model/definitions.ts';
import { parseArguments, unquote } from '../../odata/url.ts';
import { covers, DEPTH_NAMES, requirePrivilege, type Depth, type UserRights } from '../../security/rights.ts';
import { badRequest, rowNotFound, segmentNotFound } from '../../service/errors.ts';
import { isList, isObject, numberText, textMember } from '../../service/json.ts';
import { privilegeIds } from '../../service/roles.ts';
import { ACCESS_BITS, masksOf, shareWith } from '../../service/shares.ts';
import type { Row } from '../../store/table-store.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { result, type RowOperation } from './operation.ts';
import { accessNames } from './sharing-operations.ts';
import { actionBody, argumentTarget, argumentValue, missingParameter } from './targets.ts';

/** Functions about the rights of a user or team, and grants to roles. */
export const rightsOperations: Readonly<Record<string, RowOperation>> = {
  RetrieveUserPrivilegeByPrivilegeName: { method: 'GET', run: privilegeByName },
  RetrieveUserPrivilegeByPrivilegeId: { method: 'GET', run: privilegeById },
  RetrieveUserSetOfPrivilegesByNames: { method: 'GET', run: privilegesByNames },
  RetrieveUserSetOfPrivilegesByIds: { method: 'GET', run: privilegesByIds },
  RetrieveUserPrivileges: { method: 'GET', run: allPrivileges },
  RetrievePrincipalAccess: { method: 'GET', run: principalAccess },
  RetrievePrincipalAccessInfo: { method: 'GET', run: principalAccessInfo },
  AddPrivilegesRole: { method: 'POST', run: addPrivilegesRole },
};

function userRights(call: Call, table: TableDefinition, row: Row): UserRights {
  if (table.logicalName !== 'systemuser') throw segmentNotFound(table.entitySetName ?? table.logicalName);
  return call.context.environment.security.rightsOf(row.id);
}

function grants(call: Call, rights: UserRights, names: readonly string[]): Record<string, unknown>[] {
  const ids = privilegeIds(call.context.environment);
  return names.flatMap((name) => {
    const depth = rights.depth(name);
    const id = ids.get(name);
    if (depth === 0 || id === undefined) return [];
    return [
      {
        Depth: DEPTH_NAMES[depth],
        PrivilegeId: id,
        BusinessUnitId: rights.businessUnitId,
        PrivilegeName: name,
        RecordFilterId: '00000000-0000-0000-0000-000000000000',
        RecordFilterUniqueName: '',
      },
    ];
  });
}

function privilegeByName(call: Call, table: TableDefinition, row: Row, argument: string): ApiResponse {
  const name = unquote(parseArguments(argument, call.url.query).get('PrivilegeName') ?? '');
  const rights = userRights(call, table, row);
  return result(call, 'RetrieveUserPrivilegeByPrivilegeName', {
    RolePrivileges: grants(call, rights, [name]),
  });
}

function privilegeById(call: Call, table: TableDefinition, row: Row, argument: string): ApiResponse {
  const id = unquote(parseArguments(argument, call.url.query).get('PrivilegeId') ?? '').toLowerCase();
  const name = [...privilegeIds(call.context.environment)].find(([, one]) => one === id)?.[0];
  const rights = userRights(call, table, row);
  const names = name === undefined ? [] : [name];
  return result(call, 'RetrieveUserPrivilegeByPrivilegeId', { RolePrivileges: grants(call, rights, names) });
}

function privilegesByNames(call: Call, table: TableDefinition, row: Row, argument: string): ApiResponse {
  const text = parseArguments(argument, call.url.query).get('PrivilegeNames') ?? '[]';
  const names = [...text.matchAll(/['"]([^'"]+)['"]/g)].map((match) => match[1]!); // one group
  const rights = userRights(call, table, row);
  return result(call, 'RetrieveUserSetOfPrivilegesByNames', { RolePrivileges: grants(call, rights, names) });
}

function allPrivileges(call: Call, table: TableDefinition, row: Row): ApiResponse {
  const names = [...privilegeIds(call.context.environment).keys()];
  const rights = userRights(call, table, row);
  return result(call, 'RetrieveUserPrivileges', { RolePrivileges: grants(call, rights, names) });
}

function privilegesByIds(call: Call, table: TableDefinition, row: Row, argument: string): ApiResponse {
  const action = 'RetrieveUserSetOfPrivilegesByIds';
  const list = argumentValue(call, argument, 'PrivilegeIds', action);
  if (!isList(list)) throw missingParameter('PrivilegeIds', action);
  const ids = new Set(list.map((id) => (typeof id === 'string' ? id.toLowerCase() : '')));
  const names = [...privilegeIds(call.context.environment)].filter(([, id]) => ids.has(id));
  const rights = userRights(call, table, row);
  return result(call, action, {
    RolePrivileges: grants(
      call,
      rights,
      names.map(([name]) => name),
    ),
  });
}

const ACCESS: readonly (readonly [Verb, string])[] = [
  ['Read', 'ReadAccess'],
  ['Write', 'WriteAccess'],
  ['Append', 'AppendAccess'],
  ['AppendTo', 'AppendToAccess'],
  ['Create', 'CreateAccess'],
  ['Delete', 'DeleteAccess'],
  ['Share', 'ShareAccess'],
  ['Assign', 'AssignAccess'],
];

/** Users and teams hold rights of their own; the organization stands for whoever asks. */
function principalRights(call: Call, table: TableDefinition, row: Row): UserRights {
  const { security } = call.context.environment;
  if (table.logicalName === 'team') return security.rightsOfTeam(row.id);
  if (table.logicalName === 'organization') return call.context.caller.user;
  return userRights(call, table, row);
}

function accessMask(call: Call, user: UserRights, target: { table: TableDefinition; row: Row }): number {
  const { database } = call.context.environment;
  return ACCESS.filter(([verb]) =>
    covers({ user, actor: undefined }, target.table, verb, target.row, database),
  )
    .map(([, name]) => ACCESS_BITS[name] ?? 0)
    .reduce((mask, bit) => mask | bit, 0);
}

/** What the user or team may do with one row that is there. */
function principalAccess(call: Call, table: TableDefinition, row: Row, argument: string): ApiResponse {
  const target = argumentTarget(call, argument, 'Target', 'RetrievePrincipalAccess');
  const mask = accessMask(call, principalRights(call, table, row), target);
  return result(call, 'RetrievePrincipalAccess', { AccessRights: accessNames(mask) });
}

/** The same with its parts: from roles and ownership, and from shares. The answer is JSON inside a text. */
function principalAccessInfo(call: Call, table: TableDefinition, row: Row, argument: string): ApiResponse {
  const action = 'RetrievePrincipalAccessInfo';
  const { schema, database } = call.context.environment;
  const values = parseArguments(argument, call.url.query);
  const name = unquote(values.get('EntityName') ?? '');
  const id = unquote(values.get('ObjectId') ?? '').toLowerCase();
  const targetTable = schema.table(name);
  const targetRow = database.get(name, id);
  if (targetTable === undefined || targetRow === undefined) throw rowNotFound(name, id);
  const user = principalRights(call, table, row);
  const granted = accessMask(call, user, { table: targetTable, row: targetRow });
  const poa = [user.userId, ...user.teamIds]
    .map((principal) => masksOf(shareWith(call.context.environment, id, principal)))
    .reduce((mask, { own, inherited }) => mask | own | inherited, 0);
  const AccessInfo = JSON.stringify({
    RoleAccessRights: accessNames(granted & ~poa),
    PoaAccessRights: accessNames(granted & poa),
    HsmAccessRights: 'None',
    GrantedAccessRights: accessNames(granted),
  });
  return result(call, action, { AccessInfo });
}

const DEPTH_NUMBERS: Readonly<Record<string, Depth>> = {
  '0': 1,
  Basic: 1,
  '1': 2,
  Local: 2,
  '2': 4,
  Deep: 4,
  '3': 8,
  Global: 8,
};

function addPrivilegesRole(call: Call, table: TableDefinition, row: Row): ApiResponse {
  const { environment, caller } = call.context;
  requirePrivilege(caller, table, 'Write');
  const role = environment.security.roles.get(row.id);
  const list = actionBody(call, 'AddPrivilegesRole')['Privileges'];
  if (role === undefined || !isList(list))
    throw badRequest("Parameter 'Privileges' is missing.", '0x80048d19');
  const names = new Map([...privilegeIds(environment)].map(([name, id]) => [id, name]));
  for (const { privileges } of environment.schema.tables)
    for (const { name, id } of privileges) names.set(id, name);
  for (const item of list) {
    const name = isObject(item)
      ? names.get((textMember(item, 'PrivilegeId') ?? '').toLowerCase())
      : undefined;
    const depth = isObject(item)
      ? DEPTH_NUMBERS[textMember(item, 'Depth') ?? numberText(item['Depth']) ?? '']
      : undefined;
    if (name === undefined || depth === undefined)
      throw badRequest('A privilege of the list is not known.', '0x80040203');
    role.privileges.set(name, depth);
  }
  environment.security.refresh();
  return noContent();
}

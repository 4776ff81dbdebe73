import type { TableDefinition } from '../../model/definitions.ts';
import { badRequest, rowNotFound, unsupportedMessage } from '../../service/errors.ts';
import { createRow } from '../../service/create-row.ts';
import { isList } from '../../service/json.ts';
import { associate, disassociate, findLink } from '../../service/links.ts';
import { changeShare } from '../../service/shares.ts';
import { requireAccess } from '../../service/update-row.ts';
import type { Row } from '../../store/table-store.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { result, type RowOperation } from './operation.ts';
import { actionBody, missingParameter, readTarget, requireTarget } from './targets.ts';

/** `teamtype` of a team that exists for the sake of one row. */
const ACCESS_TEAM = 1;

export const addMembersTeam: RowOperation = {
  method: 'POST',
  run: (call, table, row) => members(call, table, row, 'AddMembersTeam', addMember),
};

export const removeMembersTeam: RowOperation = {
  method: 'POST',
  run: (call, table, row) => members(call, table, row, 'RemoveMembersTeam', removeMember),
};

function members(
  call: Call,
  table: TableDefinition,
  team: Row,
  action: string,
  change: (call: Call, teamId: string, userId: string) => void,
): ApiResponse {
  if (table.logicalName !== 'team') throw unsupportedMessage(table.logicalName);
  const list = actionBody(call, action)['Members'];
  if (!isList(list)) throw missingParameter('Members', action);
  requireAccess(call.context, table, team, 'Write');
  call.context.environment.database.transaction(() => {
    for (const member of list) {
      const { table: kind, id } = readTarget(call, member, action);
      if (kind.logicalName !== 'systemuser') throw unsupportedMessage(kind.logicalName);
      if (id === undefined) throw missingParameter('Members', action);
      change(call, team.id, id);
    }
  });
  return noContent();
}

/** Nothing where the user is a member already. */
function addMember(call: Call, teamId: string, userId: string): void {
  const { link, side, joined } = membership(call, teamId, userId);
  if (!joined) associate(call.context, link, side, teamId, userId);
}

function removeMember(call: Call, teamId: string, userId: string): void {
  const { link, side, joined } = membership(call, teamId, userId);
  if (joined) disassociate(call.context, link, side, teamId, userId);
}

function membership(call: Call, teamId: string, userId: string) {
  const { environment } = call.context;
  const link = environment.schema.linkOfIntersect('teammembership');
  if (link === undefined) throw unsupportedMessage('team');
  const side: 1 | 2 = link.table1 === 'team' ? 1 : 2;
  const [first, second] = side === 1 ? [teamId, userId] : [userId, teamId];
  return { link, side, joined: findLink(environment, link, first, second) !== undefined };
}

/**
 * `systemusers(id)/…AddUserToRecordTeam`: the user joins the access team of the row, which comes into being with its
 * first member and has the rights of its template.
 */
export const addUserToRecordTeam: RowOperation = {
  method: 'POST',
  run(call, table, user) {
    const { record, template, name } = recordTeam(call, table, 'AddUserToRecordTeam');
    const AccessTeamId = call.context.environment.database.transaction(() => {
      const id = teamNamed(call, name)?.id ?? createAccessTeam(call, record, name);
      const mask = Number(template.values['defaultaccessrightsmask'] ?? 0);
      const target = { table: record.table.logicalName, id: record.row.id };
      changeShare(call.context.environment, target, { table: 'team', id }, ({ inherited }) => ({
        own: mask,
        inherited,
      }));
      addMember(call, id, user.id);
      return id;
    });
    return result(call, 'AddUserToRecordTeam', { AccessTeamId });
  },
};

export const removeUserFromRecordTeam: RowOperation = {
  method: 'POST',
  run(call, table, user) {
    const { name } = recordTeam(call, table, 'RemoveUserFromRecordTeam');
    const team = teamNamed(call, name);
    if (team !== undefined)
      call.context.environment.database.transaction(() => removeMember(call, team.id, user.id));
    return result(call, 'RemoveUserFromRecordTeam', { AccessTeamId: team?.id ?? null });
  },
};

interface Found {
  readonly table: TableDefinition;
  readonly row: Row;
}

function recordTeam(
  call: Call,
  table: TableDefinition,
  action: string,
): { record: Found; template: Row; name: string } {
  if (table.logicalName !== 'systemuser') throw unsupportedMessage(table.logicalName);
  const body = actionBody(call, action);
  const record = requireTarget(call, body['Record'], action);
  const template = requireTarget(call, body['TeamTemplate'], action);
  if (template.table.logicalName !== 'teamtemplate') throw rowNotFound('teamtemplate', template.row.id);
  requireAccess(call.context, record.table, record.row, 'Share');
  if (Number(template.row.values['objecttypecode']) !== record.table.objectTypeCode)
    throw badRequest('The template of the team is for rows of another table.', '0x80040203');
  return { record, template: template.row, name: `${record.row.id}+${template.row.id}` };
}

function teamNamed(call: Call, name: string): Row | undefined {
  const teams = call.context.environment.database.store('team');
  return teams
    .referrers('name', name)
    .map((id) => teams.get(id))
    .find((team) => Number(team?.values['teamtype']) === ACCESS_TEAM);
}

/** It belongs to the unit of the row's owner and is nobody's to edit. */
function createAccessTeam(call: Call, record: Found, name: string): string {
  const { environment, caller } = call.context;
  const table = environment.schema.table('team');
  if (table === undefined) throw unsupportedMessage('team');
  const unit = record.row.values['owningbusinessunit'];
  const businessunitid = typeof unit === 'object' && unit !== null ? unit.id : caller.user.businessUnitId;
  const team = createRow(call.context, table, {
    name,
    'businessunitid@odata.bind': `/businessunits(${businessunitid})`,
    'administratorid@odata.bind': `/systemusers(${caller.user.userId})`,
  });
  environment.database.put('team', team.id, {
    ...environment.database.get('team', team.id)?.values,
    teamtype: ACCESS_TEAM,
    systemmanaged: true,
  });
  return team.id;
}

import { DataverseError } from '../errors.ts';
import { number, text } from '../metadata/fields.ts';
import type { TableDetails } from '../metadata/types.ts';
import { inFilter } from '../read/rows.ts';
import { encode, literal, type Json, type WebApi } from '../web-api.ts';
import { guid } from './users.ts';

/** Same ids in every environment: the role System Administrator's template, and the profile of the same name. */
const administratorTemplate = '627090ff-40a3-4053-8790-584edc5be201';
const administratorProfile = '572329c1-a042-4e22-be47-367c6374ea45';

/** Value of `canread`, `canupdate`, `cancreate` that allows. */
const allowed = 4;

/**
 * Without permission the service answers null, which looks like "empty": a backup would store it and a restore would
 * wipe the column. So the permission itself is read, from the user's profiles and those of the user's teams.
 */
export async function permittedColumns(
  api: WebApi,
  userId: string,
  table: TableDetails,
  permission: 'canread' | 'canupdate',
): Promise<ReadonlySet<string>> {
  const all = table.columns.filter((column) => column.secured).map((column) => column.name);
  if (all.length === 0) return new Set();
  const masked = permission === 'canread' ? await maskedColumns(api, table) : new Set<string>();
  const secured = all.filter((name) => !masked.has(name));
  const profiles = await profilesOf(api, userId);
  if (profiles.has(administratorProfile) || (await isAdministrator(api, userId))) return new Set(secured);
  if (profiles.size === 0) return new Set();
  const ofProfiles = [...profiles].map((id) => `_fieldsecurityprofileid_value eq ${id}`).join(' or ');
  const filter = `entityname eq ${literal(table.name)} and (${ofProfiles})`;
  const select = `attributelogicalname,${permission}`;
  const permissions = await api.list(`fieldpermissions?$select=${select}&$filter=${encode(filter)}`);
  const names = permissions
    .filter((row) => number(row, permission) === allowed)
    .map((row) => text(row, 'attributelogicalname') ?? '');
  return new Set(names.filter((name) => secured.includes(name)));
}

/**
 * Columns with a masking rule: whoever reads them, administrators too, gets a mask in place of the value unless the
 * request asks for more, which ours does not. https://learn.microsoft.com/power-platform/admin/create-manage-masking-rules
 */
async function maskedColumns(api: WebApi, table: TableDetails): Promise<ReadonlySet<string>> {
  const filter = encode(`entityname eq ${literal(table.name)}`);
  try {
    const rules = await api.list(`attributemaskingrules?$select=attributelogicalname&$filter=${filter}`);
    return new Set(rules.map((rule) => text(rule, 'attributelogicalname') ?? ''));
  } catch (error) {
    // Environments without the feature have no such table.
    if (error instanceof DataverseError && error.kind === 'not-found') return new Set();
    throw error;
  }
}

async function profilesOf(api: WebApi, userId: string): Promise<ReadonlySet<string>> {
  const [own, teams] = await Promise.all([
    linked(api, 'systemuserprofilescollection', 'systemuserid', [userId], 'fieldsecurityprofileid'),
    teamsOf(api, userId),
  ]);
  const inherited = await linked(api, 'teamprofilescollection', 'teamid', teams, 'fieldsecurityprofileid');
  return new Set([...own, ...inherited]);
}

/** Has the role System Administrator, which sees everything; from a role of their own or of a team. */
export async function isAdministrator(api: WebApi, userId: string): Promise<boolean> {
  const [own, teams] = await Promise.all([
    linked(api, 'systemuserrolescollection', 'systemuserid', [userId], 'roleid'),
    teamsOf(api, userId),
  ]);
  const roles = [...own, ...(await linked(api, 'teamrolescollection', 'teamid', teams, 'roleid'))];
  if (roles.length === 0) return false;
  const filter = encode(inFilter('roleid', roles));
  const found = await api.list(`roles?$filter=${filter}`);
  return found.some(isAdministratorRole);
}

/** By its template; the name (unique, and this role cannot be renamed) only where a service knows no templates. */
function isAdministratorRole(role: Json): boolean {
  const template = '_roletemplateid_value';
  if (!(template in role)) return text(role, 'name') === 'System Administrator';
  return text(role, template)?.toLowerCase() === administratorTemplate;
}

function teamsOf(api: WebApi, userId: string): Promise<string[]> {
  return linked(api, 'teammemberships', 'systemuserid', [userId], 'teamid');
}

/** Rows of an intersect table: the ids at its other end. Its ids are plain guids, not lookups. */
async function linked(
  api: WebApi,
  entitySet: string,
  column: string,
  ids: readonly string[],
  other: string,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const filter = encode(inFilter(column, ids.map(guid)));
  const rows = await api.list(`${entitySet}?$select=${other}&$filter=${filter}`);
  return rows.map((row) => (text(row, other) ?? '').toLowerCase());
}

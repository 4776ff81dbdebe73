import type { Identity, User } from '../client.ts';
import { flag, text } from '../metadata/fields.ts';
import { rowsOf, type Json, type WebApi } from '../web-api.ts';

const columns =
  'systemuserid,azureactivedirectoryobjectid,fullname,domainname,isdisabled,applicationid,_businessunitid_value';

export async function whoAmI(api: WebApi): Promise<Identity> {
  const answer = await api.get('WhoAmI');
  return {
    userId: id(answer, 'UserId'),
    businessUnitId: id(answer, 'BusinessUnitId'),
    organizationId: id(answer, 'OrganizationId'),
  };
}

export async function userByEntraId(api: WebApi, entraObjectId: string): Promise<User | null> {
  const filter = `azureactivedirectoryobjectid eq ${guid(entraObjectId)}`;
  const found = rowsOf(await api.get(`systemusers?$select=${columns}&$filter=${encodeURIComponent(filter)}`));
  return found[0] === undefined ? null : userOf(api, found[0]);
}

export async function userById(api: WebApi, userId: string): Promise<User | null> {
  const row = await api.find(`systemusers(${guid(userId)})?$select=${columns}`);
  return row === null ? null : userOf(api, row);
}

async function userOf(api: WebApi, row: Json): Promise<User> {
  const userId = id(row, 'systemuserid');
  const memberships = await api.list(`teammemberships?$select=teamid&$filter=systemuserid%20eq%20${userId}`);
  return {
    id: userId,
    entraObjectId: text(row, 'azureactivedirectoryobjectid')?.toLowerCase() ?? null,
    fullName: text(row, 'fullname'),
    domainName: text(row, 'domainname'),
    enabled: !flag(row, 'isdisabled'),
    isApplication: text(row, 'applicationid') !== null,
    businessUnitId: id(row, '_businessunitid_value'),
    teamIds: memberships.map((membership) => id(membership, 'teamid')).sort(),
  };
}

function id(json: Json, name: string): string {
  return (text(json, name) ?? '').toLowerCase();
}

/** Becomes part of a URL. */
export function guid(value: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return value.toLowerCase();
  throw new TypeError(`${JSON.stringify(value)} is not a guid`);
}

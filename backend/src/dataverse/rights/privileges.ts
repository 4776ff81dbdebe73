import type { AccessRight, PrivilegeDepth } from '../client.ts';
import { DataverseError } from '../errors.ts';
import { list, text } from '../metadata/fields.ts';
import type { TableDetails, TableMetadata } from '../metadata/types.ts';
import { numberText } from '../json/lossless.ts';
import { rowPath } from '../row-address.ts';
import { encode, type Json, type WebApi } from '../web-api.ts';
import { guid, whoAmI } from './users.ts';

/** About so many names fit into a URL with room to spare. */
const namesAtOnce = 40;

const depths: readonly PrivilegeDepth[] = ['Basic', 'Local', 'Deep', 'Global'];

/** Roles of the user and of the user's teams together; the greatest depth counts. */
export async function privilegesOf(
  api: WebApi,
  userId: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, PrivilegeDepth>> {
  const found = new Map<string, PrivilegeDepth>();
  const message = 'Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)';
  for (let at = 0; at < names.length; at += namesAtOnce) {
    const some = encode(JSON.stringify(names.slice(at, at + namesAtOnce)));
    const answer = await api.get(`systemusers(${guid(userId)})/${message}?@p1=${some}`);
    for (const privilege of list(answer, 'RolePrivileges')) keepGreatest(found, privilege);
  }
  return found;
}

function keepGreatest(found: Map<string, PrivilegeDepth>, privilege: Json): void {
  const name = text(privilege, 'PrivilegeName');
  const depth = depthOf(privilege['Depth']);
  if (name === null || depth === undefined) return;
  const known = found.get(name);
  if (known === undefined || depths.indexOf(depth) > depths.indexOf(known)) found.set(name, depth);
}

/** A name in answers, a number in some. */
function depthOf(depth: unknown): PrivilegeDepth | undefined {
  const index = numberText(depth);
  return index === undefined ? depths.find((one) => one === depth) : depths[Number(index)];
}

/**
 * A read privilege of less than global depth makes a partial backup with HTTP 200, so it is asked for table by table.
 * A table without a read privilege is not checked by privileges at all.
 */
export async function globallyReadable(
  api: WebApi,
  tables: readonly TableMetadata[],
): Promise<ReadonlySet<string>> {
  const { userId } = await whoAmI(api);
  const reads = (table: TableMetadata) => table.privileges.filter((one) => one.verb === 'Read');
  const names = new Set(tables.flatMap((table) => reads(table).map((one) => one.name)));
  const held = await privilegesOf(api, userId, [...names].sort());
  const isReadable = (table: TableMetadata) => reads(table).every((one) => held.get(one.name) === 'Global');
  return new Set(tables.filter(isReadable).map((table) => table.name));
}

const rights: readonly AccessRight[] = [
  'Read',
  'Write',
  'Append',
  'AppendTo',
  'Create',
  'Delete',
  'Share',
  'Assign',
];

export async function rightsOn(
  api: WebApi,
  userId: string,
  table: TableDetails,
  id: string,
): Promise<ReadonlySet<AccessRight> | null> {
  const target = encode(`{'@odata.id':'${rowPath(table, id)}'}`);
  const message = 'Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@p1)';
  try {
    const answer = await api.get(`systemusers(${guid(userId)})/${message}?@p1=${target}`, {
      about: { table: table.name, row: id },
    });
    const held = new Set((text(answer, 'AccessRights') ?? '').split(',').map((one) => one.trim()));
    return new Set(rights.filter((right) => held.has(`${right}Access`)));
  } catch (error) {
    if (error instanceof DataverseError && error.kind === 'not-found') return null;
    throw error;
  }
}

import type { PrivilegeDefinition, TableDefinition, Verb } from '../model/definitions.ts';
import type { Database } from '../store/database.ts';
import type { Row } from '../store/table-store.ts';
import { ServiceError } from '../service/errors.ts';
import { plainText, referenceId } from '../store/values.ts';

/** Depth masks as stored: 0 none, 1 own rows, 2 business unit, 4 business unit and below, 8 organisation. */
export type Depth = 0 | 1 | 2 | 4 | 8;

export const DEPTH_NAMES: Readonly<Record<Depth, string>> = {
  0: 'None',
  1: 'Basic',
  2: 'Local',
  4: 'Deep',
  8: 'Global',
};

export interface Role {
  readonly id: string;
  readonly name: string;
  /** System Administrator: every privilege, those of tables added later included. */
  readonly everything: boolean;
  readonly privileges: Map<string, Depth>;
}

/** One user's own rights, from roles held directly and through teams. */
export interface UserRights {
  readonly userId: string;
  readonly businessUnitId: string;
  readonly roleNames: readonly string[];
  readonly administrator: boolean;
  readonly teamIds: ReadonlySet<string>;
  /** The user's business unit and all below it. */
  readonly subtree: ReadonlySet<string>;
  depth(privilege: string): Depth;
}

/** Who a request acts as. When impersonating, both sets of rights count: the smaller of the two. */
export interface Caller {
  readonly user: UserRights;
  /** The account that really called, where it acts for somebody else. */
  readonly actor: UserRights | undefined;
}

export class SecurityModel {
  readonly roles = new Map<string, Role>();
  readonly #database: Database;
  readonly #cache = new Map<string, { version: number; rights: UserRights }>();

  constructor(database: Database) {
    this.#database = database;
  }

  rightsOf(userId: string): UserRights {
    const cached = this.#cache.get(userId);
    if (cached?.version === this.#database.securityVersion) return cached.rights;
    const rights = this.#compute(userId);
    this.#cache.set(userId, { version: this.#database.securityVersion, rights });
    return rights;
  }

  /** What a team may do by itself, without its members' own roles. */
  rightsOfTeam(teamId: string): UserRights {
    const team = this.#database.get('team', teamId);
    const roleIds = linked(this.#database, 'teamroles', 'teamid', teamId, 'roleid');
    return this.#rights(
      teamId,
      referenceId(team?.values['businessunitid']) ?? '',
      new Set([teamId]),
      roleIds,
    );
  }

  /** The roles of this moment, with copies of what can change in them. */
  snapshot(): readonly Role[] {
    return [...this.roles.values()].map(copyOf);
  }

  /** Goes back to a snapshot, which can be used again. */
  reset(roles: readonly Role[]): void {
    this.roles.clear();
    for (const role of roles) this.roles.set(role.id, copyOf(role));
    this.refresh();
  }

  /** Forgets what was computed; for changes to roles themselves. */
  refresh(): void {
    this.#database.securityVersion++;
  }

  #compute(userId: string): UserRights {
    const database = this.#database;
    const user = database.get('systemuser', userId);
    const businessUnitId = referenceId(user?.values['businessunitid']) ?? '';
    const teamIds = new Set(linked(database, 'teammembership', 'systemuserid', userId, 'teamid'));
    const roleIds = linked(database, 'systemuserroles', 'systemuserid', userId, 'roleid');
    for (const team of teamIds) roleIds.push(...linked(database, 'teamroles', 'teamid', team, 'roleid'));
    return this.#rights(userId, businessUnitId, teamIds, roleIds);
  }

  #rights(
    userId: string,
    businessUnitId: string,
    teamIds: ReadonlySet<string>,
    roleIds: readonly string[],
  ): UserRights {
    const roles = roleIds.flatMap((id) => this.roles.get(id) ?? []);
    const administrator = roles.some((role) => role.everything);
    return {
      userId,
      businessUnitId,
      roleNames: roles.map((role) => role.name),
      administrator,
      teamIds,
      subtree: subtree(this.#database, businessUnitId),
      depth: (privilege) =>
        administrator
          ? 8
          : (Math.max(0, ...roles.map((role) => role.privileges.get(privilege) ?? 0)) as Depth), // maximum of Depths
    };
  }
}

function copyOf(role: Role): Role {
  return { ...role, privileges: new Map(role.privileges) };
}

/** The other column of the intersect rows whose `column` is `id`. */
export function linked(
  database: Database,
  table: string,
  column: string,
  id: string,
  other: string,
): string[] {
  const store = database.store(table);
  return store.referrers(column, id).flatMap((rowId) => {
    const value = store.get(rowId)?.values[other];
    return typeof value === 'string' ? [value] : [];
  });
}

function subtree(database: Database, root: string): ReadonlySet<string> {
  const found = new Set([root]);
  for (const unit of found) {
    for (const child of database.store('businessunit').referrers('parentbusinessunitid', unit))
      found.add(child);
  }
  return found;
}

export function privilegeOf(table: TableDefinition, verb: Verb): PrivilegeDefinition | undefined {
  return table.privileges.find((privilege) => privilege.verb === verb);
}

/**
 * How far the caller's rights reach on a table. Tables without privileges of their own (intersect tables,
 * activity parties, file attachments) follow their parents; here they are open.
 */
export function depthOn(caller: Caller, table: TableDefinition, verb: Verb): Depth {
  const privilege = privilegeOf(table, verb);
  if (privilege === undefined) return 8;
  return privilegeDepth(caller, privilege.name);
}

export function privilegeDepth(caller: Caller, privilege: string): Depth {
  const own = caller.user.depth(privilege);
  return caller.actor === undefined ? own : (Math.min(own, caller.actor.depth(privilege)) as Depth); // minimum of Depths
}

/** Does a right of this depth, held by the caller, cover the row? Both accounts must be covered when impersonating. */
export function covers(
  caller: Caller,
  table: TableDefinition,
  verb: Verb,
  row: Row,
  database: Database,
): boolean {
  const privilege = privilegeOf(table, verb);
  if (privilege === undefined) return true;
  const accounts = caller.actor === undefined ? [caller.user] : [caller.user, caller.actor];
  return accounts.every((account) => accountCovers(account, privilege.name, table, verb, row, database));
}

function accountCovers(
  account: UserRights,
  privilege: string,
  table: TableDefinition,
  verb: Verb,
  row: Row,
  database: Database,
): boolean {
  const depth = account.depth(privilege);
  if (depth === 8) return true;
  if (depth === 0) return false;
  return withinDepth(account, depth, table, row) || sharedWith(account, verb, row, database);
}

function withinDepth(account: UserRights, depth: Depth, table: TableDefinition, row: Row): boolean {
  if (table.ownership === 'OrganizationOwned' || table.ownership === 'None') return true;
  const owner = referenceId(row.values['ownerid']);
  if (owner !== undefined && (owner === account.userId || account.teamIds.has(owner))) return true;
  if (row.id === account.userId) return true;
  const unit = referenceId(row.values['owningbusinessunit']) ?? referenceId(row.values['businessunitid']);
  if (depth >= 2 && unit === account.businessUnitId) return true;
  return depth >= 4 && unit !== undefined && account.subtree.has(unit);
}

const SHARE_BITS: Readonly<Partial<Record<Verb, number>>> = {
  Read: 1,
  Write: 2,
  Append: 4,
  AppendTo: 16,
  Delete: 65536,
  Share: 262144,
  Assign: 524288,
};

function sharedWith(account: UserRights, verb: Verb, row: Row, database: Database): boolean {
  const bit = SHARE_BITS[verb] ?? 0;
  const shares = database.store('principalobjectaccess');
  return shares.referrers('objectid', row.id).some((id) => {
    const values = shares.get(id)?.values;
    const principal = plainText(values?.['principalid']);
    const mask = Number(values?.['accessrightsmask']) | Number(values?.['inheritedaccessrightsmask'] ?? 0);
    return (principal === account.userId || account.teamIds.has(principal)) && (mask & bit) !== 0;
  });
}

/** 403 `0x80040220` with the text of the real service, where the caller lacks the privilege altogether. */
export function requirePrivilege(caller: Caller, table: TableDefinition, verb: Verb): Depth {
  const depth = depthOn(caller, table, verb);
  const privilege = privilegeOf(table, verb);
  if (depth === 0 && privilege !== undefined) throw missingPrivilege(caller, privilege, table);
  return depth;
}

export function missingPrivilege(
  caller: Caller,
  privilege: { readonly name: string; readonly id: string },
  table?: TableDefinition,
): ServiceError {
  const { userId, roleNames, businessUnitId } = caller.user;
  const entity =
    table === undefined
      ? ''
      : ` on OTC=${table.objectTypeCode} for entity '${table.logicalName}' (LocalizedName='${table.displayName}').`;
  return new ServiceError(
    403,
    '0x80040220',
    `Principal user (Id=${userId}, type=8, roleCount=${roleNames.length}, accessMode='0 Read-Write', ` +
      `businessUnitId=${businessUnitId}), is missing ${privilege.name} privilege (Id=${privilege.id})${entity}`,
  );
}

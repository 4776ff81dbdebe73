import type { TableDefinition } from '../model/definitions.ts';
import { guidFromText } from '../model/guid.ts';
import type { SeedRole } from '../model/seed.ts';
import type { Depth, Role } from '../security/rights.ts';
import type { Row } from '../store/table-store.ts';
import { plainText, referenceId } from '../store/values.ts';
import { onlyColumns, type Environment } from './environment.ts';
import { addMessageRows } from './messages.ts';

export const SYSTEM_ADMINISTRATOR = 'System Administrator';
export const BASIC_USER = 'Basic User';

/** Privileges that belong to no table. The ids of the bypass privileges are the same in every environment. */
export const MISCELLANEOUS_PRIVILEGES: Readonly<Record<string, string>> = {
  prvActOnBehalfOfAnotherUser: guidFromText('prvActOnBehalfOfAnotherUser'),
  prvOverrideCreatedOnCreatedBy: guidFromText('prvOverrideCreatedOnCreatedBy'),
  prvBypassCustomBusinessLogic: '0ea552b0-a491-4470-9a1b-82068deccf66',
  prvBypassCustomPlugins: '148a9eaf-d0c4-4196-9852-c3a38e35f6a1',
  prvImportCustomization: guidFromText('prvImportCustomization'),
  prvPublishCustomization: guidFromText('prvPublishCustomization'),
  prvReadAuditSummary: guidFromText('prvReadAuditSummary'),
  ...Object.fromEntries(
    ['Entity', 'Attribute', 'Relationship', 'OptionSet', 'EntityKey'].flatMap((what) =>
      ['Create', 'Write', 'Delete'].map((verb) => [
        `prv${verb}${what}`,
        guidFromText(`customization prv${verb}${what}`),
      ]),
    ),
  ),
  prvBulkDelete: guidFromText('prvBulkDelete'),
};

/** `System Administrator` and `Basic User`, and the privilege rows of the whole schema. */
export function addBuiltInRoles(environment: Environment): void {
  addRole(environment, { name: SYSTEM_ADMINISTRATOR, privileges: [] });
  addRole(environment, {
    name: BASIC_USER,
    privileges: environment.schema.tables.flatMap(basicUserPrivileges),
  });
  addPrivilegeRows(environment);
}

export function addRole(environment: Environment, seed: SeedRole): Role {
  const id = seed.id ?? roleByName(environment, seed.name)?.id ?? guidFromText(`role ${seed.name}`);
  const role: Role = {
    id,
    name: seed.name,
    everything: seed.name === SYSTEM_ADMINISTRATOR,
    privileges: new Map(seed.privileges.map(({ name, depth }) => [name, depth])),
  };
  environment.security.roles.set(id, role);
  environment.security.refresh();
  const table = environment.schema.table('role');
  if (table !== undefined && environment.database.get('role', id) === undefined) {
    environment.database.put('role', id, onlyColumns(table, roleValues(environment, role)));
  }
  const ids = privilegeIds(environment);
  for (const [name, depth] of role.privileges) addGrantRow(environment, role, ids.get(name), depth);
  return role;
}

/** A role that came into being as a row: without privileges so far. Its root is itself unless it says otherwise. */
export function registerRole(environment: Environment, row: Row): Role {
  const role: Role = {
    id: row.id,
    name: plainText(row.values['name']),
    everything: false,
    privileges: new Map(),
  };
  environment.security.roles.set(row.id, role);
  environment.security.refresh();
  environment.database.whenUndone(() => void environment.security.roles.delete(row.id));
  if (referenceId(row.values['parentrootroleid']) === undefined) {
    const own = { table: 'role', id: row.id };
    environment.database.put('role', row.id, { ...row.values, parentrootroleid: own });
  }
  return role;
}

/** The copy of a role in another business unit: a row of its own with the privileges of the first. */
export function copyRole(environment: Environment, role: Role, unitId: string): void {
  const table = environment.schema.table('role');
  if (table === undefined) return;
  const id = environment.newId();
  environment.security.roles.set(id, { ...role, id });
  environment.security.refresh();
  environment.database.whenUndone(() => void environment.security.roles.delete(id));
  const values = {
    ...roleValues(environment, { ...role, id }),
    businessunitid: { table: 'businessunit', id: unitId },
    parentroleid: { table: 'role', id: role.id },
    parentrootroleid: { table: 'role', id: role.id },
  };
  environment.database.put('role', id, onlyColumns(table, values));
}

/** The first of that name; copies in other units come later. */
export function roleByName(environment: Environment, name: string): Role | undefined {
  return [...environment.security.roles.values()].find((role) => role.name === name);
}

/** Tables that share a privilege may know it by ids of their own; the first one counts. */
export function privilegeIds(environment: Environment): ReadonlyMap<string, string> {
  const ids = new Map(Object.entries(MISCELLANEOUS_PRIVILEGES));
  for (const table of environment.schema.tables) {
    for (const { name, id } of table.privileges) if (!ids.has(name)) ids.set(name, id);
  }
  return ids;
}

const ACCESS_RIGHTS: Readonly<Record<string, number>> = {
  Read: 1,
  Write: 2,
  Append: 4,
  AppendTo: 16,
  Create: 32,
  Delete: 65536,
  Share: 262144,
  Assign: 524288,
};

/** One row per privilege, and those that tell which bulk messages a table takes; called again after tables were added. */
export function addPrivilegeRows(environment: Environment): void {
  addMessageRows(environment);
  const table = environment.schema.table('privilege');
  if (table === undefined) return;
  for (const [name, id] of privilegeIds(environment)) {
    if (environment.database.get('privilege', id) !== undefined) continue;
    const verb = /^prv(AppendTo|Append|Create|Read|Write|Delete|Share|Assign)/.exec(name)?.[1];
    const values = {
      privilegeid: id,
      name,
      accessright: verb === undefined ? 0 : (ACCESS_RIGHTS[verb] ?? 0),
      canbebasic: true,
      canbelocal: true,
      canbedeep: true,
      canbeglobal: true,
    };
    environment.database.put('privilege', id, onlyColumns(table, values));
  }
}

function addGrantRow(
  environment: Environment,
  role: Role,
  privilegeid: string | undefined,
  depth: Depth,
): void {
  const table = environment.schema.table('roleprivileges');
  if (table === undefined || privilegeid === undefined) return;
  const id = guidFromText(`${role.id} ${privilegeid}`);
  const values = { [table.primaryId]: id, roleid: role.id, privilegeid, privilegedepthmask: depth };
  environment.database.put('roleprivileges', id, onlyColumns(table, values));
}

function basicUserPrivileges(table: TableDefinition): SeedRole['privileges'] {
  if (table.custom) return [];
  if (table.ownership === 'UserOwned') return table.privileges.map(({ name }) => ({ name, depth: 1 }));
  return table.privileges.filter(({ verb }) => verb === 'Read').map(({ name }) => ({ name, depth: 8 }));
}

function roleValues(environment: Environment, role: Role) {
  const now = environment.timestamp();
  return {
    roleid: role.id,
    roleidunique: role.id,
    name: role.name,
    businessunitid: { table: 'businessunit', id: environment.rootBusinessUnitId },
    parentrootroleid: { table: 'role', id: role.id },
    organizationid: environment.identity.organizationId,
    ismanaged: false,
    iscustomizable: true,
    isinherited: 1,
    componentstate: 0,
    createdon: now,
    modifiedon: now,
  };
}

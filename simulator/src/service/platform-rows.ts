import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { Row } from '../store/table-store.ts';
import { plainText, referenceId } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import { deriveOwnership } from './derived-columns.ts';
import { onlyColumns, type Environment } from './environment.ts';
import { insertLink } from './links.ts';
import { copyRole, registerRole } from './roles.ts';
import { defaultState, defaultStatus } from './state.ts';

type Maker = (context: RequestContext, row: Row) => void;

/** Rows that the platform makes along with a new row of the table. */
const MAKERS: Readonly<Record<string, Maker>> = {
  /** Its default team, and a copy of every role of the root unit. */
  businessunit({ environment }, row) {
    const name = plainText(row.values['name']);
    const unit = { table: 'businessunit', id: row.id };
    const members = { teamtype: 0, isdefault: true, systemmanaged: true, businessunitid: unit };
    put(environment, 'team', { name, ...members });
    for (const role of environment.security.roles.values()) {
      if (rootOf(environment, role.id) === role.id) copyRole(environment, role, row.id);
    }
  },
  /** A role of the root unit has a copy in every other unit. */
  role({ environment }, row) {
    const role = registerRole(environment, row);
    if (referenceId(row.values['businessunitid']) !== environment.rootBusinessUnitId) return;
    for (const unit of environment.database.store('businessunit').values()) {
      if (unit.id !== environment.rootBusinessUnitId) copyRole(environment, role, unit.id);
    }
  },
  /** The queue of a user, and membership in the default team of the unit. */
  systemuser(context, row) {
    const { environment } = context;
    addQueue(context, 'systemuser', row, plainText(row.values['fullname']));
    const team = defaultTeam(environment, referenceId(row.values['businessunitid']) ?? '');
    const link = environment.schema.linkOfIntersect('teammembership');
    if (team === undefined || link === undefined) return;
    const [first, second] = link.table1 === 'team' ? [team.id, row.id] : [row.id, team.id];
    insertLink(environment, link, first, second);
  },
  team(context, row) {
    addQueue(context, 'team', row, plainText(row.values['name']));
  },
  /** The unit in which all others of the group are counted. */
  uomschedule({ environment }, row) {
    put(environment, 'uom', {
      name: row.values['baseuomname'] ?? 'Primary Unit',
      quantity: '1',
      isschedulebaseuom: true,
      uomscheduleid: { table: 'uomschedule', id: row.id },
    });
  },
};

export function addPlatformRows(context: RequestContext, table: TableDefinition, row: Row): void {
  MAKERS[table.logicalName]?.(context, row);
}

function defaultTeam(environment: Environment, unitId: string): Row | undefined {
  const teams = environment.database.store('team');
  return teams
    .referrers('businessunitid', unitId)
    .map((id) => teams.get(id))
    .find((team) => team?.values['isdefault'] === true);
}

/** Everybody who can own rows has a queue of their own; users with a private one. */
function addQueue(
  { environment }: RequestContext,
  table: 'systemuser' | 'team',
  row: Row,
  name: string,
): void {
  if (referenceId(row.values['queueid']) !== undefined) return;
  const id = put(environment, 'queue', {
    name: `<${name}>`,
    queueviewtype: table === 'systemuser' ? 1 : 0,
    ownerid: { table, id: row.id },
  });
  if (id === undefined) return;
  const owner = environment.database.get(table, row.id) ?? row;
  environment.database.put(table, row.id, { ...owner.values, queueid: { table: 'queue', id } });
}

function rootOf(environment: Environment, roleId: string): string | undefined {
  return referenceId(environment.database.get('role', roleId)?.values['parentrootroleid']);
}

/** Undefined where the schema lacks the table. */
function put(
  environment: Environment,
  name: string,
  given: Readonly<Record<string, StoredValue>>,
): string | undefined {
  const table = environment.schema.table(name);
  if (table === undefined) return undefined;
  const id = environment.newId();
  const now = environment.timestamp();
  const system = { table: 'systemuser', id: environment.adminUserId };
  const state = defaultState(table);
  const values = onlyColumns(table, {
    [table.primaryId]: id,
    createdon: now,
    modifiedon: now,
    createdby: system,
    modifiedby: system,
    ...(table.ownership === 'UserOwned' ? { ownerid: system } : {}),
    ...(state === undefined ? {} : { statecode: state, statuscode: defaultStatus(table, state) ?? null }),
    ...given,
  });
  environment.database.put(name, id, deriveOwnership(environment, table, values));
  return id;
}

import { guidFromText } from '../model/guid.ts';
import type { TableDefinition } from '../model/definitions.ts';
import type { Seed, SeedLink, SeedRow, SeedUser, StoredValue } from '../model/seed.ts';
import { addMissingAddresses, ADDRESS_OWNERS } from './addresses.ts';
import { passNumbers } from './auto-number.ts';
import { composeTexts } from './composed-texts.ts';
import { deriveOwnership, recomputeMoney } from './derived-columns.ts';
import { partitionOf, storageKey } from './elastic/row-key.ts';
import { onlyColumns, serviceUser, type Environment } from './environment.ts';
import { storeFile } from './files/file-store.ts';
import { insertLink } from './links.ts';
import { addBuiltInRoles, addRole, roleByName, SYSTEM_ADMINISTRATOR } from './roles.ts';
import { defaultState, defaultStatus } from './state.ts';
import { normalise } from './normalise.ts';

/** Fills a new environment: what every environment has, then the seed, then what the platform adds to rows. */
export function loadSeed(environment: Environment, seed: Seed): void {
  const given = new Set(seed.rows.map((row) => `${row.table} ${row.id}`));
  for (const row of baseRows(environment)) {
    if (!given.has(`${row.table} ${row.id}`)) addSeedRow(environment, row);
  }
  addBuiltInRoles(environment);
  for (const role of seed.roles ?? []) addRole(environment, role);
  const service = serviceUser(seed) === undefined ? [administrator(environment)] : [];
  for (const user of [...service, ...seed.users]) loadUser(environment, user, given);
  const defaults = new Map(baseRows(environment).map((row) => [row.id, row.values]));
  for (const row of seed.rows) {
    const usual = defaults.get(row.id);
    addSeedRow(environment, usual === undefined ? row : { ...row, values: { ...usual, ...row.values } });
  }
  for (const link of seed.links) loadLink(environment, link);
  for (const table of ADDRESS_OWNERS) {
    for (const row of [...environment.database.store(table).values()])
      addMissingAddresses(environment, table, row);
  }
}

/** Puts a row in as it is given; what it leaves open is filled as the platform would. */
export function addSeedRow(environment: Environment, row: SeedRow): void {
  const table = environment.schema.table(row.table);
  if (table === undefined) throw new Error(`The seed names the table ${row.table}, which the schema lacks.`);
  const values: Record<string, StoredValue> = { ...platformValues(environment, table), ...row.values };
  values[table.primaryId] = row.id;
  const known = onlyColumns(table, values);
  for (const [name, value] of Object.entries(known)) known[name] = normalise(table.columns.get(name)!, value); // kept by onlyColumns
  const owned = deriveOwnership(environment, table, known);
  const seeded = { ...composeTexts(table, recomputeMoney(environment, table, owned)) };
  // What the seed states stays as stated, also where the platform would have computed something else.
  for (const [name, value] of Object.entries(known))
    if ((row.values[name] ?? null) !== null) seeded[name] = value;
  const partition = partitionOf(table, row.id, known['partitionid']);
  if (partition !== undefined) seeded['partitionid'] = partition;
  environment.database.put(row.table, storageKey(table, row.id, partition), seeded);
  passNumbers(environment, table, known);
  for (const [column, file] of Object.entries(row.files ?? {})) {
    storeFile(environment, table, row.id, column, file);
  }
}

function loadUser(environment: Environment, user: SeedUser, given: ReadonlySet<string>): void {
  const { systemuserid, fullname, domainname } = user;
  if (!given.has(`systemuser ${systemuserid}`)) {
    addSeedRow(environment, { table: 'systemuser', id: systemuserid, values: userValues(environment, user) });
  }
  for (const name of user.roles) {
    const role = roleByName(environment, name) ?? addRole(environment, { name, privileges: [] });
    const id = guidFromText(`${systemuserid} ${role.id}`);
    const values = { systemuserroleid: id, systemuserid, roleid: role.id };
    if (environment.database.get('systemuserroles', id) === undefined) {
      environment.database.put('systemuserroles', id, values);
    }
  }
  if (fullname === '' && domainname === '') throw new Error(`The user ${systemuserid} has no name.`);
}

function userValues(environment: Environment, user: SeedUser): Record<string, StoredValue> {
  return {
    fullname: user.fullname,
    firstname: user.fullname.split(' ')[0] ?? null,
    lastname: user.fullname.split(' ').slice(1).join(' ') || user.fullname,
    domainname: user.domainname,
    internalemailaddress: user.domainname,
    azureactivedirectoryobjectid: user.azureactivedirectoryobjectid,
    applicationid: user.applicationid ?? null,
    businessunitid: { table: 'businessunit', id: environment.rootBusinessUnitId },
    organizationid: environment.identity.organizationId,
    isdisabled: false,
    accessmode: user.applicationid === undefined ? 0 : 4,
  };
}

function loadLink(environment: Environment, link: SeedLink): void {
  const relationship = environment.schema.definition.manyToMany.find(
    (one) => one.schemaName === link.relationship,
  );
  if (relationship === undefined) throw new Error(`The seed names the relationship ${link.relationship}.`);
  insertLink(environment, relationship, link.id1, link.id2);
}

function administrator(environment: Environment): SeedUser {
  return {
    systemuserid: environment.adminUserId,
    azureactivedirectoryobjectid: guidFromText('service principal'),
    fullname: '# Simulator Application',
    domainname: 'application@simulated.local',
    roles: [SYSTEM_ADMINISTRATOR],
    applicationid: environment.identity.clientId,
  };
}

/** What the platform writes into every row that does not say otherwise. */
function platformValues(environment: Environment, table: TableDefinition): Record<string, StoredValue> {
  const now = environment.timestamp();
  const admin = { table: 'systemuser', id: environment.adminUserId };
  const state = defaultState(table);
  return {
    createdon: now,
    modifiedon: now,
    createdby: admin,
    modifiedby: admin,
    ...(table.ownership === 'UserOwned' ? { ownerid: admin } : {}),
    ...(state === undefined ? {} : { statecode: state, statuscode: defaultStatus(table, state) ?? null }),
  };
}

function baseRows(environment: Environment): SeedRow[] {
  const { identity } = environment;
  const values: Record<string, Record<string, StoredValue>> = {
    organization: {
      name: identity.uniqueName,
      basecurrencyid: { table: 'transactioncurrency', id: environment.baseCurrencyId },
      languagecode: 1033,
      localeid: 1033,
      currencysymbol: '$',
      maxuploadfilesize: 5242880,
      expirechangetrackingindays: 30,
      isauditenabled: false,
      dateformatstring: 'M/d/yyyy',
      blockedattachments: 'ade;adp;app;asa;bas;bat;cmd;com;cpl;exe;js;jse;lnk;mdb;msi;ps1;reg;scr;vb;vbs;wsf',
      orgdborgsettings:
        '<OrgSettings><EnableOwnershipAcrossBusinessUnits>false</EnableOwnershipAcrossBusinessUnits></OrgSettings>',
    },
    transactioncurrency: {
      currencyname: 'US Dollar',
      isocurrencycode: 'USD',
      currencysymbol: '$',
      currencyprecision: 2,
      exchangerate: '1',
    },
    businessunit: { name: identity.urlName, organizationid: identity.organizationId, isdisabled: false },
  };
  const ids: Record<string, string> = {
    organization: identity.organizationId,
    transactioncurrency: environment.baseCurrencyId,
    businessunit: environment.rootBusinessUnitId,
  };
  return Object.entries(values)
    .filter(([table]) => environment.schema.table(table) !== undefined)
    .map(([table, row]) => ({ table, id: ids[table]!, values: row })); // both have the same keys
}

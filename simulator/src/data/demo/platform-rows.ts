import type { SchemaDefinition, Verb } from '../../model/definitions.ts';
import type { SeedRole, SeedUser } from '../../model/seed.ts';
import { SERVICE_USER } from '../complete-environment.ts';
import { stableId } from '../stable-id.ts';
import { SAMPLE } from './demo-schema.ts';
import type { DemoWorld, Reference } from './world.ts';

export interface Platform {
  readonly euro: Reference;
  readonly dollar: Reference;
  readonly administrator: Reference;
  /** People who own rows, by business unit; the last one has left the company. */
  readonly sellers: readonly Reference[];
  readonly team: Reference;
  /** The account that imports and flows run under. */
  readonly importer: Reference;
  readonly users: readonly SeedUser[];
}

export const SALESPERSON = 'Salesperson';

/** Organization, units, currencies, people, a team, and the profile that opens the secured column. */
export function addPlatform(world: DemoWorld): Platform {
  const euro = addCurrency(world, 'Euro', 'EUR', '€', '1.000000000000');
  const dollar = addCurrency(world, 'US Dollar', 'USD', '$', '1.084200000000');
  const root = world.add('businessunit', {
    businessunitid: stableId('demo unit', 'root'),
    name: 'Lindqvist Group',
    isdisabled: false,
  });
  const field = world.add('businessunit', {
    businessunitid: stableId('demo unit', 'field'),
    name: 'Field Sales',
    parentbusinessunitid: root,
    isdisabled: false,
  });
  world.add('organization', {
    organizationid: stableId('demo organization'),
    name: 'Lindqvist Group',
    basecurrencyid: euro,
  });
  const people = PEOPLE.map((person) => ({ ...person, unit: person.root ? root : field }));
  const users = people.map((person) => addUser(world, person));
  const [administrator, ...others] = users.map((user): Reference => ({
    table: 'systemuser',
    id: user.systemuserid,
  }));
  const importer = others.pop();
  if (!administrator || !importer) throw new Error('The demo lists no people');
  const service = addUser(world, {
    name: SERVICE_USER.fullname,
    mail: SERVICE_USER.domainname,
    unit: root,
    roles: SERVICE_USER.roles,
    user: SERVICE_USER,
  });
  const team = addTeam(world, field, administrator, others);
  addColumnProfile(world, others.slice(0, 1));
  return { euro, dollar, administrator, sellers: others, team, importer, users: [...users, service] };
}

interface Person {
  readonly name: string;
  readonly mail: string;
  readonly root?: true;
  readonly roles: readonly string[];
  readonly disabled?: true;
  readonly application?: true;
  readonly title?: string;
}

const PEOPLE: readonly Person[] = [
  {
    name: 'Dana Okafor',
    mail: 'dana.okafor@lindqvist.example',
    root: true,
    roles: ['System Administrator'],
    title: 'Platform owner',
  },
  {
    name: 'Søren Kjær',
    mail: 'soren.kjaer@lindqvist.example',
    root: true,
    roles: [SALESPERSON],
    title: 'Head of sales',
  },
  { name: 'Mira Falk', mail: 'mira.falk@lindqvist.example', roles: [SALESPERSON], title: 'Account manager' },
  {
    name: 'Teo Marchetti',
    mail: 'teo.marchetti@lindqvist.example',
    roles: [SALESPERSON],
    title: 'Account manager',
  },
  {
    name: 'Ines Duarte',
    mail: 'ines.duarte@lindqvist.example',
    roles: [],
    disabled: true,
    title: 'Account manager',
  },
  {
    name: 'svc-import',
    mail: 'svc-import@lindqvist.example',
    root: true,
    roles: ['System Administrator'],
    application: true,
  },
];

function addUser(world: DemoWorld, person: Person & { unit: Reference; user?: SeedUser }): SeedUser {
  const id = person.user?.systemuserid ?? stableId('demo user', person.mail);
  const applicationid =
    person.user?.applicationid ??
    (person.application ? stableId('demo application', person.mail) : undefined);
  const azureactivedirectoryobjectid =
    person.user?.azureactivedirectoryobjectid ?? stableId('entra object', id);
  const [firstname = person.name, ...rest] = person.name.split(' ');
  world.add('systemuser', {
    systemuserid: id,
    fullname: person.name,
    firstname,
    lastname: rest.join(' ') || person.name,
    domainname: person.mail,
    internalemailaddress: person.mail,
    azureactivedirectoryobjectid,
    applicationid,
    businessunitid: person.unit,
    title: person.title,
    isdisabled: person.disabled ?? false,
    accessmode: applicationid === undefined ? 0 : 4,
  });
  return {
    systemuserid: id,
    azureactivedirectoryobjectid,
    fullname: person.name,
    domainname: person.mail,
    roles: person.roles,
    ...(applicationid === undefined ? {} : { applicationid }),
  };
}

function addCurrency(world: DemoWorld, name: string, code: string, symbol: string, rate: string): Reference {
  return world.add('transactioncurrency', {
    transactioncurrencyid: stableId('demo currency', code),
    currencyname: name,
    isocurrencycode: code,
    currencysymbol: symbol,
    currencyprecision: 2,
    exchangerate: rate,
  });
}

function addTeam(
  world: DemoWorld,
  unit: Reference,
  administrator: Reference,
  sellers: readonly Reference[],
): Reference {
  const team = world.add('team', {
    teamid: stableId('demo team', 'tenders'),
    name: 'Tenders',
    businessunitid: unit,
    administratorid: administrator,
    teamtype: 0,
    isdefault: false,
  });
  for (const seller of sellers.slice(1, 3)) world.link('teammembership_association', team, seller);
  return team;
}

function addColumnProfile(world: DemoWorld, readers: readonly Reference[]): void {
  const profile = world.add('fieldsecurityprofile', {
    fieldsecurityprofileid: stableId('demo profile', 'secrets'),
    name: 'Sample secrets',
    description: 'May read and change the secret of a sample.',
  });
  world.add('fieldpermission', {
    fieldpermissionid: stableId('demo permission', 'secrets'),
    fieldsecurityprofileid: profile,
    entityname: SAMPLE,
    attributelogicalname: 'demo_secret',
    canread: 4,
    cancreate: 4,
    canupdate: 4,
  });
  for (const reader of readers) world.link('systemuserprofiles_association', reader, profile);
}

const BUSINESS = new Set(
  (
    'account contact lead opportunity opportunityproduct incident task annotation quote quotedetail salesorder ' +
    'salesorderdetail invoice invoicedetail list campaign connection customeraddress queueitem demo_sample'
  ).split(' '),
);
const SHARED_VERBS: ReadonlySet<Verb> = new Set(['Read', 'AppendTo']);

/** `Salesperson`: business rows of one's own business unit, everything shared only to read and to point to. */
export function salespersonRole(schema: SchemaDefinition): SeedRole {
  const privileges = new Map<string, 2 | 8>();
  for (const table of schema.tables) {
    for (const { name, verb } of table.privileges) {
      if (BUSINESS.has(table.logicalName)) privileges.set(name, 2);
      else if (SHARED_VERBS.has(verb) && !privileges.has(name)) privileges.set(name, 8);
    }
  }
  return {
    id: stableId('demo role', SALESPERSON),
    name: SALESPERSON,
    privileges: [...privileges].map(([name, depth]) => ({ name, depth })),
  };
}

import type { SchemaDefinition, TableDefinition } from '../model/definitions.ts';
import type { Seed, SeedRow, SeedUser, StoredValue } from '../model/seed.ts';
import { stableId } from './stable-id.ts';

export interface DraftEnvironment {
  readonly rows: readonly SeedRow[];
  readonly links: Seed['links'];
  readonly users: readonly SeedUser[];
  readonly roles?: Seed['roles'];
  /** Name of the organization where the rows hold none. */
  readonly name: string;
  /** Creation time of rows that carry none. */
  readonly instant: string;
}

/** The business unit of each user and team. */
interface Units {
  readonly units: ReadonlyMap<string, string>;
}

function unitsOf(rows: readonly SeedRow[]): ReadonlyMap<string, string> {
  const units = new Map<string, string>();
  for (const row of rows) {
    const unit = row.values['businessunitid'];
    if ((row.table === 'systemuser' || row.table === 'team') && isReference(unit)) units.set(row.id, unit.id);
  }
  return units;
}

interface Anchors {
  readonly organization: string;
  readonly unit: string;
  readonly currency: string;
  readonly administrator: string;
}

/** The application that tests and the product sign in as; it holds the role System Administrator. */
export const SERVICE_USER: SeedUser = {
  systemuserid: stableId('user', 'service'),
  azureactivedirectoryobjectid: stableId('entra object', 'service'),
  fullname: 'Rowback service',
  domainname: 'rowback-service@demo.invalid',
  roles: ['System Administrator'],
  applicationid: stableId('application', 'service'),
};

/**
 * Adds what no environment is without (organization, root business unit, base currency, an administrator, the
 * service account) and fills the system columns that rows leave open: owner, creator, dates, state.
 */
export function completeEnvironment(schema: SchemaDefinition, draft: DraftEnvironment): Seed {
  const tables = new Map(schema.tables.map((table) => [table.logicalName, table]));
  const { rows, anchors, users } = withAnchors(draft);
  const units = unitsOf(rows);
  return {
    rows: platformFirst(rows, anchors).map((row) =>
      completeRow(row, tables.get(row.table), { ...anchors, units }, draft.instant),
    ),
    links: draft.links,
    users,
    ...(draft.roles ? { roles: draft.roles } : {}),
  };
}

const PLATFORM_TABLES = ['organization', 'businessunit', 'transactioncurrency', 'systemuser', 'team'];

/** A loader that goes from first to last meets units before users, users before what they own, the base currency first. */
function platformFirst(rows: readonly SeedRow[], anchors: Anchors): SeedRow[] {
  const rank = (row: SeedRow): number => {
    const place = PLATFORM_TABLES.indexOf(row.table);
    if (place === -1) return PLATFORM_TABLES.length;
    return row.id === anchors.unit || row.id === anchors.currency ? place - 0.5 : place;
  };
  return rows
    .map((row, at) => ({ row, at, rank: rank(row) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ row }) => row);
}

function withAnchors(draft: DraftEnvironment): { rows: SeedRow[]; anchors: Anchors; users: SeedUser[] } {
  const first = (table: string): SeedRow | undefined => draft.rows.find((row) => row.table === table);
  const root = draft.rows.find((row) => row.table === 'businessunit' && !row.values['parentbusinessunitid']);
  const person = first('systemuser');
  const anchors: Anchors = {
    organization: first('organization')?.id ?? stableId('organization', draft.name),
    unit: root?.id ?? stableId('businessunit', draft.name),
    currency: baseCurrency(draft) ?? stableId('currency', draft.name),
    administrator: draft.users[0]?.systemuserid ?? person?.id ?? stableId('user', 'administrator'),
  };
  const users = usersOf(draft, anchors, person);
  const rows = draft.rows.map((row) => anchorRow(row, anchors, draft.name));
  const have = new Set(rows.map((row) => `${row.table} ${row.id}`));
  for (const row of anchorRows(anchors, users, draft.name))
    if (!have.has(`${row.table} ${row.id}`)) rows.push(row);
  return { rows, anchors, users };
}

/** The organization's own, else the currency that most rows use. */
function baseCurrency(draft: DraftEnvironment): string | undefined {
  const counts = new Map<string, number>();
  for (const row of draft.rows) {
    const base = row.table === 'organization' ? row.values['basecurrencyid'] : undefined;
    if (isReference(base)) return base.id;
    const used = row.values['transactioncurrencyid'];
    if (isReference(used)) counts.set(used.id, (counts.get(used.id) ?? 0) + 1);
  }
  return (
    [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ??
    draft.rows.find((row) => row.table === 'transactioncurrency')?.id
  );
}

function isReference(value: StoredValue | undefined): value is { table: string; id: string } {
  return typeof value === 'object' && value !== null;
}

/** Everybody who may sign in: those given, else the first user of the rows as administrator; always the service. */
function usersOf(draft: DraftEnvironment, anchors: Anchors, person: SeedRow | undefined): SeedUser[] {
  const given = draft.users.length > 0 ? draft.users : [administrator(anchors.administrator, person)];
  return given.some((user) => user.systemuserid === SERVICE_USER.systemuserid)
    ? [...given]
    : [...given, SERVICE_USER];
}

function administrator(id: string, person: SeedRow | undefined): SeedUser {
  const text = (column: string, otherwise: string): string => {
    const value = person?.values[column];
    return typeof value === 'string' ? value : otherwise;
  };
  return {
    systemuserid: id,
    azureactivedirectoryobjectid: text('azureactivedirectoryobjectid', stableId('entra object', id)),
    fullname: text('fullname', 'Administrator'),
    domainname: text('domainname', 'administrator@demo.invalid'),
    roles: ['System Administrator'],
  };
}

/** Users, units and the organization hang together however little was said of them. */
function anchorRow(row: SeedRow, anchors: Anchors, name: string): SeedRow {
  const { table, id, values } = row;
  const unit = { table: 'businessunit', id: anchors.unit };
  if (table === 'systemuser' || table === 'team')
    return { ...row, values: { businessunitid: unit, ...values } };
  if (table === 'businessunit' && id !== anchors.unit)
    return { ...row, values: { parentbusinessunitid: unit, ...values } };
  if (table === 'organization')
    return { ...row, values: { ...organizationValues(anchors, name), ...values } };
  return row;
}

function anchorRows(anchors: Anchors, users: readonly SeedUser[], name: string): SeedRow[] {
  const row = (table: string, id: string, values: SeedRow['values']): SeedRow => ({
    table,
    id,
    values: { [`${table}id`]: id, ...values },
  });
  return [
    row('organization', anchors.organization, organizationValues(anchors, name)),
    row('businessunit', anchors.unit, { name, isdisabled: false }),
    row('transactioncurrency', anchors.currency, {
      currencyname: 'US Dollar',
      isocurrencycode: 'USD',
      currencysymbol: '$',
      currencyprecision: 2,
      exchangerate: '1.000000000000',
    }),
    ...users.map((user) =>
      row('systemuser', user.systemuserid, {
        fullname: user.fullname,
        domainname: user.domainname,
        azureactivedirectoryobjectid: user.azureactivedirectoryobjectid,
        businessunitid: { table: 'businessunit', id: anchors.unit },
        isdisabled: false,
        accessmode: user.applicationid === undefined ? 0 : 4,
        ...(user.applicationid === undefined ? {} : { applicationid: user.applicationid }),
      }),
    ),
  ];
}

/** Settings that a backup reads, with the values of a new environment. */
function organizationValues(anchors: Anchors, name: string): SeedRow['values'] {
  return {
    organizationid: anchors.organization,
    name,
    basecurrencyid: { table: 'transactioncurrency', id: anchors.currency },
    languagecode: 1033,
    localeid: 1033,
    expirechangetrackingindays: 7,
    expiresubscriptionsindays: 90,
    maxuploadfilesize: 5242880,
    isauditenabled: false,
    blockedattachments:
      'ade;adp;app;asa;ashx;asmx;asp;bas;bat;chm;cmd;com;cpl;dll;exe;hta;inf;ins;jar;js;jse;lnk;msi;ps1;reg;scr;vb;vbe;vbs;wsf',
    sharetopreviousowneronassign: false,
  };
}

/** Rows of these tables are made by the platform, or carry no system columns at all. */
const PLAIN = new Set(['organization', 'activityparty']);

function completeRow(
  row: SeedRow,
  table: TableDefinition | undefined,
  anchors: Anchors & Units,
  instant: string,
): SeedRow {
  if (!table || PLAIN.has(row.table)) return row;
  const usual: Record<string, StoredValue> = {
    createdon: instant,
    modifiedon: row.values['createdon'] ?? instant,
    createdby: { table: 'systemuser', id: anchors.administrator },
    modifiedby: row.values['createdby'] ?? { table: 'systemuser', id: anchors.administrator },
    organizationid: { table: 'organization', id: anchors.organization },
    ...ownerValues(row, table, anchors),
    ...stateValues(row, table),
  };
  const values: Record<string, StoredValue> = { ...row.values };
  for (const [name, value] of Object.entries(usual)) {
    const column = table.columns.get(name);
    if (column === undefined || values[name] !== undefined) continue;
    values[name] = column.targets === undefined && isReference(value) ? value.id : value;
  }
  return { ...row, values };
}

function ownerValues(
  row: SeedRow,
  table: TableDefinition,
  anchors: Anchors & Units,
): Record<string, StoredValue> {
  if (table.columns.get('ownerid')?.type !== 'OwnerType') return {};
  const owner = row.values['ownerid'] ?? { table: 'systemuser', id: anchors.administrator };
  if (!isReference(owner)) return {};
  const unit = anchors.units.get(owner.id) ?? anchors.unit;
  return {
    ownerid: owner,
    [owner.table === 'team' ? 'owningteam' : 'owninguser']: owner,
    owningbusinessunit: { table: 'businessunit', id: unit },
  };
}

function stateValues(row: SeedRow, table: TableDefinition): Record<string, StoredValue> {
  const states = table.columns.get('statecode');
  if (states?.type !== 'StateType') return {};
  const state = row.values['statecode'] ?? 0;
  const status = states.options?.find((option) => option.value === state)?.defaultStatus;
  return { statecode: state, ...(status === undefined ? {} : { statuscode: status }) };
}

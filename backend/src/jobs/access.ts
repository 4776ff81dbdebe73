import { RefusedError } from '../base/errors.ts';
import { isReference, type Reference, type Value, type Values } from '../base/value.ts';
import type { DataverseClient, PrivilegeDepth, TableDetails, User } from '../dataverse/index.ts';
import {
  noColumnSecurity,
  newestPut,
  readDetails,
  type ColumnSecurity,
  type RecordVersions,
  type Requester,
} from '../restore/index.ts';
import type { ColumnSchema, TableSchema, Vault } from '../vault/index.ts';
import type { Caller } from './environment.ts';

/** What a caller may do with a record: in whose name, and with which of its columns. */
export interface Access {
  readonly requester: Requester;
  readonly security: ColumnSecurity;
  /** Column security of a row of another table that goes along, as captured with this schema. */
  readonly securityOf: (details: TableDetails, schemaId: string) => Promise<ColumnSecurity>;
  /** Whether a deleted note or attachment may come back along, judged by its last values. */
  readonly mayBringBack: (details: TableDetails, values: Values) => Promise<boolean>;
  /** With whose rights names of other rows are read; null: by the service, which may read them all. */
  readonly reader: DataverseClient | null;
}

type Source = { readonly client: DataverseClient; readonly vault: Vault };

const refused = (code: string, message: string, hint: string): RefusedError =>
  new RefusedError(code, message, { hint });

const notAllowed = (table: string, id: string, why: string): RefusedError =>
  refused(
    'not-allowed',
    `You may not do this with ${table} ${id}: ${why}.`,
    'Ask for the right in Dataverse, or ask an operator to do it.',
  );

/**
 * The heart of the backend's security: it holds high rights, so what a person may see of a record's backups, and put
 * back, is what Dataverse says of that person now. Throws `not-allowed`, `user-unknown`, `user-disabled`.
 */
export async function accessTo(
  source: Source,
  caller: Caller,
  record: RecordVersions,
  need: 'read' | 'write',
): Promise<Access> {
  if (caller.kind === 'operator') {
    return {
      requester: { kind: 'operator', name: caller.name },
      security: noColumnSecurity,
      securityOf: () => Promise.resolve(noColumnSecurity),
      mayBringBack: () => Promise.resolve(true),
      reader: null,
    };
  }
  const user = await enabledUser(source.client, caller.systemuserid);
  const details = await readDetails(source.client, record.table);
  if (details === null)
    throw notAllowed(record.table, record.id, 'the table is gone, so nobody knows its rights');
  const schema = await source.vault.schemas.read(newestPut(record).schema);
  if (schema.kind === 'intersect') await checkPair(source.client, user, record, schema, need);
  else await checkRow(source.client, user, record, details, need);
  return {
    requester: { kind: 'user', userId: user.id, entraObjectId: user.entraObjectId },
    security: await columnSecurity(
      source,
      user,
      details,
      record.versions.map((version) => version.schema),
    ),
    securityOf: (of, schemaId) => columnSecurity(source, user, of, [schemaId]),
    mayBringBack: async (of, values) => (await uncovered(source.client, user, of, values)) === null,
    reader: source.client.as(user.entraObjectId),
  };
}

type KnownUser = User & { readonly entraObjectId: string };

async function enabledUser(client: DataverseClient, id: string): Promise<KnownUser> {
  const user = await client.userById(id);
  const hint = 'Ask an administrator of the environment to check the user.';
  if (user === null) throw refused('user-unknown', `There is no user ${id} in this environment.`, hint);
  const { entraObjectId } = user;
  if (!user.enabled) throw refused('user-disabled', `The user ${user.fullName ?? id} is disabled.`, hint);
  if (entraObjectId === null) {
    throw refused('user-unknown', `The user ${user.fullName ?? id} has no account in Entra ID.`, hint);
  }
  return { ...user, entraObjectId };
}

async function checkRow(
  client: DataverseClient,
  user: KnownUser,
  record: RecordVersions,
  details: TableDetails,
  need: 'read' | 'write',
): Promise<void> {
  const rights = await client.rightsOn(user.id, details, record.id);
  if (rights === null) return await checkDeleted(client, user, record, details);
  if (!rights.has('Read')) throw notAllowed(record.table, record.id, 'you may not read it');
  if (need === 'write' && !rights.has('Write'))
    throw notAllowed(record.table, record.id, 'you may not change it');
}

/** A row that is not there has no rights of its own: read and create must cover it as it was last captured. */
async function checkDeleted(
  client: DataverseClient,
  user: KnownUser,
  record: RecordVersions,
  details: TableDetails,
): Promise<void> {
  const verb = await uncovered(client, user, details, newestPut(record).values);
  if (verb === null) return;
  const why = `it was deleted, and your right to ${verb} such rows does not reach it`;
  throw notAllowed(record.table, record.id, why);
}

/** Which of read and create does not reach a deleted row with these last values; null: both do. */
async function uncovered(
  client: DataverseClient,
  user: User,
  details: TableDetails,
  values: Values,
): Promise<'read' | 'create' | null> {
  const verbs = details.privileges.filter(({ verb }) => verb === 'Read' || verb === 'Create');
  const depths = await client.privilegesOf(
    user.id,
    verbs.map(({ name }) => name),
  );
  const ancestors = await ancestorsOf(client, values['owningbusinessunit']);
  const reaches = (wanted: 'Read' | 'Create'): boolean => {
    const name = verbs.find(({ verb }) => verb === wanted)?.name;
    const depth = name === undefined ? undefined : depths.get(name);
    return depthCovers(depth, ownershipOf(details, values), user, ancestors);
  };
  if (!reaches('Read')) return 'read';
  return reaches('Create') ? null : 'create';
}

/** Who a row belonged to, as last captured. */
export interface RowOwnership {
  readonly kind: 'user' | 'organization' | 'businessUnit' | 'none';
  readonly owner: Reference | null;
  readonly businessUnit: string | null;
}

function ownershipOf(details: TableDetails, values: Values): RowOwnership {
  const owner = values['ownerid'];
  const unit = values['owningbusinessunit'];
  return {
    kind: details.ownership,
    owner: isReference(owner) ? owner : null,
    businessUnit: isReference(unit) ? unit.id : null,
  };
}

/**
 * Whether a privilege of this depth reaches the row. `Basic`: own or a team's; `Local`: the same business unit; `Deep`: a
 * unit below the user's; `Global`: any. Shares do not count. `ancestors` are the row's business unit and those above it.
 * What is not known (owner or unit not captured) is not covered.
 */
export function depthCovers(
  depth: PrivilegeDepth | undefined,
  row: RowOwnership,
  user: Pick<User, 'id' | 'teamIds' | 'businessUnitId'>,
  ancestors: readonly string[],
): boolean {
  if (depth === undefined) return false;
  if (depth === 'Global') return true;
  // Rows that nobody owns have one depth only.
  if (row.kind === 'organization' || row.kind === 'none') return false;
  if (isOwn(row, user)) return true;
  if (depth === 'Basic' || row.businessUnit === null) return false;
  if (row.businessUnit === user.businessUnitId) return true;
  return depth === 'Deep' && ancestors.includes(user.businessUnitId);
}

function isOwn(row: RowOwnership, user: Pick<User, 'id' | 'teamIds'>): boolean {
  if (row.kind !== 'user' || row.owner === null) return false;
  if (row.owner.table === 'systemuser') return row.owner.id === user.id;
  return row.owner.table === 'team' && user.teamIds.includes(row.owner.id);
}

/** A chain longer than this is no tree. */
const deepest = 100;

/** The business unit and those above it, up to the root. Empty where the unit is unknown or gone. */
async function ancestorsOf(client: DataverseClient, unit: Value | undefined): Promise<string[]> {
  const chain: string[] = [];
  let next = isReference(unit) ? unit.id : null;
  const details = next === null ? null : await readDetails(client, 'businessunit');
  while (details !== null && next !== null && chain.length < deepest && !chain.includes(next)) {
    const row = await client.readRow(details, next, ['parentbusinessunitid']);
    if (row === null) break;
    chain.push(next);
    const parent: Value | undefined = row.values['parentbusinessunitid'];
    next = isReference(parent) ? parent.id : null;
  }
  return chain;
}

/** A link has no owner: who may see it may read both ends, who puts it back may append either to the other. */
async function checkPair(
  client: DataverseClient,
  user: KnownUser,
  record: RecordVersions,
  schema: TableSchema,
  need: 'read' | 'write',
): Promise<void> {
  const { values } = newestPut(record);
  const { link } = schema;
  const ends =
    link === undefined
      ? []
      : [
          { table: link.table1, id: values[link.column1] },
          { table: link.table2, id: values[link.column2] },
        ];
  if (ends.length === 0) throw notAllowed(record.table, record.id, 'its ends are not known');
  for (const { table, id } of ends) {
    const details = await readDetails(client, table);
    const row = isReference(id) ? id.id : id;
    const rights =
      details === null || typeof row !== 'string' ? null : await client.rightsOn(user.id, details, row);
    if (rights?.has('Read') !== true)
      throw notAllowed(record.table, record.id, `you may not read its ${table}`);
    if (need === 'write' && !rights.has('Append') && !rights.has('AppendTo')) {
      throw notAllowed(record.table, record.id, `you may not link its ${table}`);
    }
  }
}

/** A column that the table has no more cannot be proved to be open to the user: it is left out too. */
async function columnSecurity(
  source: Source,
  user: KnownUser,
  details: TableDetails,
  schemaIds: readonly string[],
): Promise<ColumnSecurity> {
  const readable = await source.client.readableSecuredColumns(user.id, details);
  const writable = await source.client.writableSecuredColumns(user.id, details);
  const live = new Map(details.columns.map((column) => [column.name, column]));
  const hidden = new Set<string>();
  for (const { name, id } of await capturedColumns(source.vault, schemaIds)) {
    const column = live.get(name);
    const open = column !== undefined && column.id === id && (!column.secured || readable.has(name));
    if (!open) hidden.add(name);
  }
  return { hidden, writableSecured: writable };
}

async function capturedColumns(vault: Vault, schemaIds: readonly string[]): Promise<readonly ColumnSchema[]> {
  const schemas = await Promise.all([...new Set(schemaIds)].map((id) => vault.schemas.read(id)));
  return schemas.flatMap(({ columns }) => columns);
}

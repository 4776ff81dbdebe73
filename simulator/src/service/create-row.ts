import type { TableDefinition } from '../model/definitions.ts';
import { parseGuid } from '../model/guid.ts';
import type { StoredValue } from '../model/seed.ts';
import { columnDenied, mayTouch } from '../security/columns.ts';
import { missingPrivilege, privilegeDepth, privilegeOf, requirePrivilege } from '../security/rights.ts';
import type { Row } from '../store/table-store.ts';
import { isReference } from '../store/values.ts';
import { addParties } from './activity-parties.ts';
import { addMissingAddresses } from './addresses.ts';
import { attachFile } from './attachments.ts';
import { addReciprocalConnection } from './connections.ts';
import { autoNumbers } from './auto-number.ts';
import { composeTexts } from './composed-texts.ts';
import type { RequestContext } from './context.ts';
import { partitionOf, storageKey } from './elastic/row-key.ts';
import { deriveOwnership, recomputeMoney, refuseMissingCurrency } from './derived-columns.ts';
import { badRequest, cannotBeNull, duplicateRow, unsupportedMessage } from './errors.ts';
import { refuseDuplicates } from './duplicates.ts';
import { setImages } from './files/images.ts';
import { isObject, textMember, type JsonObject } from './json.ts';
import { associate } from './links.ts';
import { checkKeys } from './alternate-keys.ts';
import { refuseLockedParent } from './locked-rows.ts';
import { runAfter, runBefore } from './hooks/run-hooks.ts';
import { inheritAccess, isParentalLookup } from './inherited-access.ts';
import { checkBody, noteDefaults } from './notes.ts';
import { addPlatformRows } from './platform-rows.ts';
import { refuseNewRow } from './table-rules.ts';
import { MISCELLANEOUS_PRIVILEGES } from './roles.ts';
import { ownershipAcrossUnits, readPayload, type Payload } from './payload.ts';
import { checkPair, defaultState, defaultStatus } from './state.ts';
import { checkOwner, checkReferences } from './references.ts';
import { setReference } from './update-row.ts';

/** Tables whose rows come into being only along with others. */
const NEVER_CREATED = new Set([
  'activitypointer',
  'activityparty',
  'principalobjectaccess',
  'fileattachment',
  'attachment',
]);

export interface CreateOptions {
  /** The key in the URL of an upsert; a key in the body wins. */
  readonly id?: string;
  /** Alternate key columns from the URL; values in the body win. */
  readonly keyValues?: Readonly<Record<string, StoredValue>>;
  /** Elastic tables: the partition in the URL of an upsert; one in the body wins. */
  readonly partition?: string;
}

/** Creates a row and what its payload nests, in one transaction. */
export function createRow(
  context: RequestContext,
  table: TableDefinition,
  body: JsonObject,
  options: CreateOptions = {},
): Row {
  return context.environment.database.transaction(() => create(context, table, body, options));
}

function create(
  context: RequestContext,
  table: TableDefinition,
  body: JsonObject,
  options: CreateOptions,
): Row {
  if (table.intersect || table.tableType === 'Virtual' || NEVER_CREATED.has(table.logicalName))
    throw unsupportedMessage(table.logicalName);
  requirePrivilege(context.caller, table, 'Create');
  const { environment } = context;
  const key = chosenId(table, body) ?? options.id ?? environment.newId();
  const partition = partitionOf(table, key, textMember(body, 'partitionid') ?? options.partition);
  const id = storageKey(table, key, partition);
  const event = { table, message: 'Create' } as const;
  const payload = readPayload(context, table, { ...body, ...runBefore(context, event, id) }, 'create');
  refuseElasticNesting(table, payload);
  for (const { navigation, body: nested } of payload.parents)
    createParent(context, table, navigation, nested, payload);
  if (environment.database.get(table.logicalName, id) !== undefined) throw duplicateRow();
  refuseForbidden(context, table, payload);
  refuseLockedParent(context, table, Object.fromEntries(payload.values));
  checkReferences(context, table, payload.values);
  checkBody(context, table, payload.values);
  const values = {
    ...initialValues(context, table, key, payload, options.keyValues ?? {}),
    ...(partition === undefined ? {} : { partitionid: partition }),
  };
  refuseNewRow(context, table, id, values);
  checkKeys(environment, table, id, values);
  refuseDuplicates(context, table, id, values);
  const row = environment.database.put(table.logicalName, id, values);
  afterCreate(context, table, row, payload);
  runAfter(context, event, id);
  return environment.database.get(table.logicalName, id) ?? row;
}

/** An elastic row is written alone: nothing can be made along with it. */
function refuseElasticNesting(table: TableDefinition, payload: Payload): void {
  if (table.tableType !== 'Elastic' || payload.parents.length + payload.children.length === 0) return;
  throw badRequest(
    `Related entities cannot be created along with a row of the elastic table ${table.logicalName}.`,
    '0x80048d0b',
  );
}

/** The key in the body, where it is a guid; anything else is refused when the payload is read. */
function chosenId(table: TableDefinition, body: JsonObject): string | undefined {
  const text = textMember(body, table.primaryId);
  return text === undefined ? undefined : parseGuid(text);
}

function createParent(
  context: RequestContext,
  table: TableDefinition,
  navigation: string,
  body: JsonObject,
  payload: Payload,
): void {
  const found = context.environment.schema.navigation(table.logicalName, navigation);
  if (found?.kind !== 'single') return;
  const parent = context.environment.schema.table(found.relationship.referencedTable);
  if (parent === undefined) throw unsupportedMessage(found.relationship.referencedTable);
  const row = createRow(context, parent, body);
  payload.values.set(found.relationship.referencingColumn, { table: parent.logicalName, id: row.id });
}

function refuseForbidden(context: RequestContext, table: TableDefinition, payload: Payload): void {
  const { environment, caller } = context;
  for (const [name, value] of payload.values) {
    const column = table.columns.get(name);
    if (column === undefined) continue;
    if (value !== null && !mayTouch(environment, caller, table, column, 'create')) {
      throw columnDenied(caller, table, column, 'create');
    }
    if (value === null && column.requiredLevel === 'SystemRequired' && name !== table.primaryId)
      throw cannotBeNull(name);
  }
  const override = payload.values.get('overriddencreatedon') ?? null;
  const privilege = 'prvOverrideCreatedOnCreatedBy';
  if (override !== null && privilegeDepth(caller, privilege) === 0) {
    if (environment.switches.createdOnOverrideWithoutRight === 'ignored') {
      payload.values.delete('overriddencreatedon');
      return;
    }
    throw missingPrivilege(caller, { name: privilege, id: MISCELLANEOUS_PRIVILEGES[privilege] ?? '' }, table);
  }
}

function initialValues(
  context: RequestContext,
  table: TableDefinition,
  id: string,
  payload: Payload,
  keyValues: Readonly<Record<string, StoredValue>>,
): Readonly<Record<string, StoredValue>> {
  const given = withoutNulls({ ...keyValues, ...Object.fromEntries(payload.values) });
  const values: Record<string, StoredValue> = {
    ...defaults(table),
    ...systemValues(context, table),
    ...noteDefaults(table, given, true),
    ...given,
    ...autoNumbers(context.environment, table, given),
    [table.primaryId]: id,
  };
  requireLookups(table, values);
  setState(table, id, values, payload);
  swapCreatedOn(context, table, values);
  if (payload.values.get('transactioncurrencyid') === null) refuseMissingCurrency(table, values);
  checkOwner(context, table, values['ownerid'], 'create');
  const owned = deriveOwnership(context.environment, table, values);
  const unit = payload.values.get('owningbusinessunit') ?? null;
  const placed =
    unit !== null && ownershipAcrossUnits(context) ? { ...owned, owningbusinessunit: unit } : owned;
  return composeTexts(table, recomputeMoney(context.environment, table, placed));
}

/** What the platform itself writes. */
function systemValues(context: RequestContext, table: TableDefinition): Record<string, StoredValue> {
  const now = context.environment.timestamp();
  const user = { table: 'systemuser', id: context.caller.user.userId };
  const actor = context.caller.actor;
  const behalf =
    actor === undefined
      ? {}
      : { createdonbehalfby: actorReference(actor.userId), modifiedonbehalfby: actorReference(actor.userId) };
  const all: Record<string, StoredValue> = {
    createdon: now,
    modifiedon: now,
    createdby: user,
    modifiedby: user,
    ...behalf,
    organizationid: table.logicalName === 'organization' ? null : context.environment.identity.organizationId,
    ...(table.ownership === 'UserOwned' ? { ownerid: user } : {}),
    ...(table.logicalName === 'team' ? { administratorid: user } : {}),
    ...(table.activity ? { activitytypecode: table.logicalName } : {}),
  };
  return withoutNulls(
    Object.fromEntries(Object.entries(all).filter(([name]) => acceptsSystemValue(table, name))),
  );
}

/** `organizationid` is a lookup on some tables and a plain guid on others; only the guid is filled here. */
function acceptsSystemValue(table: TableDefinition, name: string): boolean {
  const column = table.columns.get(name);
  return column !== undefined && (name !== 'organizationid' || column.type === 'UniqueidentifierType');
}

function actorReference(id: string) {
  return { table: 'systemuser', id };
}

function defaults(table: TableDefinition): Record<string, StoredValue> {
  const values: Record<string, StoredValue> = {};
  for (const column of table.columns.values()) {
    const { defaultValue } = column;
    if (defaultValue === undefined || column.type === 'StateType' || column.type === 'StatusType') continue;
    if (typeof defaultValue === 'number' && defaultValue < 0) continue;
    values[column.logicalName] = defaultValue;
  }
  return values;
}

/** A new row lands in the default state, unless the table lets the state be given at creation. */
function setState(
  table: TableDefinition,
  id: string,
  values: Record<string, StoredValue>,
  payload: Payload,
): void {
  const initial = defaultState(table);
  if (initial === undefined) return;
  const state = payload.values.has('statecode') ? Number(values['statecode'] ?? initial) : initial;
  const given = payload.values.get('statuscode') ?? null;
  const status = given === null ? (defaultStatus(table, state) ?? null) : Number(given);
  if (status !== null) checkPair(table, id, state, status);
  values['statecode'] = state;
  if (status !== null) values['statuscode'] = status;
}

/** `overriddencreatedon` becomes `createdon`; the column itself then tells when the row was really written. */
function swapCreatedOn(
  context: RequestContext,
  table: TableDefinition,
  values: Record<string, StoredValue>,
): void {
  const override = values['overriddencreatedon'] ?? null;
  if (override === null || !table.columns.has('createdon')) return;
  const { createdOnOverride, createdOnOverrideTime } = context.environment.switches;
  const cut = createdOnOverrideTime === 'cut' && typeof override === 'string';
  const date = cut ? `${override.slice(0, 10)}T00:00:00Z` : override;
  values['createdon'] = date;
  values['overriddencreatedon'] = createdOnOverride === 'kept' ? date : context.environment.timestamp();
}

/** Lookups that the platform demands; those that it fills itself are not asked for. */
function requireLookups(table: TableDefinition, values: Readonly<Record<string, StoredValue>>): void {
  for (const column of table.columns.values()) {
    const lookup = column.type === 'LookupType' || column.type === 'CustomerType';
    if (!lookup || column.requiredLevel !== 'SystemRequired' || !column.validForCreate) continue;
    if (PLATFORM_LOOKUPS.has(column.logicalName) || (values[column.logicalName] ?? null) !== null) continue;
    throw badRequest(`Required field '${column.logicalName}' is missing`, '0x80040200');
  }
}

const PLATFORM_LOOKUPS = new Set([
  'ownerid',
  'transactioncurrencyid',
  'organizationid',
  'businessunitid',
  'owningbusinessunit',
]);

function afterCreate(context: RequestContext, table: TableDefinition, row: Row, payload: Payload): void {
  const { environment } = context;
  setImages(context, table, row.id, payload.images, 'create');
  addMissingAddresses(
    environment,
    table.logicalName,
    environment.database.get(table.logicalName, row.id) ?? row,
  );
  if (table.activity) addParties(context, table, row, partyBodies(context, table, payload));
  if (table.logicalName === 'activitymimeattachment') attachFile(environment, row);
  if (table.logicalName === 'connection') addReciprocalConnection(environment, row);
  addPlatformRows(context, table, environment.database.get(table.logicalName, row.id) ?? row);
  if ([...payload.values.keys()].some((name) => isParentalLookup(environment, table, name)))
    inheritAccess(environment, table, row.id);
  for (const { navigation, targets } of payload.binds) {
    for (const target of targets) attach(context, table, row, navigation, target.table, target.id);
  }
  for (const { navigation, bodies } of payload.children) {
    if (isPartyNavigation(context, table, navigation)) continue;
    for (const body of bodies) createChild(context, table, row, navigation, body);
  }
  checkDepth(context, table, row);
}

function partyBodies(
  context: RequestContext,
  table: TableDefinition,
  payload: Payload,
): readonly JsonObject[] {
  return payload.children
    .filter(({ navigation }) => isPartyNavigation(context, table, navigation))
    .flatMap(({ bodies }) => bodies.filter(isObject));
}

export function isPartyNavigation(context: RequestContext, table: TableDefinition, name: string): boolean {
  const navigation = context.environment.schema.navigation(table.logicalName, name);
  return navigation?.kind === 'collection' && navigation.relationship.referencingTable === 'activityparty';
}

function attach(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  navigationName: string,
  targetTable: string,
  targetId: string,
): void {
  const navigation = context.environment.schema.navigation(table.logicalName, navigationName);
  if (navigation?.kind === 'links')
    associate(context, navigation.relationship, navigation.side, row.id, targetId);
  if (navigation?.kind === 'collection') {
    const { referencingColumn } = navigation.relationship;
    setReference(context, targetTable, targetId, referencingColumn, { table: table.logicalName, id: row.id });
  }
}

function createChild(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  navigationName: string,
  body: JsonObject,
): void {
  const { schema } = context.environment;
  const navigation = schema.navigation(table.logicalName, navigationName);
  if (navigation === undefined || navigation.kind === 'single') return;
  if (navigation.kind === 'collection') {
    const { referencingTable, referencingNavigation } = navigation.relationship;
    const child = schema.table(referencingTable);
    if (child === undefined) throw unsupportedMessage(referencingTable);
    createRow(context, child, {
      ...body,
      [`${referencingNavigation}@odata.bind`]: `/${table.entitySetName}(${row.id})`,
    });
    return;
  }
  const { relationship, side } = navigation;
  const other = schema.table(side === 1 ? relationship.table2 : relationship.table1);
  if (other === undefined) throw unsupportedMessage(relationship.schemaName);
  associate(context, relationship, side, row.id, createRow(context, other, body).id);
}

/** A user whose right to create reaches only own rows may not create rows for others. */
function checkDepth(context: RequestContext, table: TableDefinition, row: Row): void {
  const privilege = privilegeOf(table, 'Create');
  const owner = row.values['ownerid'];
  if (privilege === undefined || !isReference(owner)) return;
  const { user } = context.caller;
  const depth = privilegeDepth(context.caller, privilege.name);
  const own = owner.id === user.userId || user.teamIds.has(owner.id);
  const unit = row.values['owningbusinessunit'];
  const unitId = isReference(unit) ? unit.id : '';
  const reaches =
    depth === 8 ||
    own ||
    (depth >= 2 && unitId === user.businessUnitId) ||
    (depth >= 4 && user.subtree.has(unitId));
  if (!reaches) throw missingPrivilege(context.caller, privilege, table);
}

function withoutNulls(values: Readonly<Record<string, StoredValue>>): Record<string, StoredValue> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

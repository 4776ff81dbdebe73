import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { autoNumbers } from './auto-number.ts';
import { composeTexts } from './composed-texts.ts';
import type { RequestContext } from './context.ts';
import { deriveOwnership, recomputeMoney, refuseMissingCurrency } from './derived-columns.ts';
import { badRequest } from './errors.ts';
import { noteDefaults } from './notes.ts';
import { ownershipAcrossUnits, type Payload } from './payload.ts';
import { checkOwner } from './references.ts';
import { checkPair, defaultState, defaultStatus } from './state.ts';

/** The values of a new row: what was sent, what the platform fills, and what follows from both. */
export function initialValues(
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

function withoutNulls(values: Readonly<Record<string, StoredValue>>): Record<string, StoredValue> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

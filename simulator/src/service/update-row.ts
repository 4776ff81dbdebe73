import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import { columnDenied, mayTouch } from '../security/columns.ts';
import { covers, requirePrivilege } from '../security/rights.ts';
import type { Row } from '../store/table-store.ts';
import { isReference, sameValue, type Reference } from '../store/values.ts';
import { refreshDerivedParties } from './activity-parties.ts';
import { updateAddresses } from './addresses.ts';
import { afterAssign } from './assign-row.ts';
import { checkKeys } from './alternate-keys.ts';
import { refuseClosingByUpdate } from './closed-states.ts';
import { composeTexts } from './composed-texts.ts';
import type { RequestContext } from './context.ts';
import { isPartyNavigation } from './nested-rows.ts';
import { deriveOwnership, recomputeMoney, refuseMissingCurrency } from './derived-columns.ts';
import { accessDenied, badRequest, cannotBeNull, rowNotFound, unsupportedMessage } from './errors.ts';
import { refuseStageMove } from './business-process.ts';
import { refuseDuplicates } from './duplicates.ts';
import { setImages } from './files/images.ts';
import { refuseLoops } from './hierarchy.ts';
import { runAfter, runBefore, type WriteEvent } from './hooks/run-hooks.ts';
import { inheritAccess, isParentalLookup } from './inherited-access.ts';
import type { JsonObject } from './json.ts';
import { associate } from './links.ts';
import { refuseLocked, refuseLockedParent } from './locked-rows.ts';
import { checkBody, noteDefaults } from './notes.ts';
import { ownershipAcrossUnits, readPayload, type Payload } from './payload.ts';
import { checkOwner, checkReferences } from './references.ts';
import { refuseChange } from './table-rules.ts';
import { checkPair, defaultStatus, refuseTransition } from './state.ts';
import type { Environment } from './environment.ts';

const NEVER_UPDATED = new Set(['activitypointer', 'activityparty', 'attachment']);

/** Changes what the body names; every update counts as one, also of an unchanged value. */
export function updateRow(context: RequestContext, table: TableDefinition, row: Row, body: JsonObject): Row {
  return context.environment.database.transaction(() => {
    if (table.intersect || table.tableType === 'Virtual' || NEVER_UPDATED.has(table.logicalName))
      throw unsupportedMessage(table.logicalName);
    requireAccess(context, table, row, 'Write');
    const payload = readPayload(context, table, body, 'update');
    if (
      payload.parents.length > 0 ||
      payload.children.some((one) => !isPartyNavigation(context, table, one.navigation))
    ) {
      throw badRequest('Related entities cannot be created in an update request.', '0x80048d19');
    }
    payload.values.delete(table.primaryId);
    return write(context, table, row, payload);
  });
}

export function requireAccess(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  verb: 'Read' | 'Write' | 'Delete' | 'Assign' | 'Share',
): void {
  requirePrivilege(context.caller, table, verb);
  if (!covers(context.caller, table, verb, row, context.environment.database)) throw accessDenied();
}

/** The update with the custom logic around it. */
function write(context: RequestContext, table: TableDefinition, row: Row, payload: Payload): Row {
  const events = updateEvents(table, payload);
  for (const event of events) {
    const added = readPayload(context, table, runBefore(context, event, row.id), 'update');
    for (const [name, value] of added.values) payload.values.set(name, value);
  }
  const current = context.environment.database.get(table.logicalName, row.id) ?? row;
  const updated = apply(context, table, current, payload);
  for (const event of events) runAfter(context, event, row.id);
  return context.environment.database.get(table.logicalName, row.id) ?? updated;
}

/** State and owner are written apart from the other columns: logic on updates runs twice where both are named. */
function updateEvents(table: TableDefinition, payload: Payload): WriteEvent[] {
  const names = [...payload.values.keys(), ...payload.images.keys()];
  const special = names.filter((name) => ['statecode', 'statuscode', 'ownerid'].includes(name));
  const ordinary = names.filter((name) => !special.includes(name));
  const parts = [ordinary, special].filter((part) => part.length > 0);
  return (parts.length === 0 ? [[]] : parts).map((columns) => ({ table, message: 'Update', columns }));
}

function apply(context: RequestContext, table: TableDefinition, row: Row, payload: Payload): Row {
  const { environment } = context;
  refuseForbidden(context, table, row.id, payload);
  refuseLocked(context, table, row.values, payload.values.keys());
  refuseLockedParent(context, table, row.values);
  checkReferences(context, table, payload.values);
  refuseLoops(environment, table, row.id, payload.values);
  refuseChange(context, table, row, payload.values);
  refuseStageMove(table, row, payload.values);
  checkBody(context, table, payload.values, row.values);
  const values = composeTexts(table, changedValues(context, table, row, payload));
  checkKeys(environment, table, row.id, values);
  refuseDuplicates(context, table, row.id, values, [...payload.values.keys()]);
  const updated = environment.database.put(table.logicalName, row.id, values);
  setImages(context, table, row.id, payload.images, 'update');
  updateAddresses(environment, table.logicalName, updated, payload.values.keys());
  if (table.activity) refreshDerivedParties(environment, table, row.id);
  const owner = payload.values.get('ownerid');
  if (isReference(owner) && !sameValue(owner, row.values['ownerid']))
    afterAssign(context, table, row.id, { before: row.values['ownerid'], now: owner });
  if ([...payload.values.keys()].some((name) => isParentalLookup(environment, table, name)))
    inheritAccess(environment, table, row.id);
  for (const { navigation, targets } of payload.binds)
    bindCollection(context, table, row.id, navigation, targets);
  return environment.database.get(table.logicalName, row.id) ?? updated;
}

function refuseForbidden(
  context: RequestContext,
  table: TableDefinition,
  rowId: string,
  payload: Payload,
): void {
  for (const [name, value] of payload.values) {
    const column = table.columns.get(name);
    if (column === undefined) continue;
    if (!mayTouch(context.environment, context.caller, table, column, 'update', rowId)) {
      throw columnDenied(context.caller, table, column, 'update');
    }
    if (value === null && column.requiredLevel === 'SystemRequired') throw cannotBeNull(name);
  }
}

function changedValues(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  payload: Payload,
): Readonly<Record<string, StoredValue>> {
  const { environment } = context;
  const given = Object.fromEntries(payload.values);
  const values: Record<string, StoredValue> = { ...row.values };
  for (const [name, value] of Object.entries({ ...noteDefaults(table, given, false), ...given })) {
    if (value === null) delete values[name];
    else values[name] = value;
  }
  setState(environment, table, row, values, payload);
  stampModified(context, table, values);
  if (touchesMoney(table, payload)) refuseMissingCurrency(table, values);
  const owner = payload.values.get('ownerid');
  if (owner !== undefined && !sameValue(owner, row.values['ownerid'])) {
    checkOwner(context, table, owner, 'assign');
    const unit = payload.values.get('owningbusinessunit') ?? null;
    const derived = deriveOwnership(environment, table, values);
    const placed =
      unit !== null && ownershipAcrossUnits(context) ? { ...derived, owningbusinessunit: unit } : derived;
    return recomputeMoney(environment, table, placed);
  }
  return touchesMoney(table, payload) ? recomputeMoney(environment, table, values) : values;
}

/**
 * State and status go together: a state alone brings its default status, a status must fit the state, and a change
 * of state may be bound to rules of the table.
 */
function setState(
  environment: Environment,
  table: TableDefinition,
  row: Row,
  values: Record<string, StoredValue>,
  payload: Payload,
): void {
  if (!payload.values.has('statecode') && !payload.values.has('statuscode')) return;
  const state = Number(values['statecode'] ?? 0);
  refuseClosingByUpdate(environment, table, Number(row.values['statecode']), state);
  if (!payload.values.has('statuscode')) {
    const status = defaultStatus(table, state);
    if (status !== undefined) values['statuscode'] = status;
  }
  if (typeof values['statuscode'] !== 'number') return;
  checkPair(table, row.id, state, values['statuscode']);
  refuseTransition(table, row, state, values['statuscode']);
}

function touchesMoney(table: TableDefinition, payload: Payload): boolean {
  return [...payload.values.keys()].some(
    (name) => name === 'transactioncurrencyid' || table.columns.get(name)?.type === 'MoneyType',
  );
}

export function stampModified(
  context: RequestContext,
  table: TableDefinition,
  values: Record<string, StoredValue>,
): void {
  const { user, actor } = context.caller;
  if (table.columns.has('modifiedon')) values['modifiedon'] = context.environment.timestamp();
  if (table.columns.has('modifiedby')) values['modifiedby'] = { table: 'systemuser', id: user.userId };
  delete values['modifiedonbehalfby'];
  if (actor !== undefined && table.columns.has('modifiedonbehalfby')) {
    values['modifiedonbehalfby'] = { table: 'systemuser', id: actor.userId };
  }
}

/** Points a lookup somewhere else, or nowhere; for `$ref` requests and collection binds. */
export function setReference(
  context: RequestContext,
  tableName: string,
  id: string,
  column: string,
  target: Reference | null,
): void {
  const { environment } = context;
  const table = environment.schema.table(tableName);
  const row = environment.database.get(tableName, id);
  if (table === undefined || row === undefined) throw rowNotFound(tableName, id);
  requireAccess(context, table, row, 'Write');
  const payload: Payload = {
    values: new Map([[column, target]]),
    images: new Map(),
    binds: [],
    parents: [],
    children: [],
  };
  environment.database.transaction(() => write(context, table, row, payload));
}

function bindCollection(
  context: RequestContext,
  table: TableDefinition,
  id: string,
  navigationName: string,
  targets: readonly Reference[],
): void {
  const navigation = context.environment.schema.navigation(table.logicalName, navigationName);
  for (const target of targets) {
    if (navigation?.kind === 'links')
      associate(context, navigation.relationship, navigation.side, id, target.id);
    if (navigation?.kind === 'collection') {
      setReference(context, target.table, target.id, navigation.relationship.referencingColumn, {
        table: table.logicalName,
        id,
      });
    }
  }
}

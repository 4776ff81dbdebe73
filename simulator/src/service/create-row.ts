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
import type { RequestContext } from './context.ts';
import { partitionOf, storageKey } from './elastic/row-key.ts';
import { badRequest, cannotBeNull, duplicateRow, unsupportedMessage } from './errors.ts';
import { refuseStageAtStart, startProcesses } from './business-process.ts';
import { refuseDuplicates } from './duplicates.ts';
import { setImages } from './files/images.ts';
import { textMember, type JsonObject } from './json.ts';
import { checkKeys } from './alternate-keys.ts';
import { refuseLockedParent } from './locked-rows.ts';
import { runAfter, runBefore } from './hooks/run-hooks.ts';
import { inheritAccess, isParentalLookup } from './inherited-access.ts';
import { initialValues } from './initial-values.ts';
import { attach, createChild, createParent, isPartyNavigation, partyBodies } from './nested-rows.ts';
import { checkBody } from './notes.ts';
import { addPlatformRows } from './platform-rows.ts';
import { refuseNewRow } from './table-rules.ts';
import { MISCELLANEOUS_PRIVILEGES } from './roles.ts';
import { readPayload, type Payload } from './payload.ts';
import { checkReferences } from './references.ts';

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
  refuseStageAtStart(table, values);
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
  startProcesses(context, table, row, payload.values.get('processid'));
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

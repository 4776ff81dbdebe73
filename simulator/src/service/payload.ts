import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import { covers, isLookup, type Navigation } from '../model/schema.ts';
import type { StoredValue } from '../model/seed.ts';
import { plainText, type Reference } from '../store/values.ts';
import type { RequestContext } from './context.ts';
import { convertValue } from './convert-value.ts';
import {
  badRequest,
  payloadError,
  plainLookupWrite,
  targetNotFound,
  unknownColumn,
  unknownNavigation,
} from './errors.ts';
import { isList, isObject, type Json, type JsonObject } from './json.ts';
import { parseReference, requireByKey } from './resolve.ts';

export type Mode = 'create' | 'update';

/** A write request taken apart: column values, links to make, rows to create along with it. */
export interface Payload {
  /** By column; null clears. Only columns that may be written in this mode. */
  readonly values: Map<string, StoredValue>;
  /** Image contents as base64 text. */
  readonly images: Map<string, string | null>;
  /** Collection-valued `@odata.bind`. */
  readonly binds: { readonly navigation: string; readonly targets: readonly Reference[] }[];
  /** Nested objects of single-valued navigation properties: created first. */
  readonly parents: { readonly navigation: string; readonly body: JsonObject }[];
  /** Nested arrays of collection-valued navigation properties: created afterwards. */
  readonly children: { readonly navigation: string; readonly bodies: readonly JsonObject[] }[];
}

/** Names are case-sensitive; what cannot be written in this mode is left out without a word. */
export function readPayload(
  context: RequestContext,
  table: TableDefinition,
  body: JsonObject,
  mode: Mode,
): Payload {
  const payload: Payload = { values: new Map(), images: new Map(), binds: [], parents: [], children: [] };
  for (const [name, value] of Object.entries(body)) {
    const at = name.indexOf('@');
    if (at === 0) continue;
    if (at > 0)
      readAnnotation(context, table, name.slice(0, at), name.slice(at + 1), value, payload, mode, body);
    else readMember(context, table, name, value, payload, mode);
  }
  return payload;
}

function readAnnotation(
  context: RequestContext,
  table: TableDefinition,
  property: string,
  annotation: string,
  value: Json,
  payload: Payload,
  mode: Mode,
  body: JsonObject,
): void {
  const { schema } = context.environment;
  const navigation = schema.navigation(table.logicalName, property);
  if (annotation !== 'odata.bind') {
    const known =
      property in body || navigation !== undefined || schema.properties(table.logicalName).has(property);
    if (!known) throw unknownNavigation(property, setName(table));
    return;
  }
  if (navigation === undefined) throw unknownNavigation(property, setName(table));
  if (navigation.kind === 'single')
    return setLookup(context, table, navigation, property, value, payload, mode);
  if (!isList(value))
    throw payloadError(setName(table), `The value of '${property}@odata.bind' must be a list.`);
  payload.binds.push({ navigation: property, targets: value.map((one) => bindTarget(context, table, one)) });
}

function readMember(
  context: RequestContext,
  table: TableDefinition,
  name: string,
  value: Json,
  payload: Payload,
  mode: Mode,
): void {
  const navigation = context.environment.schema.navigation(table.logicalName, name);
  if (navigation !== undefined && (isObject(value) || isList(value) || value === null)) {
    return readNested(context, table, name, navigation, value, payload, mode);
  }
  const column = table.columns.get(name);
  if (/^_.+_value$/.test(name) && table.columns.has(name.slice(1, -6))) throw plainLookupWrite();
  if (column === undefined) throw unknownColumn(name, table.logicalName);
  if (isLookup(column) || navigation !== undefined) throw plainLookupWrite();
  if (!column.validOData) throw unknownColumn(name, table.logicalName);
  setColumn(table, column, value, payload, mode);
}

function setColumn(
  table: TableDefinition,
  column: ColumnDefinition,
  value: Json,
  payload: Payload,
  mode: Mode,
): void {
  if (column.type === 'FileType') {
    throw badRequest(
      `The file attribute '${column.logicalName}' cannot be set in a create or update request.`,
    );
  }
  if (!writable(column, mode)) return;
  if (column.type !== 'ImageType') {
    payload.values.set(column.logicalName, convertValue(table, column, value));
    return;
  }
  if (value !== null && typeof value !== 'string') {
    throw payloadError(
      setName(table),
      `Cannot convert the value of '${column.logicalName}' to the expected type 'Edm.Binary'.`,
    );
  }
  payload.images.set(column.logicalName, value);
}

/** A column that was calculated, rolled up or computed by a formula is never written. */
export function writable(column: ColumnDefinition, mode: Mode): boolean {
  if ((column.sourceType ?? 0) !== 0) return false;
  return mode === 'create' ? column.validForCreate : column.validForUpdate;
}

function readNested(
  context: RequestContext,
  table: TableDefinition,
  name: string,
  navigation: Navigation,
  value: Json,
  payload: Payload,
  mode: Mode,
): void {
  if (navigation.kind === 'single') {
    if (value === null) return setLookup(context, table, navigation, name, null, payload, mode);
    if (!isObject(value)) throw payloadError(setName(table), `The property '${name}' must be an object.`);
    if (typeof value['@odata.id'] === 'string') {
      return setLookup(context, table, navigation, name, value['@odata.id'], payload, mode);
    }
    payload.parents.push({ navigation: name, body: value });
    return;
  }
  if (!isList(value)) throw payloadError(setName(table), `The property '${name}' must be a list.`);
  payload.children.push({ navigation: name, bodies: value.filter(isObject) });
}

function setLookup(
  context: RequestContext,
  table: TableDefinition,
  navigation: Extract<Navigation, { kind: 'single' }>,
  property: string,
  value: Json,
  payload: Payload,
  mode: Mode,
): void {
  const { referencedTable, referencingColumn } = navigation.relationship;
  const column = table.columns.get(referencingColumn);
  if (column === undefined) throw unknownNavigation(property, setName(table));
  const target = value === null ? null : bindTarget(context, table, value);
  if (target !== null && !covers(referencedTable, target.table, context.environment.schema)) {
    throw payloadError(
      setName(table),
      `A value of type '${target.table}' cannot be bound to the navigation property '${property}' of type '${referencedTable}'.`,
    );
  }
  if (writable(column, mode) || writableByUnit(context, column))
    payload.values.set(referencingColumn, target);
  else if (
    referencingColumn === 'owningbusinessunit' &&
    context.environment.switches.owningUnitWhenOff === 'refused'
  )
    throw badRequest('The owning business unit cannot be set in this organization.', '0x80040203');
}

/** `owningbusinessunit` can be written where rows may be owned across business units. */
export function ownershipAcrossUnits(context: RequestContext): boolean {
  const settings = plainText(context.environment.setting('orgdborgsettings'));
  return /<EnableOwnershipAcrossBusinessUnits>true</i.test(settings);
}

function writableByUnit(context: RequestContext, column: ColumnDefinition): boolean {
  return column.logicalName === 'owningbusinessunit' && ownershipAcrossUnits(context);
}

function bindTarget(context: RequestContext, table: TableDefinition, value: Json): Reference {
  if (typeof value !== 'string')
    throw payloadError(setName(table), 'The value of an odata.bind annotation must be a URL.');
  return resolveTarget(context, value);
}

/** The row a URL names; it must exist. @throws ServiceError 404 */
export function resolveTarget(context: RequestContext, url: string): Reference {
  const { environment } = context;
  const { table, key } = parseReference(environment, url);
  const row = requireByKey(environment, table, key);
  if (row === undefined) {
    const id = key.kind === 'id' ? key.id : key.text;
    throw targetNotFound(table.logicalName, id, environment.switches.bindToMissingRow);
  }
  return { table: table.logicalName, id: row.id };
}

export function setName(table: TableDefinition): string {
  return table.entitySetName ?? table.logicalName;
}

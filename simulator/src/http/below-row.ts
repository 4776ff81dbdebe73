import { rowVersion } from '../store/values.ts';
import type { ColumnDefinition, TableDefinition } from '../model/definitions.ts';
import type { Navigation } from '../model/schema.ts';
import { entityUrl } from '../odata/expand.ts';
import { printValue, styleOf } from '../odata/print-value.ts';
import { collectionFilter, countRows, readCollection } from '../odata/read-collection.ts';
import { mayTouch } from '../security/columns.ts';
import { maskOf } from '../security/masking.ts';
import { relatedRows } from '../odata/related.ts';
import type { Segment } from '../odata/url.ts';
import { replaceParties } from '../service/activity-parties.ts';
import { createRow } from '../service/create-row.ts';
import { isPartyNavigation } from '../service/nested-rows.ts';
import {
  badRequest,
  methodNotAllowed,
  operationNotFound,
  rowNotFound,
  segmentNotFound,
} from '../service/errors.ts';
import { isList, isObject, parseObject } from '../service/json.ts';
import { associate } from '../service/links.ts';
import { setName } from '../service/payload.ts';
import { parseKey } from '../service/resolve.ts';
import { requireAccess, updateRow } from '../service/update-row.ts';
import type { Row } from '../store/table-store.ts';
import { plainText } from '../store/values.ts';
import { bodyText, json, noContent, type ApiResponse, type Call } from './api.ts';
import { pageHeaders } from './entity-set.ts';
import { fileResource, isFileColumn, textValue } from './file-resource.ts';
import { ROW_FUNCTIONS } from './operations/row-functions.ts';
import { references } from './references.ts';
import { entityIdHeaders } from './row-answers.ts';
import { readOne } from './row-resource.ts';

const TYPE_PREFIX = 'Microsoft.Dynamics.CRM.';

/** What stands after `accounts(id)/`: a bound operation, a column, or a navigation property. */
export function belowRow(
  call: Call,
  table: TableDefinition,
  row: Row,
  rest: readonly Segment[],
): ApiResponse | Promise<ApiResponse> {
  const [first, ...deeper] = rest;
  if (first === undefined) {
    // A row behind a navigation property can be read; it is written through its own entity set.
    if (call.method !== 'GET') throw methodNotAllowed(call.method);
    return readOne(call, table, row);
  }
  if (first.name.startsWith(TYPE_PREFIX)) return boundOperation(call, table, row, first);
  const navigation = call.context.environment.schema.navigation(table.logicalName, first.name);
  const column = columnOf(call, table, first.name);
  if (column !== undefined && isFileColumn(column)) return fileResource(call, table, row, column, deeper);
  if (navigation !== undefined) return navigate(call, table, row, first, navigation, deeper);
  if (column === undefined) throw segmentNotFound(first.name);
  return property(call, table, row, first.name, column, deeper);
}

function boundOperation(call: Call, table: TableDefinition, row: Row, segment: Segment): ApiResponse {
  const operation = ROW_FUNCTIONS.get(segment.name.slice(TYPE_PREFIX.length));
  if (operation === undefined || operation.method !== call.method) {
    throw operationNotFound(`${call.context.serviceRoot}${call.url.rawPath}`);
  }
  return operation.run(call, table, row, segment.argument ?? '');
}

function columnOf(call: Call, table: TableDefinition, name: string): ColumnDefinition | undefined {
  return call.context.environment.schema.properties(table.logicalName).get(name)?.column;
}

/** `accounts(id)/name`: the value in an envelope; `/$value`: as plain text; PUT and DELETE write it. */
function property(
  call: Call,
  table: TableDefinition,
  row: Row,
  name: string,
  column: ColumnDefinition,
  deeper: readonly Segment[],
): ApiResponse {
  const { context, method } = call;
  if (method === 'GET') {
    requireAccess(context, table, row, 'Read');
    const hidden = !mayTouch(context.environment, context.caller, table, column, 'read', row.id);
    const stored =
      column.logicalName === 'versionnumber' ? rowVersion(row) : (row.values[column.logicalName] ?? null);
    if (stored === null || hidden) return noContent();
    const value = maskOf(context, table, column)?.(plainText(stored)) ?? stored;
    if (deeper[0]?.name === '$value') return textValue(value);
    const url = `${context.serviceRoot}$metadata#${setName(table)}(${row.id})/${name}`;
    const literal = printValue({ column }, value, styleOf(context));
    return json(200, `{"@odata.context":${JSON.stringify(url)},"value":${literal}}`);
  }
  if (method === 'PUT') {
    const value = parseObject(bodyText(call), setName(table))['value'];
    if (value === undefined) throw badRequest("The request body has no member 'value'.", '0x80048d19');
    updateRow(context, table, row, { [name]: value });
    return noContent();
  }
  if (method !== 'DELETE') throw methodNotAllowed(method);
  updateRow(context, table, row, { [name]: null });
  return noContent();
}

function navigate(
  call: Call,
  table: TableDefinition,
  row: Row,
  segment: Segment,
  navigation: Navigation,
  deeper: readonly Segment[],
): ApiResponse | Promise<ApiResponse> {
  const [next] = deeper;
  if (next?.name === '$ref') return references(call, table, row, segment, navigation);
  if (navigation.kind === 'single') return single(call, table, row, segment, deeper);
  const { table: targetName, rows } = relatedRows(call.context, table.logicalName, row, segment.name);
  const target = call.context.environment.schema.table(targetName);
  if (target === undefined) throw segmentNotFound(segment.name);
  if (segment.argument !== undefined) {
    const key = parseKey(target, segment.argument, call.url.query);
    const found = rows.find((one) => key.kind === 'id' && one.id === key.id);
    if (found === undefined) throw rowNotFound(targetName, segment.argument);
    return belowRow(call, target, found, deeper);
  }
  if (next?.name === '$count') {
    const { count } = countRows(
      call.context,
      target,
      collectionFilter(call.context, target, call.url.query),
      rows,
    );
    return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: String(count) };
  }
  if (next !== undefined) throw segmentNotFound(next.name);
  return collectionBelow(call, table, row, segment, navigation, target, rows);
}

function collectionBelow(
  call: Call,
  table: TableDefinition,
  row: Row,
  segment: Segment,
  navigation: Exclude<Navigation, { kind: 'single' }>,
  target: TableDefinition,
  rows: readonly Row[],
): ApiResponse {
  const { context, method, url } = call;
  if (method === 'GET')
    return json(200, readCollection(context, target, url, setName(target), rows), pageHeaders(call));
  if (method === 'PUT' && isPartyNavigation(context, table, segment.name)) {
    const value = parseObject(bodyText(call), setName(table))['value'];
    if (!isList(value)) throw badRequest("The request body has no list 'value'.", '0x80048d19');
    context.environment.database.transaction(() => {
      updateRow(context, table, row, {});
      replaceParties(context, table, row, value.filter(isObject));
    });
    return noContent();
  }
  if (method !== 'POST') throw methodNotAllowed(method);
  return createBelow(call, table, row, navigation, target);
}

/** `POST accounts(id)/contact_customer_accounts`: creates a row that belongs to this one. */
function createBelow(
  call: Call,
  table: TableDefinition,
  row: Row,
  navigation: Exclude<Navigation, { kind: 'single' }>,
  target: TableDefinition,
): ApiResponse {
  const { context } = call;
  const body = parseObject(bodyText(call), setName(target));
  const created = context.environment.database.transaction(() => {
    if (navigation.kind === 'collection') {
      const bind = `${navigation.relationship.referencingNavigation}@odata.bind`;
      return createRow(context, target, { ...body, [bind]: entityUrl(context, table, row.id) });
    }
    const one = createRow(context, target, body);
    associate(context, navigation.relationship, navigation.side, row.id, one.id);
    return one;
  });
  return noContent(entityIdHeaders(call, target, created.id));
}

function single(
  call: Call,
  table: TableDefinition,
  row: Row,
  segment: Segment,
  deeper: readonly Segment[],
): ApiResponse | Promise<ApiResponse> {
  const { table: targetName, rows } = relatedRows(call.context, table.logicalName, row, segment.name);
  const target = call.context.environment.schema.table(targetName);
  const [found] = rows;
  if (found === undefined || target === undefined) {
    if (call.method === 'GET') return noContent();
    throw methodNotAllowed(call.method);
  }
  return belowRow(call, target, found, deeper);
}

import type { TableDefinition } from '../model/definitions.ts';
import { rowsOf } from '../odata/data-sources.ts';
import { etagOf } from '../odata/print-row.ts';
import type { Segment } from '../odata/url.ts';
import { createRow, type CreateOptions } from '../service/create-row.ts';
import { publicId, storageKey } from '../service/elastic/row-key.ts';
import { sessionHeaders } from '../service/elastic/sessions.ts';
import type { Environment } from '../service/environment.ts';
import { deleteRow } from '../service/delete-row.ts';
import {
  concurrencyNotEnabled,
  duplicateRow,
  keyNotFound,
  methodNotAllowed,
  rowNotFound,
  versionMismatch,
} from '../service/errors.ts';
import { parseObject, textMember, type JsonObject } from '../service/json.ts';
import { setName } from '../service/payload.ts';
import { findByKey, keyAsValues, type RowKey } from '../service/resolve.ts';
import { requireAccess, updateRow } from '../service/update-row.ts';
import type { Row } from '../store/table-store.ts';
import { bodyText, json, noContent, type ApiResponse, type Call } from './api.ts';
import { entityIdHeaders, rowBody, rowPreferences } from './row-answers.ts';
import { belowRow } from './below-row.ts';

/** `accounts(key)` and everything below it. */
export function rowResource(
  call: Call,
  table: TableDefinition,
  given: RowKey,
  rest: readonly Segment[],
): ApiResponse | Promise<ApiResponse> {
  const key = call.method === 'PATCH' ? partitionedKey(call, table, given) : given;
  const row =
    call.method === 'GET' ? visibleRow(call, table, key) : findByKey(call.context.environment, table, key);
  if (rest.length > 0) return belowRow(call, table, row ?? missing(table, key), rest);
  switch (call.method) {
    case 'GET':
      return readOne(call, table, row ?? missing(table, key));
    case 'PATCH':
      return patch(call, table, key, row);
    case 'DELETE':
      return remove(call, table, row ?? missing(table, key));
    default:
      throw methodNotAllowed(call.method);
  }
}

/** An update of an elastic row may name the partition in its body; whether the one in the URL counts is not certain. */
function partitionedKey(call: Call, table: TableDefinition, key: RowKey): RowKey {
  if (table.tableType !== 'Elastic' || key.kind !== 'id') return key;
  const named = textMember(parseObject(bodyText(call), setName(table)), 'partitionid');
  const ignored = call.context.environment.switches.partitionInPatchUrl === 'ignored';
  const inUrl = call.url.query.has('partitionId') && ignored ? undefined : key.partition;
  const partition = named ?? inUrl;
  return partition === undefined ? { kind: 'id', id: key.id } : { kind: 'id', id: key.id, partition };
}

/** A reader of an elastic table may be behind. */
function visibleRow(call: Call, table: TableDefinition, key: RowKey): Row | undefined {
  if (table.tableType !== 'Elastic' || key.kind !== 'id')
    return findByKey(call.context.environment, table, key);
  return rowsOf(call.context, table, undefined).get(storageKey(table, key.id, key.partition));
}

function missing(table: TableDefinition, key: RowKey): never {
  throw key.kind === 'alternate' ? keyNotFound(table.logicalName) : rowNotFound(table.logicalName, key.id);
}

export function readOne(call: Call, table: TableDefinition, row: Row): ApiResponse {
  requireAccess(call.context, table, row, 'Read');
  const { body, etag } = rowBody(call, table, row);
  if (conditional(call, 'if-none-match') === etag)
    return { status: 304, headers: { ETag: etag }, body: undefined };
  return json(200, body, { ETag: etag, ...rowPreferences(call) });
}

/** `If-None-Match: null` is what clients send against caches; it means nothing. */
function conditional(call: Call, header: string): string | undefined {
  const value = call.headers.get(header)?.trim();
  return value === undefined || value === '' || value === 'null' ? undefined : value;
}

/** Update, or create where nothing is there and no `If-Match` forbids it. */
function patch(call: Call, table: TableDefinition, key: RowKey, row: Row | undefined): ApiResponse {
  const { context } = call;
  const ifMatch = conditional(call, 'if-match');
  if (row === undefined) {
    if (ifMatch !== undefined) missing(table, key);
    return insert(call, table, key);
  }
  if (conditional(call, 'if-none-match') === '*') throw duplicateRow();
  checkVersion(table, row, ifMatch);
  const body = parseObject(bodyText(call), setName(table));
  if (table.tableType === 'Elastic' && ifMatch === undefined) return replace(call, table, key, row, body);
  return written(call, table, updateRow(context, table, row, body), key, 200);
}

/** An upsert of an elastic row puts a whole new one in its place: what the body does not name is empty afterwards. */
function replace(call: Call, table: TableDefinition, key: RowKey, row: Row, body: JsonObject): ApiResponse {
  const { context } = call;
  requireAccess(context, table, row, 'Write');
  const { database } = context.environment;
  database.forget(table.logicalName, row.id);
  try {
    const created = createRow(context, table, body, optionsOf(context.environment, table, key));
    return written(call, table, created, key, 200);
  } catch (error) {
    // Elastic tables have no transactions that would bring it back.
    database.reinstate(table.logicalName, row);
    throw error;
  }
}

function optionsOf(environment: Environment, table: TableDefinition, key: RowKey): CreateOptions {
  if (key.kind === 'alternate') return { keyValues: keyAsValues(environment, table, key) };
  return key.partition === undefined ? { id: key.id } : { id: key.id, partition: key.partition };
}

function insert(call: Call, table: TableDefinition, key: RowKey): ApiResponse {
  const { context } = call;
  const body = parseObject(bodyText(call), setName(table));
  const options = optionsOf(context.environment, table, key);
  return written(call, table, createRow(context, table, body, options), key, 201);
}

function written(call: Call, table: TableDefinition, row: Row, key: RowKey, status: 200 | 201): ApiResponse {
  if (call.context.preferences.returnRepresentation) {
    const { body, etag } = rowBody(call, table, row, { expand: status === 201 });
    const headers = { ETag: etag, ...rowPreferences(call, 'return=representation') };
    return json(status, body, { ...headers, ...sessionHeaders(call.context.environment, table) });
  }
  const id = key.kind === 'alternate' ? key.text : publicId(table, row);
  return noContent({
    ...entityIdHeaders(call, table, id),
    ...sessionHeaders(call.context.environment, table),
  });
}

function remove(call: Call, table: TableDefinition, row: Row): ApiResponse {
  checkVersion(table, row, conditional(call, 'if-match'));
  deleteRow(call.context, table, row);
  return noContent();
}

/** 412 `0x80060882` where the etag is not that of the row. */
export function checkVersion(table: TableDefinition, row: Row, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  if (!table.optimisticConcurrency) throw concurrencyNotEnabled(table.logicalName);
  if (ifMatch !== etagOf(row)) throw versionMismatch();
}

import type { TableDefinition } from '../model/definitions.ts';
import { etagOf } from '../odata/print-row.ts';
import type { Segment } from '../odata/url.ts';
import { createRow } from '../service/create-row.ts';
import { deleteRow } from '../service/delete-row.ts';
import {
  concurrencyNotEnabled,
  duplicateRow,
  keyNotFound,
  methodNotAllowed,
  rowNotFound,
  versionMismatch,
} from '../service/errors.ts';
import { parseObject } from '../service/json.ts';
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
  key: RowKey,
  rest: readonly Segment[],
): ApiResponse | Promise<ApiResponse> {
  const row = findByKey(call.context.environment, table, key);
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
  const updated = updateRow(context, table, row, parseObject(bodyText(call), setName(table)));
  return written(call, table, updated, key, 200);
}

function insert(call: Call, table: TableDefinition, key: RowKey): ApiResponse {
  const { context } = call;
  const body = parseObject(bodyText(call), setName(table));
  const options =
    key.kind === 'id' ? { id: key.id } : { keyValues: keyAsValues(context.environment, table, key) };
  return written(call, table, createRow(context, table, body, options), key, 201);
}

function written(call: Call, table: TableDefinition, row: Row, key: RowKey, status: 200 | 201): ApiResponse {
  if (call.context.preferences.returnRepresentation) {
    const { body, etag } = rowBody(call, table, row, { expand: status === 201 });
    return json(status, body, { ETag: etag, ...rowPreferences(call, 'return=representation') });
  }
  return noContent(entityIdHeaders(call, table, key.kind === 'alternate' ? key.text : row.id));
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

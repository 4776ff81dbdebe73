import type { TableDefinition } from '../model/definitions.ts';
import { countRows, collectionFilter, readCollection } from '../odata/read-collection.ts';
import { countChanges, ignoresTracking, readChanges } from '../odata/read-changes.ts';
import { scheduleRetention } from '../odata/retention-runs.ts';
import { readFetchXml } from '../odata/fetchxml/read-fetchxml.ts';
import { readApply } from '../odata/read-apply.ts';
import { readSql } from '../odata/sql/read-sql.ts';
import type { Segment } from '../odata/url.ts';
import { createRow } from '../service/create-row.ts';
import { publicId } from '../service/elastic/row-key.ts';
import { sessionHeaders } from '../service/elastic/sessions.ts';
import { refuseRead } from '../service/unreadable-tables.ts';
import { methodNotAllowed, operationNotFound, segmentNotFound } from '../service/errors.ts';
import { parseObject } from '../service/json.ts';
import { setName } from '../service/payload.ts';
import { parseKey } from '../service/resolve.ts';
import { applied, bodyText, json, noContent, type ApiResponse, type Call } from './api.ts';
import { COLLECTION_ACTIONS } from './operations/multiple.ts';
import { entityIdHeaders, rowBody, rowPreferences } from './row-answers.ts';
import { rowResource } from './row-resource.ts';

/** `accounts`, `accounts/$count`, `accounts/Microsoft.Dynamics.CRM.CreateMultiple`, `accounts(…)…`. */
export function entitySet(
  call: Call,
  table: TableDefinition,
  first: Segment,
  rest: readonly Segment[],
): ApiResponse | Promise<ApiResponse> {
  if (first.argument !== undefined) {
    if (call.method === 'GET') refuseRead(call.context, table, 'row');
    return rowResource(call, table, parseKey(table, first.argument, call.url.query), rest);
  }
  const [second] = rest;
  if (second === undefined) return collection(call, table);
  if (second.name === '$count') return count(call, table);
  const action = COLLECTION_ACTIONS.get(second.name.replace(/^Microsoft\.Dynamics\.CRM\./, ''));
  if (action === undefined) throw segmentNotFound(second.name);
  if (call.method !== 'POST') throw operationNotFound(`${call.context.serviceRoot}${call.url.rawPath}`);
  return action(call, table);
}

function collection(call: Call, table: TableDefinition): ApiResponse {
  const { context, url } = call;
  switch (call.method) {
    case 'GET':
      refuseRead(context, table, 'collection');
      if (url.query.has('fetchXml')) return json(200, readFetchXml(context, table, url), pageHeaders(call));
      if (url.query.has('sql')) return json(200, readSql(context, table, url), pageHeaders(call));
      if (url.query.has('$apply')) return json(200, readApply(context, table, url), pageHeaders(call));
      if (isTracked(call, table)) {
        return json(200, readChanges(context, table, url), pageHeaders(call, 'odata.track-changes'));
      }
      return json(200, readCollection(context, table, url, setName(table)), pageHeaders(call));
    case 'POST':
      return create(call, table);
    default:
      throw methodNotAllowed(call.method);
  }
}

function isTracked({ context, url }: Call, table: TableDefinition): boolean {
  if (url.query.has('$deltatoken')) return true;
  if (url.query.get('$skiptoken')?.includes('istracking="True"') === true) return true;
  return context.preferences.trackChanges && !ignoresTracking(context, table);
}

export function pageHeaders(call: Call, extra?: string): Record<string, string> {
  const { maxPageSize, annotations } = call.context.preferences;
  return applied(
    extra,
    maxPageSize !== undefined && `odata.maxpagesize=${maxPageSize}`,
    annotations !== undefined && `odata.include-annotations="${annotations}"`,
  );
}

function create(call: Call, table: TableDefinition): ApiResponse {
  const { context } = call;
  const row = createRow(context, table, parseObject(bodyText(call), setName(table)));
  if (table.logicalName === 'retentionconfig') scheduleRetention(context, row);
  if (context.preferences.returnRepresentation) {
    const { body, etag } = rowBody(call, table, row);
    const headers = { ETag: etag, ...rowPreferences(call, 'return=representation') };
    return json(201, body, { ...headers, ...sessionHeaders(context.environment, table) });
  }
  return noContent({
    ...entityIdHeaders(call, table, publicId(table, row)),
    ...sessionHeaders(context.environment, table),
  });
}

function count(call: Call, table: TableDefinition): ApiResponse {
  if (call.method !== 'GET') throw methodNotAllowed(call.method);
  const { context, url } = call;
  const number = url.query.has('$deltatoken')
    ? countChanges(context, table, url)
    : countRows(context, table, collectionFilter(context, table, url.query), undefined).count;
  return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: String(number) };
}

import type { TableDefinition } from '../../model/definitions.ts';
import { parseGuid } from '../../model/guid.ts';
import { createRow } from '../../service/create-row.ts';
import { badRequest, ServiceError } from '../../service/errors.ts';
import { isList, isObject, textMember, type JsonObject } from '../../service/json.ts';
import { supportsMessage, type BulkMessage } from '../../service/messages.ts';
import { findByKey, keyAsValues, parseReference } from '../../service/resolve.ts';
import { updateRow } from '../../service/update-row.ts';
import type { ApiResponse, Call } from '../api.ts';
import { noContent } from '../api.ts';
import { elasticMultiple } from './elastic-multiple.ts';
import { fulfillSalesOrder } from './closing-operations.ts';
import { result } from './operation.ts';
import { actionBody, missingParameter } from './targets.ts';

type CollectionAction = (call: Call, table: TableDefinition) => ApiResponse;

/**
 * Messages bound to a collection. The bulk ones are one transaction on standard tables; the first refusal undoes
 * all and does not say which row.
 */
export const COLLECTION_ACTIONS: ReadonlyMap<string, CollectionAction> = new Map([
  ['CreateMultiple', createMultiple],
  ['UpdateMultiple', updateMultiple],
  ['UpsertMultiple', upsertMultiple],
  ['DeleteMultiple', deleteMultiple],
  ['FulfillSalesOrder', fulfillSalesOrder],
]);

function createMultiple(call: Call, table: TableDefinition): ApiResponse {
  const targets = targetsOf(call, table, 'CreateMultiple');
  if (table.tableType === 'Elastic') return elasticMultiple(call, table, 'CreateMultiple', targets);
  const { database } = call.context.environment;
  const Ids = database.transaction(() => targets.map((target) => createRow(call.context, table, target).id));
  return result(call, 'CreateMultiple', { Ids });
}

function updateMultiple(call: Call, table: TableDefinition): ApiResponse {
  const targets = targetsOf(call, table, 'UpdateMultiple');
  if (table.tableType === 'Elastic') return elasticMultiple(call, table, 'UpdateMultiple', targets);
  call.context.environment.database.transaction(() => {
    for (const target of targets) {
      const id = idOf(table, target);
      const row = id === undefined ? undefined : call.context.environment.database.get(table.logicalName, id);
      if (row === undefined) throw rowsNotFound(table, id ?? '');
      updateRow(call.context, table, row, target);
    }
  });
  return noContent();
}

/** The bulk form of the refusal; clients that look at texts tell it from the single one by the plural. */
function rowsNotFound(table: TableDefinition, id: string): ServiceError {
  return new ServiceError(404, '0x80040217', `${table.schemaName} With Ids = ${id} Do Not Exist`);
}

function upsertMultiple(call: Call, table: TableDefinition): ApiResponse {
  const targets = targetsOf(call, table, 'UpsertMultiple');
  if (table.tableType === 'Elastic') return elasticMultiple(call, table, 'UpsertMultiple', targets);
  call.context.environment.database.transaction(() => {
    for (const target of targets) upsertOne(call, table, target);
  });
  return noContent();
}

function upsertOne(call: Call, table: TableDefinition, target: JsonObject): void {
  const { environment } = call.context;
  const url = textMember(target, '@odata.id');
  if (url !== undefined) {
    const { key } = parseReference(environment, url);
    const row = findByKey(environment, table, key);
    if (row !== undefined) return void updateRow(call.context, table, row, target);
    const options = key.kind === 'id' ? { id: key.id } : { keyValues: keyAsValues(environment, table, key) };
    refuseRepeatedKey(options.keyValues, target);
    return void createRow(call.context, table, target, options);
  }
  const id = idOf(table, target);
  const row = id === undefined ? undefined : environment.database.get(table.logicalName, id);
  if (row === undefined) createRow(call.context, table, target);
  else updateRow(call.context, table, row, target);
}

/** A key column in both the URL and the body is refused on the create path. */
function refuseRepeatedKey(
  keyValues: Readonly<Record<string, unknown>> | undefined,
  target: JsonObject,
): void {
  const repeated = Object.keys(keyValues ?? {}).find((column) => column in target);
  if (repeated !== undefined) {
    throw badRequest(`An item with the same key has already been added. Key: ${repeated}`, '0x80040216');
  }
}

function deleteMultiple(call: Call, table: TableDefinition): ApiResponse {
  if (table.tableType === 'Elastic')
    return elasticMultiple(call, table, 'DeleteMultiple', targetsOf(call, table, 'DeleteMultiple'));
  throw new ServiceError(
    501,
    '0x80060888',
    `DeleteMultiple has not yet been implemented. Entity: ${table.logicalName}`,
  );
}

function targetsOf(call: Call, table: TableDefinition, action: BulkMessage): readonly JsonObject[] {
  if (!supportsMessage(call.context.environment, table, action)) {
    throw badRequest(
      `The '${action}' message is not enabled on the entity '${table.logicalName}'.`,
      '0x80040800',
    );
  }
  const targets = actionBody(call, action)['Targets'];
  if (!isList(targets) || targets.length === 0) throw missingParameter('Targets', action);
  return targets.map((target) => {
    const type = isObject(target) ? textMember(target, '@odata.type') : undefined;
    if (!isObject(target) || type?.replace(/^#?Microsoft\.Dynamics\.CRM\./, '') !== table.logicalName) {
      throw badRequest(
        `Each target of '${action}' needs the '@odata.type' of the table ${table.logicalName}.`,
        '0x80048d19',
      );
    }
    return target;
  });
}

function idOf(table: TableDefinition, target: JsonObject): string | undefined {
  const text = textMember(target, table.primaryId);
  return text === undefined ? undefined : parseGuid(text);
}

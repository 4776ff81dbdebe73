import type { TableDefinition } from '../../model/definitions.ts';
import { createRow } from '../../service/create-row.ts';
import { deleteRow } from '../../service/delete-row.ts';
import { publicId, storageKey } from '../../service/elastic/row-key.ts';
import { sessionHeaders } from '../../service/elastic/sessions.ts';
import { rowNotFound, ServiceError } from '../../service/errors.ts';
import { parseGuid } from '../../model/guid.ts';
import { textMember, type JsonObject } from '../../service/json.ts';
import { updateRow } from '../../service/update-row.ts';
import type { Row } from '../../store/table-store.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { result } from './operation.ts';

/** What became of one target, as the error details of a bulk message tell it. */
interface Detail {
  readonly RequestIndex: number;
  readonly Id: string;
  readonly StatusCode: number;
}

type Work = (target: JsonObject) => { readonly id: string; readonly status: number };

/** The bulk messages of elastic tables: each target on its own, and what worked stays when another one fails. */
export function elasticMultiple(
  call: Call,
  table: TableDefinition,
  action: string,
  targets: readonly JsonObject[],
): ApiResponse {
  const { environment } = call.context;
  const details = runEach(targets, table, workOf(call, table, action));
  refuseFailures(details);
  const headers = action === 'DeleteMultiple' ? {} : sessionHeaders(environment, table);
  if (action !== 'CreateMultiple') return noContent(headers);
  const answer = result(call, action, { Ids: details.map((detail) => detail.Id) });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function workOf(call: Call, table: TableDefinition, action: string): Work {
  const { context } = call;
  const create: Work = (target) => ({ id: publicId(table, createRow(context, table, target)), status: 201 });
  const change: Work = (target) => {
    const row = requireRow(call, table, target);
    return { id: publicId(table, updateRow(context, table, row, target)), status: 204 };
  };
  const remove: Work = (target) => {
    const row = requireRow(call, table, target);
    deleteRow(context, table, row);
    return { id: publicId(table, row), status: 204 };
  };
  const upsert: Work = (target) => {
    const row = findRow(call, table, target);
    if (row === undefined) return create(target);
    context.environment.database.forget(table.logicalName, row.id);
    try {
      return { ...create(target), status: 200 };
    } catch (error) {
      context.environment.database.reinstate(table.logicalName, row);
      throw error;
    }
  };
  const works: Readonly<Record<string, Work>> = {
    CreateMultiple: create,
    UpdateMultiple: change,
    UpsertMultiple: upsert,
    DeleteMultiple: remove,
  };
  return works[action] ?? create;
}

function runEach(targets: readonly JsonObject[], table: TableDefinition, work: Work): readonly Detail[] {
  return targets.map((target, RequestIndex) => {
    try {
      const { id, status } = work(target);
      return { RequestIndex, Id: id, StatusCode: status };
    } catch (error) {
      // A refusal is this target's own outcome; anything else is a fault of ours and ends the request.
      if (!(error instanceof ServiceError)) throw error;
      return { RequestIndex, Id: textMember(target, table.primaryId) ?? '', StatusCode: error.status };
    }
  });
}

/** The details travel as JSON text in an annotation of the error. */
function refuseFailures(details: readonly Detail[]): void {
  const failed = details.filter((detail) => detail.StatusCode >= 400);
  if (failed.length === 0) return;
  throw new ServiceError(
    400,
    '0x80040216',
    `${failed.length} of ${details.length} operations have failed. See the error details for each of them.`,
    {
      annotations: {
        '@Microsoft.PowerApps.CDS.ErrorDetails.Plugin.BulkApiErrorDetails': JSON.stringify(details),
      },
    },
  );
}

function findRow(call: Call, table: TableDefinition, target: JsonObject): Row | undefined {
  const id = parseGuid(textMember(target, table.primaryId) ?? '');
  if (id === undefined) return undefined;
  const key = storageKey(table, id, textMember(target, 'partitionid'));
  return call.context.environment.database.get(table.logicalName, key);
}

function requireRow(call: Call, table: TableDefinition, target: JsonObject): Row {
  const row = findRow(call, table, target);
  if (row === undefined) throw rowNotFound(table.logicalName, textMember(target, table.primaryId) ?? '');
  return row;
}

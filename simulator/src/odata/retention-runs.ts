import { parse } from 'lossless-json';
import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { RequestContext } from '../service/context.ts';
import { deleteRow, rowsGoingAlong } from '../service/delete-row.ts';
import { onlyColumns } from '../service/environment.ts';
import { ServiceError } from '../service/errors.ts';
import { isList, isObject, textMember, type Json } from '../service/json.ts';
import type { Row } from '../store/table-store.ts';
import { plainText } from '../store/values.ts';
import { readFetchXml } from './fetchxml/read-fetchxml.ts';

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
const MARKED = 1;
const RETAINED = 2;
const RECURRENCES: Readonly<Record<string, number>> = {
  DAILY: DAY_MS,
  WEEKLY: 7 * DAY_MS,
  MONTHLY: 30 * DAY_MS,
  YEARLY: 365 * DAY_MS,
};

/** A new policy runs at its start time, with the rights of whoever made it, and again as often as it says. */
export function scheduleRetention(context: RequestContext, policy: Row): void {
  const { environment } = context;
  const start = plainText(policy.values['starttime']);
  const delayMs = start === '' ? 0 : Math.max(0, Date.parse(start) - environment.now());
  environment.schedule(delayMs, () => run(context, policy.id));
}

/** Marks the rows that the criteria choose; an hour later they are moved. */
function run(context: RequestContext, policyId: string): void {
  const { environment } = context;
  const policy = environment.database.get('retentionconfig', policyId);
  const table = environment.schema.table(plainText(policy?.values['entitylogicalname']));
  if (policy === undefined || table === undefined || policy.values['statecode'] !== 0) return;
  const ids = chosenIds(context, table, plainText(policy.values['criteria']));
  for (const id of ids) mark(context, table, id);
  const operation = environment.newId();
  putRow(context, 'retentionoperation', operation, {
    name: plainText(policy.values['name']),
    retentionconfigid: policyId,
    rootentity: table.logicalName,
    starttime: environment.timestamp(),
    operationstatus: MARKED,
  });
  environment.schedule(HOUR_MS, () => move(context, table, ids, operation));
  const again =
    RECURRENCES[
      plainText(policy.values['recurrence'])
        .replace(/^.*FREQ=/, '')
        .split(';')[0] ?? ''
    ];
  if (again !== undefined) environment.schedule(again, () => run(context, policyId));
}

/** The first page of the query decides: the service takes rows in portions too. */
function chosenIds(context: RequestContext, table: TableDefinition, criteria: string): readonly string[] {
  const fetchXml =
    criteria === ''
      ? `<fetch><entity name="${table.logicalName}"><attribute name="${table.primaryId}"/></entity></fetch>`
      : criteria;
  const url = {
    segments: [],
    query: new Map([['fetchXml', fetchXml]]),
    rawPath: table.logicalName,
    rawQuery: '',
  };
  const answer = parse(readFetchXml(context, table, url)) as Json; // lossless-json gives exactly these kinds of values
  const rows = isObject(answer) ? answer['value'] : undefined;
  return isList(rows) ? rows.filter(isObject).flatMap((row) => textMember(row, table.primaryId) ?? []) : [];
}

/** A marked row is still there and says that it is on its way out. */
function mark(context: RequestContext, table: TableDefinition, id: string): void {
  const { database } = context.environment;
  const row = database.get(table.logicalName, id);
  if (row === undefined || !table.columns.has('msft_datastate')) return;
  database.put(table.logicalName, id, { ...row.values, msft_datastate: 1 });
}

/** Copies the rows with what cascades from them, then deletes them as anybody would: change tracking sees a delete. */
function move(
  context: RequestContext,
  table: TableDefinition,
  ids: readonly string[],
  operation: string,
): void {
  const { environment } = context;
  const counts = new Map<string, number>();
  for (const id of ids) {
    const row = environment.database.get(table.logicalName, id);
    if (row !== undefined) moveOne(context, table, row, counts);
  }
  for (const [name, recordcount] of counts) {
    putRow(context, 'retentionoperationdetail', environment.newId(), {
      name,
      retentionoperationid: operation,
      entitylogicalname: name,
      recordcount,
    });
  }
  const values = environment.database.get('retentionoperation', operation)?.values ?? {};
  putRow(context, 'retentionoperation', operation, {
    ...values,
    endtime: environment.timestamp(),
    operationstatus: RETAINED,
  });
}

function moveOne(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  counts: Map<string, number>,
): void {
  const { environment } = context;
  const along = rowsGoingAlong(environment, table, row);
  try {
    deleteRow(context, table, row);
  } catch (error) {
    // A row that may not be deleted is left for the next run.
    if (error instanceof ServiceError) return;
    throw error;
  }
  for (const one of along) {
    environment.retention.keep(one.table.logicalName, one.row);
    counts.set(one.table.logicalName, (counts.get(one.table.logicalName) ?? 0) + 1);
  }
}

function putRow(
  context: RequestContext,
  name: string,
  id: string,
  values: Readonly<Record<string, StoredValue>>,
): void {
  const table = context.environment.schema.table(name);
  if (table === undefined) return;
  const all = { createdon: context.environment.timestamp(), statecode: 0, ...values, [table.primaryId]: id };
  context.environment.database.put(name, id, onlyColumns(table, all));
}

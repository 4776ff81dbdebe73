import type { TableDefinition } from '../model/definitions.ts';
import type { StoredValue } from '../model/seed.ts';
import type { RequestContext } from '../service/context.ts';
import { rowsGoingAlong } from '../service/delete-cascade.ts';
import { deleteRow } from '../service/delete-row.ts';
import { onlyColumns, type Environment } from '../service/environment.ts';
import { ServiceError } from '../service/errors.ts';
import type { Row } from '../store/table-store.ts';
import { isReference, plainText } from '../store/values.ts';
import { parseFetchXml } from './fetchxml/parse-fetchxml.ts';
import { referenceName } from './format-value.ts';
import { planOf } from './fetchxml/read-fetchxml.ts';
import { readTuples } from './fetchxml/read-tuples.ts';

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
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
    retentionconfigid: { table: 'retentionconfig', id: policyId },
    rootentitylogicalname: table.logicalName,
    starttime: environment.timestamp(),
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

/** Everything that the query finds for whoever made the policy, however many pages it would be. */
function chosenIds(context: RequestContext, table: TableDefinition, criteria: string): readonly string[] {
  const { logicalName } = table;
  const fetch = parseFetchXml(criteria === '' ? `<fetch><entity name="${logicalName}"/></fetch>` : criteria);
  const plan = planOf(context, table, fetch);
  const source = context.environment.database.store(logicalName);
  const tuples = [...readTuples(context, { plan, source, orders: [] })];
  return [...new Set(tuples.flatMap(([row]) => row?.id ?? []))];
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
  for (const [name, retentioncount] of counts) {
    putRow(context, 'retentionoperationdetail', environment.newId(), {
      name,
      retentionoperationid: { table: 'retentionoperation', id: operation },
      entitylogicalname: name,
      isrootentity: name === table.logicalName,
      retentioncount,
      failedcount: 0,
    });
  }
  const values = environment.database.get('retentionoperation', operation)?.values ?? {};
  putRow(context, 'retentionoperation', operation, {
    ...values,
    endtime: environment.timestamp(),
    retentioncount: [...counts.values()].reduce((sum, count) => sum + count, 0),
    failedcount: 0,
  });
}

function moveOne(
  context: RequestContext,
  table: TableDefinition,
  row: Row,
  counts: Map<string, number>,
): void {
  const { environment } = context;
  const along = rowsGoingAlong(environment, table, row).map((one) => ({
    table: one.table.logicalName,
    row: withNames(environment, one.row),
  }));
  try {
    deleteRow(context, table, row);
  } catch (error) {
    // A row that may not be deleted is left for the next run.
    if (error instanceof ServiceError) return;
    throw error;
  }
  for (const one of along) {
    environment.retention.keep(one.table, one.row);
    counts.set(one.table, (counts.get(one.table) ?? 0) + 1);
  }
}

/** Retained rows know their lookups by id and name: what they point to may change, or go, without them. */
function withNames(environment: Environment, row: Row): Row {
  const values = Object.entries(row.values).map(([column, value]) => {
    const name = isReference(value) ? referenceName(environment, value) : undefined;
    return [column, isReference(value) && name !== undefined ? { ...value, name } : value];
  });
  return { ...row, values: Object.fromEntries(values) as Row['values'] }; // the same columns
}

function putRow(
  context: RequestContext,
  name: string,
  id: string,
  values: Readonly<Record<string, StoredValue>>,
): void {
  const table = context.environment.schema.table(name);
  if (table === undefined) return;
  const now = context.environment.timestamp();
  const all = { createdon: now, statecode: 0, ...values, modifiedon: now, [table.primaryId]: id };
  context.environment.database.put(name, id, onlyColumns(table, all));
}

import { missingPrivilege, privilegeDepth } from '../../security/rights.ts';
import type { TableDefinition } from '../../model/definitions.ts';
import { tuplesOf } from '../../odata/fetchxml/joins.ts';
import type { XmlElement } from '../../odata/fetchxml/parse-fetchxml.ts';
import { compilePlan } from '../../odata/fetchxml/plan.ts';
import { readableRows } from '../../odata/read-rows.ts';
import { BULK_DELETE, startJob } from '../../service/background-jobs.ts';
import { deleteRow } from '../../service/delete-row.ts';
import { badRequest, invalidArgument, ServiceError } from '../../service/errors.ts';
import { isList, isObject, numberText, textMember, type Json, type JsonObject } from '../../service/json.ts';
import { MISCELLANEOUS_PRIVILEGES } from '../../service/roles.ts';
import type { Row } from '../../store/table-store.ts';
import type { ApiResponse, Call } from '../api.ts';
import { result, type Operation } from './operation.ts';
import { actionBody, missingParameter, requireText } from './targets.ts';

const PRIVILEGE = 'prvBulkDelete';

/** The job that deletes what queries find, row by row: what cannot be deleted stays, the rest goes. */
export const bulkDeleteOperations = {
  BulkDelete: { method: 'POST', run: bulkDelete },
} satisfies Record<string, Operation>;

function bulkDelete(call: Call): ApiResponse {
  const { context } = call;
  if (privilegeDepth(context.caller, PRIVILEGE) === 0)
    throw missingPrivilege(context.caller, {
      name: PRIVILEGE,
      id: MISCELLANEOUS_PRIVILEGES[PRIVILEGE] ?? '',
    });
  const body = actionBody(call, 'BulkDelete');
  const set = body['QuerySet'];
  if (!isList(set) || set.length === 0) throw missingParameter('QuerySet', 'BulkDelete');
  const queries = set.map((query) => readQuery(call, query));
  const start = Date.parse(textMember(body, 'StartDateTime') ?? '');
  const job = {
    name: requireText(body, 'JobName', 'BulkDelete'),
    kind: BULK_DELETE,
    delayMs: Number.isNaN(start) ? 0 : start - context.environment.now(),
  };
  const JobId = startJob(context, job, () => {
    const refused = queries.flatMap(({ table, passes }) => deleteAll(call, table, passes));
    if (refused[0] !== undefined)
      throw new ServiceError(
        400,
        refused[0].code,
        `${refused.length} rows were not deleted. ${refused[0].message}`,
      );
  });
  return result(call, 'BulkDelete', { JobId });
}

/** Deletes each row in a transaction of its own; returns what was refused. */
function deleteAll(call: Call, table: TableDefinition, passes: (row: Row) => boolean): ServiceError[] {
  const { context } = call;
  const { database } = context.environment;
  const readable = readableRows(context, table);
  const ids = [...database.store(table.logicalName).values()]
    .filter((row) => readable(row) && passes(row))
    .map(({ id }) => id);
  return ids.flatMap((id) => {
    const row = database.get(table.logicalName, id);
    if (row === undefined) return [];
    try {
      deleteRow(context, table, row);
      return [];
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return [error];
    }
  });
}

function readQuery(call: Call, query: Json): { table: TableDefinition; passes: (row: Row) => boolean } {
  const { context } = call;
  const name = isObject(query) ? (textMember(query, 'EntityName') ?? '') : '';
  const table = context.environment.schema.table(name);
  if (!isObject(query) || table === undefined)
    throw badRequest(`The entity with a name = '${name}' was not found in the MetadataCache.`, '0x80041102');
  const criteria = query['Criteria'];
  const filter = isObject(criteria) ? [filterElement(criteria)] : [];
  const entity = element('entity', { name }, filter);
  const plan = compilePlan(context, table, entity);
  return { table, passes: (row) => tuplesOf(plan, row).next().done !== true };
}

/** A filter expression as the element of FetchXML that means the same. */
function filterElement(filter: JsonObject): XmlElement {
  const conditions = filter['Conditions'];
  const filters = filter['Filters'];
  const type = textMember(filter, 'FilterOperator') === 'Or' ? 'or' : 'and';
  return element('filter', { type }, [
    ...(isList(conditions) ? conditions.filter(isObject).map(conditionElement) : []),
    ...(isList(filters) ? filters.filter(isObject).map(filterElement) : []),
  ]);
}

const OPERATORS: Readonly<Record<string, string>> = {
  Equal: 'eq',
  NotEqual: 'ne',
  GreaterThan: 'gt',
  GreaterEqual: 'ge',
  LessThan: 'lt',
  LessEqual: 'le',
  Like: 'like',
  NotLike: 'not-like',
  BeginsWith: 'begins-with',
  EndsWith: 'ends-with',
  In: 'in',
  NotIn: 'not-in',
  Null: 'null',
  NotNull: 'not-null',
  On: 'on',
  OnOrAfter: 'on-or-after',
  OnOrBefore: 'on-or-before',
};

function conditionElement(condition: JsonObject): XmlElement {
  const name = textMember(condition, 'Operator') ?? '';
  const operator = OPERATORS[name];
  if (operator === undefined) throw invalidArgument(`The condition operator '${name}' is not supported.`);
  const values = condition['Values'];
  const children = (isList(values) ? values : []).map((value) => element('value', {}, [], valueText(value)));
  return element(
    'condition',
    { attribute: textMember(condition, 'AttributeName') ?? '', operator },
    children,
  );
}

/** `{"Value": "…", "Type": "System.Guid"}`, or the value itself. */
function valueText(value: Json): string {
  const inner = isObject(value) ? (value['Value'] ?? null) : value;
  if (typeof inner === 'boolean') return inner ? '1' : '0';
  return typeof inner === 'string' ? inner : (numberText(inner) ?? '');
}

function element(
  name: string,
  attributes: XmlElement['attributes'],
  children: XmlElement[],
  text = '',
): XmlElement {
  return { name, attributes, children, text };
}

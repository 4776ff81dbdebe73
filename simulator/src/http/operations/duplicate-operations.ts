import type { TableDefinition } from '../../model/definitions.ts';
import { parseArguments, unquote } from '../../odata/url.ts';
import { readCollection } from '../../odata/read-collection.ts';
import { PUBLISH_DUPLICATE_RULE, startJob } from '../../service/background-jobs.ts';
import { findDuplicates } from '../../service/duplicates.ts';
import { badRequest, rowNotFound, unsupportedMessage } from '../../service/errors.ts';
import { readPayload, setName } from '../../service/payload.ts';
import { requireAccess } from '../../service/update-row.ts';
import type { Row } from '../../store/table-store.ts';
import { plainText } from '../../store/values.ts';
import { json, noContent, type ApiResponse, type Call } from '../api.ts';
import { result, type Operation, type RowOperation } from './operation.ts';
import { actionBody, argumentValue, readTarget, requireText } from './targets.ts';

/** Rules against duplicates: published, taken back, and asked. */
export const duplicateOperations = {
  RetrieveDuplicates: { method: 'GET', run: retrieveDuplicates },
  UnpublishDuplicateRule: { method: 'POST', run: unpublish },
} satisfies Record<string, Operation>;

export const publishDuplicateRule: RowOperation = {
  method: 'POST',
  run(call, table, row) {
    requireRule(call, table, row);
    setStatus(call, row.id, { statecode: 0, statuscode: 1 });
    const job = { name: `Publish ${plainText(row.values['name'])}`, kind: PUBLISH_DUPLICATE_RULE };
    const JobId = startJob(call.context, job, () => setStatus(call, row.id, { statecode: 1, statuscode: 2 }));
    return result(call, 'PublishDuplicateRule', { JobId });
  },
};

function unpublish(call: Call): ApiResponse {
  const id = requireText(
    actionBody(call, 'UnpublishDuplicateRule'),
    'DuplicateRuleId',
    'UnpublishDuplicateRule',
  );
  const { schema, database } = call.context.environment;
  const table = schema.table('duplicaterule');
  const row = database.get('duplicaterule', id.toLowerCase());
  if (table === undefined || row === undefined) throw rowNotFound('duplicaterule', id);
  requireRule(call, table, row);
  setStatus(call, row.id, { statecode: 0, statuscode: 0 });
  return noContent();
}

function requireRule(call: Call, table: TableDefinition, row: Row): void {
  if (table.logicalName !== 'duplicaterule') throw unsupportedMessage(table.logicalName);
  requireAccess(call.context, table, row, 'Write');
}

/** Nothing where the rule was deleted before its job ran. */
function setStatus(call: Call, id: string, state: { statecode: number; statuscode: number }): void {
  const { database } = call.context.environment;
  const row = database.get('duplicaterule', id);
  if (row !== undefined) database.put('duplicaterule', id, { ...row.values, ...state });
}

/** The row in question may be one that is there, or values of one that is not. */
function retrieveDuplicates(call: Call, argument: string): ApiResponse {
  const action = 'RetrieveDuplicates';
  const { environment } = call.context;
  const { table, id, body } = readTarget(
    call,
    argumentValue(call, argument, 'BusinessEntity', action),
    action,
  );
  const name = unquote(parseArguments(argument, call.url.query).get('MatchingEntityName') ?? '');
  const matching = environment.schema.table(name);
  if (matching === undefined)
    throw badRequest(`The entity with a name = '${name}' was not found.`, '0x80041102');
  const stored = id === undefined ? undefined : environment.database.get(table.logicalName, id);
  const given = readPayload(call.context, table, body, 'update').values;
  const values = { ...stored?.values, ...Object.fromEntries(given) };
  const rows = findDuplicates(environment, table.logicalName, name, id ?? '', values);
  return json(200, readCollection(call.context, matching, call.url, setName(matching), rows));
}
